//! Errors: of `oauth-as` for the client, and of everybody for the user alone.

use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use jarm::authorization_server::Error;
use jarm::axum::ErrorPage;
use jarm::response::{AuthorizationError, ErrorCode};
use oauth_as::error::ErrorResponse;

/// An error of `oauth-as` as one of `jarm`. What it says is kept; `state` and `iss` are `jarm`'s.
pub(crate) fn for_client(theirs: ErrorResponse) -> AuthorizationError {
    let code = ErrorCode::try_new(theirs.error.as_str()).unwrap_or(ErrorCode::SERVER_ERROR);
    let mut error = AuthorizationError::new(code);
    if let Some(description) = theirs.error_description {
        error = error.description(description);
    }
    match theirs.error_uri {
        Some(uri) => error.clone().uri(uri).unwrap_or(error),
        None => error,
    }
}

/// What the user alone is told: nothing goes to the client.
#[derive(Debug)]
pub(crate) enum LocalPage {
    /// The request cannot be trusted, or `oauth-as` forbids a redirect.
    Refused(StatusCode, String),
    /// `jarm` has no answer.
    NotAnswered(Error),
}

impl LocalPage {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(StatusCode::BAD_REQUEST, why.into())
    }

    /// An error that `oauth-as` calls direct.
    pub(crate) fn direct(error: &ErrorResponse) -> Self {
        let status = match error.error {
            oauth_as::error::ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::Refused(status, error.to_string())
    }
}

impl<E: Into<Error>> From<E> for LocalPage {
    fn from(error: E) -> Self {
        Self::NotAnswered(error.into())
    }
}

impl IntoResponse for LocalPage {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(status, why) => {
                (status, [(CACHE_CONTROL, "no-store")], why).into_response()
            }
            Self::NotAnswered(error) => ErrorPage(error).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_oauth_as_says_is_kept() {
        let theirs = ErrorResponse::new(oauth_as::error::ErrorCode::InvalidTarget)
            .with_description("no such resource")
            .with_uri("https://as.example/help#target");
        let error = for_client(theirs.clone());
        assert_eq!(error.error().as_str(), "invalid_target");
        assert_eq!(error.error_description(), Some("no such resource"));
        assert_eq!(error.error_uri(), Some("https://as.example/help#target"));

        let error = for_client(theirs.with_uri("not a URI"));
        assert_eq!(error.error_description(), Some("no such resource"));
        assert_eq!(error.error_uri(), None);
    }
}
