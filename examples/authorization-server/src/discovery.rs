//! What the server says about itself: its metadata and its public keys.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::clients::AUTH_METHODS;
use crate::id_token;
use crate::request::SCOPES;
use crate::state::{App, endpoint};

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`: the
/// host's members, and those that follow from response modes and keys.
pub(crate) async fn metadata(State(app): State<App>) -> Response {
    let mut document = json!({
        "authorization_endpoint": endpoint(&app.server, "/authorize"),
        "token_endpoint": endpoint(&app.server, "/token"),
        "pushed_authorization_request_endpoint": endpoint(&app.server, "/par"),
        "registration_endpoint": endpoint(&app.server, "/register"),
        "jwks_uri": endpoint(&app.server, "/jwks"),
        "scopes_supported": SCOPES,
        "grant_types_supported": ["authorization_code", "implicit"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": id_token::signer(&app.server).map(|own| own.algorithm()).into_iter().collect::<Vec<_>>(),
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "c_hash"],
        "claims_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    if let Value::Object(document) = &mut document {
        if app.requires_pushed_requests() {
            let required = "require_pushed_authorization_requests";
            document.insert(required.to_owned(), true.into());
        }
        app.server.metadata().merge_into(document);
    }
    json_response(StatusCode::OK, &document)
}

/// `GET /jwks`: may be kept for as long as the rotation of keys waits for.
pub(crate) async fn jwks(State(app): State<App>) -> Response {
    let keep = format!("max-age={}", app.server.jwks_max_age());
    let jwks = json_response(StatusCode::OK, &app.server.jwks());
    ([(CACHE_CONTROL, keep)], jwks).into_response()
}

pub(crate) fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(json) => (status, [(CONTENT_TYPE, "application/json")], json).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
