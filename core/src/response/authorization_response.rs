use std::borrow::Cow;
use std::fmt;

use super::{AuthorizationError, ParameterError, ParameterValue, ResponseParameters};
use crate::vocabulary::{RESPONSE_PARAMETERS, ResponseType};

/// The outcome of an authorization request: the one thing that a host hands in to be answered.
///
/// Success and error take the same way to the client.
#[derive(Clone, Debug, PartialEq)]
pub enum AuthorizationResponse {
    /// The request was granted.
    Success(AuthorizationSuccess),
    /// The request was refused or failed.
    Error(AuthorizationError),
}

impl AuthorizationResponse {
    /// The outcome of `response_type=code`.
    pub fn code(code: impl Into<String>) -> Self {
        AuthorizationSuccess::new().code(code).into()
    }
}

impl From<AuthorizationSuccess> for AuthorizationResponse {
    fn from(success: AuthorizationSuccess) -> Self {
        Self::Success(success)
    }
}

impl From<AuthorizationError> for AuthorizationResponse {
    fn from(error: AuthorizationError) -> Self {
        Self::Error(error)
    }
}

/// What a granted request returns from the authorization endpoint.
///
/// Which of its members must and may be there follows from the response type; a mismatch is
/// refused, so a token never leaves where only a code was asked for ([OAuth 2.0 Multiple Response
/// Types 5], [OpenID Connect Core 3.3.2.5]). `state` and `iss` are the library's.
///
/// ```
/// use jarm_core::response::AuthorizationSuccess;
///
/// let hybrid = AuthorizationSuccess::new()
///     .code("SplxlOBeZQQYbYS6WxSbIA")
///     .access_token("2YotnFZFEjr1zCsicMWpAA", "Bearer")
///     .expires_in(3600)
///     .id_token("eyJ…");
/// # let _ = hybrid;
/// ```
///
/// [OAuth 2.0 Multiple Response Types 5]: https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#Combinations
/// [OpenID Connect Core 3.3.2.5]: https://openid.net/specs/openid-connect-core-1_0.html#HybridAuthResponse
#[derive(Clone, Default, PartialEq)]
pub struct AuthorizationSuccess {
    code: Option<String>,
    access_token: Option<(String, Cow<'static, str>)>,
    expires_in: Option<u64>,
    scope: Option<String>,
    id_token: Option<String>,
    session_state: Option<String>,
    extensions: ResponseParameters,
}

impl AuthorizationSuccess {
    /// Nothing but `state`: the outcome of `response_type=none`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The authorization code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The access token and its `token_type`.
    #[must_use]
    pub fn access_token(
        mut self,
        token: impl Into<String>,
        token_type: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.access_token = Some((token.into(), token_type.into()));
        self
    }

    /// The access token's lifetime in seconds. A JSON number in JWT modes.
    #[must_use]
    pub fn expires_in(mut self, seconds: u64) -> Self {
        self.expires_in = Some(seconds);
        self
    }

    /// The access token's scope, where it differs from the requested one.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// The ID Token, in compact serialisation.
    #[must_use]
    pub fn id_token(mut self, id_token: impl Into<String>) -> Self {
        self.id_token = Some(id_token.into());
        self
    }

    /// The `session_state` of OpenID Connect Session Management.
    #[must_use]
    pub fn session_state(mut self, session_state: impl Into<String>) -> Self {
        self.session_state = Some(session_state.into());
        self
    }

    /// Adds an extension parameter.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Reserved`] for parameters that have a method of their own or are the
    /// library's (`iss` may be repeated as it is); [`ParameterError::Duplicate`] and [`ParameterError::Name`] as they say. Claims
    /// with a meaning of their own, such as `aud` or `sub`, are refused when it is answered.
    pub fn parameter(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<ParameterValue>,
    ) -> Result<Self, ParameterError> {
        let name = name.into();
        if name != "iss" && RESPONSE_PARAMETERS.contains(&name.as_ref()) {
            return Err(ParameterError::Reserved(name.into_owned()));
        }
        self.extensions.insert(name, value)?;
        Ok(self)
    }

    /// Checks the members against what the response type returns.
    fn check(&self, response_type: &ResponseType) -> Result<(), OutcomeError> {
        let members = [
            ("code", self.code.is_some(), response_type.contains("code")),
            (
                "access_token",
                self.access_token.is_some(),
                response_type.contains("token"),
            ),
            (
                "id_token",
                self.id_token.is_some(),
                response_type.contains("id_token"),
            ),
        ];
        for (name, present, demanded) in members {
            match (present, demanded) {
                (false, true) => return Err(OutcomeError::Missing(name, response_type.clone())),
                (true, false) => return Err(OutcomeError::Unexpected(name, response_type.clone())),
                _ => {}
            }
        }
        for (name, present) in [
            ("expires_in", self.expires_in.is_some()),
            ("scope", self.scope.is_some()),
        ] {
            if present && self.access_token.is_none() {
                return Err(OutcomeError::Unexpected(name, response_type.clone()));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for AuthorizationSuccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationSuccess")
            .finish_non_exhaustive()
    }
}

impl AuthorizationResponse {
    /// The outcome's parameters in the order of the specifications, without `state` and `iss`.
    ///
    /// A request whose response type is missing can only be answered with an error.
    pub(crate) fn into_parameters(
        self,
        response_type: Option<&ResponseType>,
    ) -> Result<ResponseParameters, OutcomeError> {
        let mut parameters = ResponseParameters::with_capacity(8);
        match self {
            Self::Error(error) => {
                let (code, description, uri) = error.into_parts();
                parameters.insert("error", ParameterValue::Text(code))?;
                for (name, value) in [("error_description", description), ("error_uri", uri)] {
                    if let Some(value) = value {
                        parameters.insert(name, ParameterValue::Text(value))?;
                    }
                }
            }
            Self::Success(success) => {
                success.check(response_type.ok_or(OutcomeError::ErrorOnly)?)?;
                let AuthorizationSuccess {
                    code,
                    access_token,
                    expires_in,
                    scope,
                    id_token,
                    session_state,
                    extensions,
                } = success;
                let (access_token, token_type) = access_token.unzip();
                let members = [
                    ("code", code.map(ParameterValue::from)),
                    ("access_token", access_token.map(ParameterValue::from)),
                    ("token_type", token_type.map(ParameterValue::Text)),
                    ("expires_in", expires_in.map(ParameterValue::from)),
                    ("scope", scope.map(ParameterValue::from)),
                    ("id_token", id_token.map(ParameterValue::from)),
                    ("session_state", session_state.map(ParameterValue::from)),
                ];
                for (name, value) in members {
                    if let Some(value) = value {
                        parameters.insert(name, value)?;
                    }
                }
                for (name, value) in extensions {
                    parameters.insert(name, value)?;
                }
            }
        }
        Ok(parameters)
    }
}

/// The outcome does not fit the request. The host's mistake: nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutcomeError {
    /// The response type demands a member that the outcome lacks.
    #[error("the response type `{1}` demands `{0}`, and the outcome has none")]
    Missing(&'static str, ResponseType),
    /// The outcome has a member that the response type does not return.
    #[error("the response type `{1}` does not return `{0}`, and the outcome has one")]
    Unexpected(&'static str, ResponseType),
    /// The request has no usable response type, so only an error can answer it.
    #[error("a request without a usable response type can only be answered with an error")]
    ErrorOnly,
    /// A parameter cannot be added.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> AuthorizationSuccess {
        AuthorizationSuccess::new()
            .code("c")
            .access_token("a", "Bearer")
            .id_token("i")
    }

    #[test]
    fn each_response_type_returns_its_own_parameters() {
        for response_type in ResponseType::STANDARD {
            let mut success = AuthorizationSuccess::new();
            for value in response_type.values() {
                success = match value {
                    "code" => success.code("c"),
                    "token" => success.access_token("a", "Bearer"),
                    "id_token" => success.id_token("i"),
                    _ => success,
                };
            }
            assert_eq!(success.check(&response_type), Ok(()), "{response_type}");
            assert_eq!(
                full().check(&response_type).is_ok(),
                response_type == ResponseType::CODE_ID_TOKEN_TOKEN
            );
            let empty = AuthorizationSuccess::new().check(&response_type);
            assert_eq!(empty.is_ok(), response_type == ResponseType::NONE);
        }
    }

    #[test]
    fn the_code_flow_returns_no_scope() {
        let outcome = AuthorizationSuccess::new().code("c").scope("openid");
        let error = outcome.check(&ResponseType::CODE);
        assert_eq!(
            error,
            Err(OutcomeError::Unexpected("scope", ResponseType::CODE))
        );
    }

    #[test]
    fn parameters_with_methods_of_their_own_are_not_extensions() {
        for own in ["code", "state", "response", "error"] {
            let refused = AuthorizationSuccess::new().parameter(own, "x");
            assert_eq!(refused, Err(ParameterError::Reserved(own.into())));
        }
    }
}
