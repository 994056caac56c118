use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use jarm_core::authorization_server::Error;
use jarm_core::response::EncodedResponse;

/// An encoded response as actix-web's: status, headers and body as they are.
///
/// Cookies can be set beside it, in actix-web's usual way: `Answer(encoded).customize()`.
#[derive(Clone, Debug)]
pub struct Answer(pub EncodedResponse);

impl From<Answer> for HttpResponse {
    fn from(Answer(encoded): Answer) -> Self {
        let mut response = Self::build(status(encoded.status()));
        for header in encoded.headers() {
            // Core writes visible ASCII only; what is not fails here, with status 500.
            response.append_header(header);
        }
        response.body(encoded.into_body())
    }
}

impl Responder for Answer {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into()
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

impl fmt::Display for ErrorPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.public_message())
    }
}

impl ResponseError for ErrorPage {
    fn status_code(&self) -> StatusCode {
        status(self.0.http_status())
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code())
            .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(self.0.public_message())
    }
}

pub(crate) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
