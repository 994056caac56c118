//! Errors: of `oauth-as` for the client, and of everybody for the user alone.

use std::borrow::Cow;

use jarm_core::authorization_server::Error;
use jarm_core::response::{AuthorizationError, ErrorCode};
use oauth_as::error::ErrorResponse;

/// An error of `oauth-as` as one of `jarm`. What it says is kept; `state` and `iss` are `jarm`'s.
pub fn authorization_error(theirs: ErrorResponse) -> AuthorizationError {
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

/// What the user alone is told, on a page of the host's own: nothing goes to the client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// `oauth-as` forbids a redirect: client or redirect URI are not valid, or it failed.
    #[error("{0}")]
    Direct(ErrorResponse),
    /// Redirect URI or scope are not those any more that the user saw.
    #[error("redirect URI or scope have changed since the user was asked")]
    Changed,
    /// `jarm` has no answer.
    #[error(transparent)]
    NotAnswered(Error),
}

impl LocalError {
    /// The status of the page.
    pub fn http_status(&self) -> u16 {
        match self {
            // Nobody authenticates here: the 401 of `invalid_client` is the token endpoint's.
            Self::Direct(error) if error.error == oauth_as::error::ErrorCode::ServerError => 500,
            Self::Direct(_) | Self::Changed => 400,
            Self::NotAnswered(error) => error.http_status(),
        }
    }

    /// A sentence for the user, as plain text: escape it where it is put into HTML.
    pub fn public_message(&self) -> Cow<'static, str> {
        match self {
            Self::Direct(error) => error.to_string().into(),
            Self::Changed => {
                "The application's registration has changed. Go back to it and start again.".into()
            }
            Self::NotAnswered(error) => error.public_message().into(),
        }
    }
}

impl<E: Into<Error>> From<E> for LocalError {
    fn from(error: E) -> Self {
        Self::NotAnswered(error.into())
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
        let error = authorization_error(theirs.clone());
        assert_eq!(error.error().as_str(), "invalid_target");
        assert_eq!(error.error_description(), Some("no such resource"));
        assert_eq!(error.error_uri(), Some("https://as.example/help#target"));

        let error = authorization_error(theirs.with_uri("not a URI"));
        assert_eq!(error.error_description(), Some("no such resource"));
        assert_eq!(error.error_uri(), None);
    }
}
