use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::request::DuplicateParameter;
use crate::vocabulary::InvalidValue;

/// The `error` of an authorization response.
///
/// An open set: the registered codes are constants ([RFC 6749 4.1.2.1], [OpenID Connect Core
/// 3.1.2.6]).
///
/// [RFC 6749 4.1.2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
/// [OpenID Connect Core 3.1.2.6]: https://openid.net/specs/openid-connect-core-1_0.html#AuthError
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode(Cow<'static, str>);

macro_rules! codes {
    ($($constant:ident = $name:literal;)+) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub const $constant: Self = Self(Cow::Borrowed($name));
        )+
    };
}

impl ErrorCode {
    codes! {
        INVALID_REQUEST = "invalid_request";
        UNAUTHORIZED_CLIENT = "unauthorized_client";
        ACCESS_DENIED = "access_denied";
        UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type";
        UNSUPPORTED_RESPONSE_MODE = "unsupported_response_mode";
        INVALID_SCOPE = "invalid_scope";
        SERVER_ERROR = "server_error";
        TEMPORARILY_UNAVAILABLE = "temporarily_unavailable";
        INTERACTION_REQUIRED = "interaction_required";
        LOGIN_REQUIRED = "login_required";
        ACCOUNT_SELECTION_REQUIRED = "account_selection_required";
        CONSENT_REQUIRED = "consent_required";
        INVALID_REQUEST_URI = "invalid_request_uri";
        INVALID_REQUEST_OBJECT = "invalid_request_object";
        REQUEST_NOT_SUPPORTED = "request_not_supported";
        REQUEST_URI_NOT_SUPPORTED = "request_uri_not_supported";
        REGISTRATION_NOT_SUPPORTED = "registration_not_supported";
    }

    /// Makes a code of an extension.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty or has characters outside `%x20-21`, `%x23-5B` and
    /// `%x5D-7E`.
    pub fn try_new(code: impl Into<Cow<'static, str>>) -> Result<Self, InvalidValue> {
        let code = code.into();
        if code.is_empty() || !code.chars().all(is_error_character) {
            return Err(InvalidValue(
                "an error code is visible ASCII without `\"` and `\\`".into(),
            ));
        }
        Ok(Self(code))
    }

    /// The value as clients receive it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An authorization error for the client: what RFC 6749 4.1.2.1 calls an error response.
///
/// `state` and `iss` are added when it is answered. Errors before client and redirect URI are
/// validated must stay local and have no way into a redirect.
///
/// ```
/// use jarm_core::response::{AuthorizationError, ErrorCode};
///
/// let error = AuthorizationError::new(ErrorCode::INVALID_SCOPE)
///     .description("the scope “admin” is not for this client\n");
/// assert_eq!(error.error_description(), Some("the scope ?admin? is not for this client "));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", code, description.as_deref().map(|text| format!(": {text}")).unwrap_or_default())]
pub struct AuthorizationError {
    code: ErrorCode,
    description: Option<Cow<'static, str>>,
    uri: Option<Cow<'static, str>>,
}

/// As an endpoint that answers the client directly puts it into JSON: `error`, `error_description`,
/// `error_uri` ([RFC 6749 5.2]).
///
/// [RFC 6749 5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
impl Serialize for AuthorizationError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = [
            ("error", Some(self.code.as_str())),
            ("error_description", self.description.as_deref()),
            ("error_uri", self.uri.as_deref()),
        ];
        serializer.collect_map(members.into_iter().filter(|(_, value)| value.is_some()))
    }
}

impl AuthorizationError {
    /// An error without description.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            description: None,
            uri: None,
        }
    }

    /// The code, as it stands in `error`.
    pub fn code(&self) -> &ErrorCode {
        &self.code
    }

    /// The resource owner, or the server on their behalf, denied the request.
    pub fn access_denied() -> Self {
        Self::new(ErrorCode::ACCESS_DENIED)
    }

    /// `prompt=none` was asked for and the user is not logged in.
    pub fn login_required() -> Self {
        Self::new(ErrorCode::LOGIN_REQUIRED)
    }

    /// The server failed; the host's log says why.
    pub fn server_error() -> Self {
        Self::new(ErrorCode::SERVER_ERROR)
    }

    /// The request is malformed.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::INVALID_REQUEST).description(description)
    }

    /// Sets `error_description`. Characters that RFC 6749 does not allow there are replaced:
    /// white space by a space, `"` by `'`, `\` by `/`, everything else by `?`.
    #[must_use]
    pub fn description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        self.description = Some(if description.chars().all(is_error_character) {
            description
        } else {
            Cow::Owned(description.chars().map(replace).collect())
        });
        self
    }

    /// Sets `error_uri`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty or has characters outside `%x21`, `%x23-5B` and
    /// `%x5D-7E`.
    pub fn uri(mut self, uri: impl Into<Cow<'static, str>>) -> Result<Self, InvalidValue> {
        let uri = uri.into();
        if uri.is_empty() || !uri.chars().all(|c| c != ' ' && is_error_character(c)) {
            return Err(InvalidValue(
                "an error_uri is a URI-reference in ASCII".into(),
            ));
        }
        self.uri = Some(uri);
        Ok(self)
    }

    /// `error`
    pub fn error(&self) -> &ErrorCode {
        &self.code
    }

    /// `error_description`
    pub fn error_description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// `error_uri`
    pub fn error_uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }

    pub(crate) fn into_parts(
        self,
    ) -> (
        Cow<'static, str>,
        Option<Cow<'static, str>>,
        Option<Cow<'static, str>>,
    ) {
        let Self {
            code,
            description,
            uri,
        } = self;
        (code.0, description, uri)
    }
}

impl From<DuplicateParameter> for AuthorizationError {
    fn from(error: DuplicateParameter) -> Self {
        Self::invalid_request(error.to_string())
    }
}

fn is_error_character(c: char) -> bool {
    matches!(c, '\x20'..='\x7e') && !matches!(c, '"' | '\\')
}

fn replace(c: char) -> char {
    match c {
        '"' => '\'',
        '\\' => '/',
        c if is_error_character(c) => c,
        c if c.is_whitespace() => ' ',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_parameters_hold_only_the_characters_of_rfc_6749() {
        let error = AuthorizationError::new(ErrorCode::INVALID_REQUEST)
            .description("a\"b\\c\nd\u{e9}\u{0}e");
        assert_eq!(error.error_description(), Some("a'b/c d??e"));
        assert!(ErrorCode::try_new("bad\"code").is_err());
        assert!(ErrorCode::try_new("").is_err());
        assert!(ErrorCode::try_new("caf\u{e9}").is_err());
        assert!(
            AuthorizationError::server_error()
                .uri("https://as.example/e 1")
                .is_err()
        );
        assert!(
            AuthorizationError::server_error()
                .uri("https://as.example/e#1")
                .is_ok()
        );
    }
}
