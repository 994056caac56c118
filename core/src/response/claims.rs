use std::borrow::Cow;
use std::fmt::Debug;

use serde::Serialize;

use super::{ParameterError, ParameterValue, ResponseParameters};
use crate::clock::UnixTime;
use crate::rules::DeclarableClaim;
use crate::vocabulary::{ClientId, Issuer, RESPONSE_PARAMETERS, ResponseMode, ResponseType};

/// Claims that only the library sets. No parameter and no hook overwrites them.
const OWN: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];

/// A hook that adds claims to every response JWT, beside the parameters.
///
/// It runs after all parameters are there and cannot replace any of them.
pub trait AdditionalClaims: Debug + Send + Sync {
    /// Adds claims for this response.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]: nothing is then signed or sent.
    fn add(
        &self,
        context: &ClaimsContext<'_>,
        claims: &mut ResponseClaims,
    ) -> Result<(), ClaimsError>;
}

const _: Option<&dyn AdditionalClaims> = None;

/// What an [`AdditionalClaims`] hook knows of the response.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClaimsContext<'a> {
    /// Whom the response is for.
    pub client_id: &'a ClientId,
    /// What was asked for; `None` when the request had no usable response type.
    pub response_type: Option<&'a ResponseType>,
    /// The mode that was negotiated.
    pub response_mode: &'a ResponseMode,
}

/// The claims of one response JWT ([JARM 2.1]).
///
/// [JARM 2.1]: https://openid.net/specs/oauth-v2-jarm.html#section-2.1
#[derive(Debug)]
pub struct ResponseClaims {
    claims: ResponseParameters,
    declared: Vec<DeclarableClaim>,
}

impl ResponseClaims {
    /// The response parameters as claims.
    ///
    /// A parameter `iss` that equals the issuer is the claim itself; any other is refused.
    pub(crate) fn of(
        parameters: ResponseParameters,
        issuer: &Issuer,
        declared: &[DeclarableClaim],
    ) -> Result<Self, ClaimsError> {
        let mut claims = Self {
            claims: ResponseParameters::with_capacity(parameters.len()),
            declared: declared.to_vec(),
        };
        for (name, value) in parameters {
            if name == "iss" && value.as_text() == issuer.as_str() {
                continue;
            }
            claims.add(name, value)?;
        }
        Ok(claims)
    }

    /// Adds a claim.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Reserved`] for claims that the library sets, that are registered response
    /// parameters, or that mark another kind of JWT; [`ParameterError::Duplicate`] when a
    /// parameter or an earlier claim has the name.
    pub fn insert(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<ParameterValue>,
    ) -> Result<(), ClaimsError> {
        let name = name.into();
        if is_one_of(&RESPONSE_PARAMETERS, &name) {
            return Err(ParameterError::Reserved(name.into_owned()).into());
        }
        self.add(name, value.into())
    }

    fn add(&mut self, name: Cow<'static, str>, value: ParameterValue) -> Result<(), ClaimsError> {
        let is_anothers = DeclarableClaim::ALL
            .into_iter()
            .filter(|claim| !self.declared.contains(claim))
            .any(|claim| claim.as_str().eq_ignore_ascii_case(&name));
        if is_one_of(&OWN, &name) || is_anothers || is_one_of(&["response"], &name) {
            return Err(ParameterError::Reserved(name.into_owned()).into());
        }
        Ok(self.claims.insert(name, value)?)
    }

    /// The claims set in JSON.
    pub(crate) fn to_json(
        &self,
        registered: &RegisteredClaims<'_>,
    ) -> Result<Vec<u8>, ClaimsError> {
        let mut json = Vec::with_capacity(1024);
        serde_json::to_writer(&mut json, registered).map_err(|_| ClaimsError::Json)?;
        for (name, value) in self.claims.iter() {
            json.pop(); // the closing brace
            json.push(b',');
            serde_json::to_writer(&mut json, name).map_err(|_| ClaimsError::Json)?;
            json.push(b':');
            serde_json::to_writer(&mut json, value).map_err(|_| ClaimsError::Json)?;
            json.push(b'}');
        }
        Ok(json)
    }
}

/// Claims are compared exactly; a receiver that does not should not be misled either.
fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// The registered claims that the library sets.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct RegisteredClaims<'a> {
    pub(crate) iss: &'a Issuer,
    pub(crate) aud: &'a ClientId,
    pub(crate) exp: UnixTime,
    pub(crate) iat: UnixTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jti: Option<&'a str>,
}

/// The claims of a response cannot be made. The host's mistake: nothing is signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// A parameter or claim is refused.
    #[error("the response JWT cannot hold it: {0}")]
    Parameter(#[from] ParameterError),
    /// A value has no JSON form.
    #[error("a claim has no JSON form")]
    Json,
    /// A hook failed.
    #[error("the hook for additional claims failed")]
    Hook(#[source] crate::future::BoxError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer() -> Issuer {
        Issuer::try_new("https://as.example").unwrap()
    }

    fn parameters(name: &'static str, value: &'static str) -> ResponseParameters {
        let mut parameters = ResponseParameters::default();
        parameters.insert(name, value).unwrap();
        parameters
    }

    #[test]
    fn no_parameter_overwrites_a_claim() {
        let anothers = DeclarableClaim::ALL.map(DeclarableClaim::as_str);
        for name in OWN.into_iter().chain(anothers).chain(["response"]) {
            let claims = ResponseClaims::of(parameters(name, "evil"), &issuer(), &[]);
            let reserved = ParameterError::Reserved(name.into());
            assert!(
                matches!(claims, Err(ClaimsError::Parameter(e)) if e == reserved),
                "{name}"
            );
        }
    }

    #[test]
    fn a_declared_claim_is_allowed_and_an_own_one_never() {
        let declared = [DeclarableClaim::Sub];
        assert!(ResponseClaims::of(parameters("sub", "s"), &issuer(), &declared).is_ok());
        assert!(ResponseClaims::of(parameters("exp", "1"), &issuer(), &declared).is_err());
    }

    #[test]
    fn an_iss_parameter_must_equal_the_claim() {
        let same =
            ResponseClaims::of(parameters("iss", "https://as.example"), &issuer(), &[]).unwrap();
        assert!(same.claims.is_empty());
        assert!(
            ResponseClaims::of(parameters("iss", "https://as.example/"), &issuer(), &[]).is_err()
        );
    }

    #[test]
    fn strings_stay_strings_and_numbers_stay_numbers() {
        let mut all = parameters("state", "007");
        all.insert("expires_in", 3600).unwrap();
        all.insert("flag", serde_json::json!({"a": [true]}))
            .unwrap();
        let client_id = ClientId::try_new("cid").unwrap();
        let registered = RegisteredClaims {
            iss: &issuer(),
            aud: &client_id,
            exp: UnixTime::from_seconds(120),
            iat: UnixTime::from_seconds(0),
            jti: None,
        };
        let json = ResponseClaims::of(all, &issuer(), &[])
            .unwrap()
            .to_json(&registered)
            .unwrap();
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"iss":"https://as.example","aud":"cid","exp":120,"iat":0,"state":"007","expires_in":3600,"flag":{"a":[true]}}"#
        );
    }
}
