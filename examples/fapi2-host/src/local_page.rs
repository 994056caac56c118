use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use jarm_oauth_as::LocalError;

/// What the user alone is told: nothing goes to the client.
#[derive(Debug)]
pub(crate) struct LocalPage {
    status: u16,
    text: String,
}

impl LocalPage {
    pub(crate) fn refused(why: &str) -> Self {
        Self {
            status: 400,
            text: why.to_owned(),
        }
    }
}

impl<E: Into<LocalError>> From<E> for LocalPage {
    fn from(error: E) -> Self {
        let error = error.into();
        let source: &dyn std::error::Error = &error; // with its sources
        tracing::info!(error = source, "the user is told");
        Self {
            status: error.http_status(),
            text: error.public_message().into_owned(),
        }
    }
}

impl IntoResponse for LocalPage {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(CACHE_CONTROL, "no-store")], self.text).into_response()
    }
}
