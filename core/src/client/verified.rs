use std::fmt;

use serde_json::{Map, Value};

use super::{Reason, RefusedResponse, Step, Transaction};
use crate::jose::peek_at_claims;
use crate::response::{AuthorizationError, ErrorCode, ParameterValue, ResponseParameters};
use crate::rules::DeclarableClaim;
use crate::vocabulary::{Issuer, Protection};

/// Claims that are about the JWT, and no parameters of the response.
const OWN: [&str; 7] = ["iss", "aud", "exp", "iat", "nbf", "jti", "response"];

/// The response parameters among verified claims. Claims that are not known are kept; those that
/// mark another kind of JWT are not, nor is what no parameter can be called.
pub(super) fn parameters_of(claims: Map<String, Value>) -> ResponseParameters {
    let anothers = DeclarableClaim::ALL.map(DeclarableClaim::as_str);
    let mut parameters = ResponseParameters::with_capacity(claims.len());
    for (name, value) in claims {
        if !OWN.contains(&name.as_str()) && !anothers.contains(&name.as_str()) {
            let _ = parameters.insert(name, value);
        }
    }
    parameters
}

/// An authorization response that was verified in every step: a success, or an error to be
/// believed.
///
/// Only [`ResponseVerifier::verify`](super::ResponseVerifier::verify) makes one. `Debug` shows the
/// names of the parameters only.
#[derive(Clone, Debug)]
pub struct VerifiedResponse {
    outcome: Result<VerifiedSuccess, AuthorizationError>,
    parameters: ResponseParameters,
    jwt_id: Option<String>,
    protection: Protection,
}

impl VerifiedResponse {
    /// Checks parameters that were verified against what was asked for.
    pub(super) fn try_new(
        parameters: ResponseParameters,
        jwt_id: Option<String>,
        transaction: &Transaction,
    ) -> Result<Self, RefusedResponse> {
        check_state(&parameters, transaction).map_err(|reason| Step::State.refuses(reason))?;
        let outcome = outcome(&parameters, transaction);
        Ok(Self {
            outcome: outcome.map_err(|reason| Step::Parameters.refuses(reason))?,
            parameters,
            jwt_id,
            protection: transaction.protection(),
        })
    }

    /// What the server decided.
    ///
    /// # Errors
    ///
    /// The [`AuthorizationError`] that the server sent. Characters that its parameters must not
    /// have are replaced in the description.
    pub fn outcome(&self) -> Result<&VerifiedSuccess, &AuthorizationError> {
        self.outcome.as_ref()
    }

    /// The same by value.
    ///
    /// # Errors
    ///
    /// As with [`outcome`](Self::outcome).
    pub fn into_outcome(self) -> Result<VerifiedSuccess, AuthorizationError> {
        self.outcome
    }

    /// All parameters of success or error with their JSON types, those of extensions too, without
    /// `iss` and the other claims of the JWT.
    pub fn parameters(&self) -> &ResponseParameters {
        &self.parameters
    }

    /// The JWT's `jti`, if it has one.
    pub fn jwt_id(&self) -> Option<&str> {
        self.jwt_id.as_deref()
    }

    /// Whether it was a JWT, or plain parameters in a mode that was asked for as such.
    pub fn protection(&self) -> Protection {
        self.protection
    }
}

/// What a success consists of ([RFC 6749 4.1.2], [OpenID Connect Core 3.3.2.5]).
///
/// The `code`, `access_token` and `id_token` are there exactly if the response type asks for them.
/// An ID Token is not validated here; its `iss`, where it can be read, is that of the response.
///
/// [RFC 6749 4.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
/// [OpenID Connect Core 3.3.2.5]: https://openid.net/specs/openid-connect-core-1_0.html#HybridAuthResponse
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedSuccess {
    /// The authorization code.
    pub code: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// The access token's type.
    pub token_type: Option<String>,
    /// The access token's lifetime in seconds.
    pub expires_in: Option<u64>,
    /// The access token's scope.
    pub scope: Option<String>,
    /// The ID Token, in compact serialisation.
    pub id_token: Option<String>,
    /// The `session_state` of OpenID Connect Session Management.
    pub session_state: Option<String>,
}

impl fmt::Debug for VerifiedSuccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedSuccess").finish_non_exhaustive()
    }
}

/// Compares `state` in constant time ([RFC 6749 10.12]).
///
/// [RFC 6749 10.12]: https://www.rfc-editor.org/rfc/rfc6749#section-10.12
fn check_state(parameters: &ResponseParameters, transaction: &Transaction) -> Result<(), Reason> {
    use subtle::ConstantTimeEq as _;
    let found = text(parameters, "state")?.unwrap_or_default();
    let same = found.as_bytes().ct_eq(transaction.state().as_bytes());
    bool::from(same).then_some(()).ok_or(Reason::OtherState)
}

fn outcome(
    parameters: &ResponseParameters,
    transaction: &Transaction,
) -> Result<Result<VerifiedSuccess, AuthorizationError>, Reason> {
    if let Some(code) = text(parameters, "error")? {
        return error(code, parameters).map(Err);
    }
    let success = success(parameters, transaction)?;
    Ok(Ok(success))
}

fn error(code: &str, parameters: &ResponseParameters) -> Result<AuthorizationError, Reason> {
    for name in ["code", "access_token", "id_token"] {
        if parameters.get(name).is_some() {
            return Err(Reason::Unexpected(name));
        }
    }
    let code = ErrorCode::try_new(code.to_owned()).map_err(|_| Reason::Type("error"))?;
    let mut error = AuthorizationError::new(code);
    if let Some(description) = text(parameters, "error_description")? {
        error = error.description(description.to_owned());
    }
    if let Some(uri) = text(parameters, "error_uri")? {
        error = error
            .uri(uri.to_owned())
            .map_err(|_| Reason::Type("error_uri"))?;
    }
    Ok(error)
}

fn success(
    parameters: &ResponseParameters,
    transaction: &Transaction,
) -> Result<VerifiedSuccess, Reason> {
    let asked_for = transaction.asked_for();
    let owned = |name| text(parameters, name).map(|found| found.map(str::to_owned));
    let demanded = |name, value| match (owned(name)?, asked_for.contains(value)) {
        (None, true) => Err(Reason::Missing(name)),
        (Some(_), false) => Err(Reason::Unexpected(name)),
        (found, _) => Ok(found),
    };
    let success = VerifiedSuccess {
        code: demanded("code", "code")?,
        access_token: demanded("access_token", "token")?,
        token_type: owned("token_type")?,
        expires_in: expires_in(parameters)?,
        scope: owned("scope")?,
        id_token: demanded("id_token", "id_token")?,
        session_state: owned("session_state")?,
    };
    if success.access_token.is_some() && success.token_type.is_none() {
        return Err(Reason::Missing("token_type"));
    }
    if let Some(id_token) = &success.id_token {
        check_issuer_of(id_token, transaction.issuer())?;
    }
    Ok(success)
}

/// Every issuer in a response is the same one ([RFC 9207 2.4]). An ID Token that is encrypted shows
/// its own to whoever decrypts it.
///
/// [RFC 9207 2.4]: https://www.rfc-editor.org/rfc/rfc9207#section-2.4
fn check_issuer_of(id_token: &str, issuer: &Issuer) -> Result<(), Reason> {
    let Some(claims) = peek_at_claims(id_token) else {
        let is_encrypted = id_token.split('.').count() == 5;
        return is_encrypted.then_some(()).ok_or(Reason::Type("id_token"));
    };
    let same = claims.get("iss").and_then(Value::as_str) == Some(issuer.as_str());
    same.then_some(()).ok_or(Reason::OtherIssuer)
}

/// A number in a JWT ([JARM 2.1]); servers that write it as text, as plain modes do, are understood.
///
/// [JARM 2.1]: https://openid.net/specs/oauth-v2-jarm.html#section-2.1
fn expires_in(parameters: &ResponseParameters) -> Result<Option<u64>, Reason> {
    let seconds = match parameters.get("expires_in") {
        None => return Ok(None),
        Some(ParameterValue::Number(number)) => number.as_u64(),
        Some(ParameterValue::Text(digits)) => digits.parse().ok(),
        Some(ParameterValue::Json(_)) => None,
    };
    seconds.map(Some).ok_or(Reason::Type("expires_in"))
}

/// A parameter that is text; an empty one counts as absent.
fn text<'a>(
    parameters: &'a ResponseParameters,
    name: &'static str,
) -> Result<Option<&'a str>, Reason> {
    match parameters.get(name) {
        None => Ok(None),
        Some(ParameterValue::Text(text)) => Ok(Some(text.as_ref()).filter(|text| !text.is_empty())),
        Some(_) => Err(Reason::Type(name)),
    }
}
