//! What the server says about itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::App;

/// `GET /.well-known/oauth-authorization-server`
pub(crate) async fn metadata(State(app): State<Arc<App>>) -> Json<Value> {
    let mut document = app.host().metadata();
    // oauth-as tells what it could do. This is what is done here.
    for not_served in [
        "device_authorization_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
    ] {
        document.remove(not_served);
    }
    let algorithms = app.algorithms();
    let own = json!({
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "require_pushed_authorization_requests": true,
        "require_signed_request_object": true,
        "request_uri_parameter_supported": false, // of others: none is fetched
    });
    if let Value::Object(own) = own {
        document.extend(own);
    }
    Json(Value::Object(document))
}

/// `GET /jwks`
pub(crate) async fn jwks(State(app): State<Arc<App>>) -> Response {
    let max_age = format!("max-age={}", app.jarm.jwks_max_age());
    ([(CACHE_CONTROL, max_age)], Json(app.jarm.jwks())).into_response()
}
