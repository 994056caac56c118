//! What a request says about its answer.

use crate::request::RequestParameters;
use crate::response::{AuthorizationError, ErrorCode};
use crate::vocabulary::{Protection, ResponseType, names_jwt};

/// What the request says about its answer, and the first thing that is wrong with its form.
pub(super) struct Asked<'a> {
    pub(super) response_type: Option<ResponseType>,
    pub(super) response_mode: AskedMode<'a>,
    pub(super) state: Option<String>,
    pub(super) complaint: Option<AuthorizationError>,
}

#[derive(Clone, Copy)]
pub(super) enum AskedMode<'a> {
    /// None, so the response type's default.
    Default,
    /// One, known or not.
    Named(&'a str),
    /// Several, which is never usable; whether any of them means a JWT.
    Several(Protection),
}

impl AskedMode<'_> {
    /// Whether the client asked for a JWT, be it in a mode that does not exist.
    pub(super) fn protection(self) -> Protection {
        match self {
            Self::Named(name) if names_jwt(name) => Protection::Jwt,
            Self::Named(_) | Self::Default => Protection::Plain,
            Self::Several(wanted) => wanted,
        }
    }
}

impl<'a> Asked<'a> {
    pub(super) fn read(request: &'a RequestParameters) -> Self {
        let mut complaint = None;
        let mut note = |error: AuthorizationError| {
            complaint.get_or_insert(error);
        };
        let response_type = match request.single("response_type") {
            Ok(Some(value)) => ResponseType::try_new(value)
                .map_err(|error| note(AuthorizationError::invalid_request(error.to_string())))
                .ok(),
            Ok(None) => {
                note(AuthorizationError::invalid_request(
                    "response_type is missing",
                ));
                None
            }
            Err(error) => {
                note(error.into());
                None
            }
        };
        let response_mode = match request.single("response_mode") {
            Ok(None) => AskedMode::Default,
            Ok(Some(name)) => AskedMode::Named(name),
            Err(error) => {
                note(error.into());
                let mut all = request.iter().filter(|(name, _)| *name == "response_mode");
                AskedMode::Several(if all.any(|(_, value)| names_jwt(value)) {
                    Protection::Jwt
                } else {
                    Protection::Plain
                })
            }
        };
        let state = request.single("state").unwrap_or_else(|error| {
            note(error.into());
            None
        });
        if let Some(error) = request.duplicate() {
            note(error.into());
        }
        if let Some(error) = unresolved(request) {
            note(error);
        }
        Self {
            response_type,
            response_mode,
            state: state.map(str::to_owned),
            complaint,
        }
    }
}

/// A request object or handle that nobody resolved: what stands beside it does not count, so there
/// is nothing to answer ([OpenID Connect Core 3.1.2.6]).
///
/// [OpenID Connect Core 3.1.2.6]: https://openid.net/specs/openid-connect-core-1_0.html#AuthError
fn unresolved(request: &RequestParameters) -> Option<AuthorizationError> {
    let is_there = |name: &str| request.present().any(|(own, _)| own == name);
    if is_there("request") {
        return Some(AuthorizationError::new(ErrorCode::REQUEST_NOT_SUPPORTED));
    }
    let code = ErrorCode::REQUEST_URI_NOT_SUPPORTED;
    is_there("request_uri").then(|| AuthorizationError::new(code))
}
