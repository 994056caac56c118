use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use jarm_core::authorization_server::Error;
use jarm_core::response::EncodedResponse;

/// An encoded response as axum's: status, headers and body as they are.
///
/// Cookies can be set beside it, in axum's usual way: `(headers, Answer(encoded))`.
#[derive(Clone, Debug)]
pub struct Answer(pub EncodedResponse);

impl IntoResponse for Answer {
    fn into_response(self) -> axum::response::Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status(self.0.status());
        for (name, value) in self.0.headers() {
            // Core writes visible ASCII only; a value that is not would be a header injection.
            let Ok(value) = HeaderValue::from_str(value) else {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            };
            response
                .headers_mut()
                .append(HeaderName::from_static(name), value);
        }
        *response.body_mut() = Body::from(self.0.into_body());
        response
    }
}

/// The page that a user sees when nothing can go to the client: plain text with the status and
/// sentence of the [`Error`]. Hosts that render a page of their own match on the error instead.
#[derive(Debug)]
pub struct ErrorPage(pub Error);

impl<E: Into<Error>> From<E> for ErrorPage {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> axum::response::Response {
        let headers = [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
        ];
        (
            status(self.0.http_status()),
            headers,
            self.0.public_message(),
        )
            .into_response()
    }
}

pub(crate) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
