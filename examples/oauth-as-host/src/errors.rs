//! What the user alone is told: nothing goes to the client.

use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use jarm_oauth_as::LocalError;

/// A page of plain text.
#[derive(Debug)]
pub(crate) enum LocalPage {
    /// The request cannot be trusted.
    Refused(&'static str),
    /// One of the libraries has no answer.
    NotAnswered(LocalError),
}

impl<E: Into<LocalError>> From<E> for LocalPage {
    fn from(error: E) -> Self {
        Self::NotAnswered(error.into())
    }
}

impl IntoResponse for LocalPage {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Refused(why) => (400, why.into()),
            Self::NotAnswered(error) => (error.http_status(), error.public_message()),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(CACHE_CONTROL, "no-store")], text).into_response()
    }
}
