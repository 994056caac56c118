//! What the server says about itself.

use axum::Json;
use axum::extract::State;
use jarm::jose::JwkSet;
use serde_json::Value;

use crate::App;

/// `GET /.well-known/oauth-authorization-server`: the document of `oauth-as`, with the members
/// that follow from response modes and keys laid over it.
pub(crate) async fn metadata(State(app): State<App>) -> Json<Value> {
    let mut document = app.host().metadata();
    for not_served in [
        "device_authorization_endpoint",
        "revocation_endpoint",
        "token_endpoint_auth_signing_alg_values_supported",
    ] {
        document.remove(not_served);
    }
    small_host::describe(&mut document);
    Json(Value::Object(document))
}

/// `GET /jwks`
pub(crate) async fn jwks(State(app): State<App>) -> Json<JwkSet> {
    Json(app.responses.server.jwks().clone())
}
