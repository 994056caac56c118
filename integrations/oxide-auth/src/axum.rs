//! The front end oxide-auth-axum.

use axum::extract::{FromRequest, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use oxide_auth_axum::{OAuthRequest, WebError};

use crate::{Answer, Content, JarmRequest, LocalError};

impl<S: Send + Sync> FromRequest<S> for JarmRequest<OAuthRequest> {
    type Rejection = WebError;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, WebError> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let cookies = request.headers().get_all(COOKIE).iter().cloned();
        let cookies: Vec<_> = cookies.collect();
        if request.method() != Method::POST {
            // axum takes the query of a GET for a form, and a link must not decide. A POST without a
            // body has none.
            *request.method_mut() = Method::POST;
            request.headers_mut().remove(CONTENT_TYPE);
        }
        let inner = OAuthRequest::from_request(request, state).await?;
        Ok(Self::new(inner, query, cookies))
    }
}

impl<W: IntoResponse> IntoResponse for Answer<W> {
    fn into_response(self) -> Response {
        let set_cookie = self.set_cookie().map(HeaderValue::from_str);
        let mut response = match self.into_content() {
            Content::Page(page) => {
                let mut page = page.into_response();
                let cache_control = page.headers_mut().entry(CACHE_CONTROL);
                cache_control.or_insert(HeaderValue::from_static("no-store")); // it holds the ticket
                page
            }
            Content::Response(encoded) => jarm_axum::Answer(encoded).into_response(),
        };
        match set_cookie {
            Some(Ok(cookie)) => response.headers_mut().append(SET_COOKIE, cookie),
            Some(Err(_)) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            None => false,
        };
        response
    }
}

/// The page that the user sees: plain text with status and sentence; the endpoint's own error is shown
/// as oxide-auth-axum does. Hosts with a page of their own match on the error instead.
impl<E: Into<WebError>> IntoResponse for LocalError<E> {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http_status());
        let message = self.public_message();
        match self {
            Self::Endpoint(error) => error.into().into_response(),
            Self::NotBound | Self::Changed | Self::NotAnswered(_) | Self::UnexpectedRedirect => {
                let headers = [
                    (CONTENT_TYPE, "text/plain; charset=utf-8"),
                    (CACHE_CONTROL, "no-store"),
                ];
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (status, headers, message).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Method;

    use super::*;

    async fn has_form(method: Method) -> bool {
        let request = Request::builder()
            .method(method)
            .uri("/?ticket=t&decision=allow")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("decision=deny"));
        let request = JarmRequest::<OAuthRequest>::from_request(request.unwrap(), &()).await;
        let request = request.unwrap();
        assert!(request.inner().query().is_some());
        request.inner().body().is_some()
    }

    #[tokio::test]
    async fn a_link_is_no_form() {
        assert!(!has_form(Method::GET).await);
        assert!(!has_form(Method::HEAD).await);
        assert!(has_form(Method::POST).await);
    }
}
