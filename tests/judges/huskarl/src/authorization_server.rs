//! The endpoints of an authorization server as far as huskarl asks for them, without a network.

use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::server_metadata::AuthorizationServerMetadata;
use huskarl::core::{EndpointUrl, Error};
use serde_json::{Value, json};

/// Hands out a JWK Set, and tokens for whatever code; remembers which code that was.
#[derive(Clone)]
pub(crate) struct AuthorizationServer {
    token_endpoint: EndpointUrl,
    jwks: Bytes,
    redeemed: Arc<Mutex<Option<String>>>,
}

impl AuthorizationServer {
    pub(crate) fn new(metadata: &AuthorizationServerMetadata, jwks: &Value) -> Self {
        Self {
            token_endpoint: metadata.token_endpoint.clone(),
            jwks: jwks.to_string().into(),
            redeemed: Arc::default(),
        }
    }

    /// The code that tokens were asked for with.
    pub(crate) fn redeemed(&self) -> Option<String> {
        let redeemed = self.redeemed.lock();
        redeemed.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tokens(&self, request: &[u8]) -> Bytes {
        let code = form_urlencoded::parse(request).find(|(name, _)| name == "code");
        let mut redeemed = self.redeemed.lock().unwrap_or_else(PoisonError::into_inner);
        *redeemed = code.map(|(_, code)| code.into_owned());
        json!({ "access_token": "any", "token_type": "bearer" })
            .to_string()
            .into()
    }
}

impl HttpClient for AuthorizationServer {
    fn execute(
        &self,
        request: Request<Bytes>,
        _: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, Error>> {
        let body = if request.uri() == self.token_endpoint.as_uri() {
            self.tokens(request.body())
        } else {
            self.jwks.clone()
        };
        Box::pin(ready(Ok(HttpResponse {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body,
        })))
    }
}
