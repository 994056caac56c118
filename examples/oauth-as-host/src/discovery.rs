//! What the server says about itself.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jarm::jose::JwkSet;
use serde_json::Value;

use crate::App;

/// `GET /.well-known/oauth-authorization-server`: the document of `oauth-as`, with the members
/// that follow from response modes and keys laid over it.
pub(crate) async fn metadata(State(app): State<App>) -> Response {
    let mut document = app.oauth.metadata();
    document.grant_types_supported = vec!["authorization_code".to_owned()];
    document.token_endpoint_auth_methods_supported = vec!["none".to_owned()];
    document.revocation_endpoint = None;
    let Ok(Value::Object(mut document)) = serde_json::to_value(document) else {
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    document.remove("device_authorization_endpoint"); // not served here
    app.responses.server.metadata().merge_into(&mut document);
    Json(document).into_response()
}

/// `GET /jwks`
pub(crate) async fn jwks(State(app): State<App>) -> Json<JwkSet> {
    Json(app.responses.server.jwks().clone())
}
