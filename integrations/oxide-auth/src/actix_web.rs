//! The front end oxide-auth-actix.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderValue, SET_COOKIE};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, ResponseError};
use oxide_auth_actix::{OAuthRequest, WebError};

use crate::{Answer, Content, JarmRequest, LocalError};

impl FromRequest for JarmRequest<OAuthRequest> {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let query = request.query_string().to_owned();
        let cookies: Vec<_> = request.headers().get_all(COOKIE).cloned().collect();
        let inner = OAuthRequest::from_request(request, payload);
        Box::pin(async move { Ok(Self::new(inner.await?, query, cookies)) })
    }
}

impl<W: Responder<Body = BoxBody>> Responder for Answer<W> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let set_cookie = self.set_cookie().map(HeaderValue::from_str);
        let mut response = match self.into_content() {
            Content::Page(page) => {
                let mut page = page.respond_to(request);
                if !page.headers().contains_key(CACHE_CONTROL) {
                    let no_store = HeaderValue::from_static("no-store"); // it holds the ticket
                    page.headers_mut().insert(CACHE_CONTROL, no_store);
                }
                page
            }
            Content::Response(encoded) => jarm_actix_web::Answer(encoded).respond_to(request),
        };
        match set_cookie {
            Some(Ok(cookie)) => response.headers_mut().append(SET_COOKIE, cookie),
            Some(Err(_)) => return HttpResponse::InternalServerError().finish(),
            None => {}
        }
        response
    }
}

/// The page that the user sees: plain text with status and sentence. Hosts with a page of their own
/// match on the error instead.
impl<E: Debug> ResponseError for LocalError<E> {
    fn status_code(&self) -> StatusCode {
        let status = StatusCode::from_u16(self.http_status());
        status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code())
            .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(self.public_message())
    }
}
