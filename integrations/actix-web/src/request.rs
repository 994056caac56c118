use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::{ErrorMethodNotAllowed, ErrorUnsupportedMediaType};
use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{Error, FromRequest, HttpRequest};
use jarm_core::RequestParameters;

/// The parameters of an authorization request, duplicates included: the query of a GET, the form
/// of a POST ([RFC 6749 3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)).
///
/// A POST is read from its body alone; what stands in its query does not count. Bodies are
/// limited by actix-web's `PayloadConfig`. A HEAD is refused: it would be answered, and use up what is answered
/// once.
#[derive(Clone, Debug)]
pub struct Parameters(pub RequestParameters);

impl FromRequest for Parameters {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move { Self::read(&request, &mut payload).await })
    }
}

impl Parameters {
    pub(crate) async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Error> {
        if request.method() == Method::HEAD {
            return Err(ErrorMethodNotAllowed(
                "an authorization request is a GET or a POST",
            ));
        }
        if request.method() == Method::GET {
            let query = request.query_string();
            return Ok(Self(RequestParameters::from_urlencoded(query)));
        }
        let is_form = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(RequestParameters::is_urlencoded);
        if !is_form {
            return Err(ErrorUnsupportedMediaType("a form is expected"));
        }
        let body = Bytes::from_request(request, payload).await?;
        Ok(Self(RequestParameters::from_urlencoded(body)))
    }
}
