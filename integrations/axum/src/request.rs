use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use jarm_core::RequestParameters;

/// The parameters of an authorization request, duplicates included: the query of a GET, the form
/// of a POST ([RFC 6749 3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)).
///
/// A POST is read from its body alone; what stands in its query does not count. Bodies are
/// limited by axum's `DefaultBodyLimit`. A HEAD, which axum hands to the handler of GET, is refused: it
/// would be answered, and use up what is answered once.
#[derive(Clone, Debug)]
pub struct Parameters(pub RequestParameters);

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if request.method() == Method::HEAD {
            let allowed = [(ALLOW, "GET, POST")];
            return Err((StatusCode::METHOD_NOT_ALLOWED, allowed).into_response());
        }
        if request.method() == Method::GET {
            let query = request.uri().query().unwrap_or_default();
            return Ok(Self(RequestParameters::from_urlencoded(query)));
        }
        let is_form = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(RequestParameters::is_urlencoded);
        if !is_form {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self(RequestParameters::from_urlencoded(body)))
    }
}
