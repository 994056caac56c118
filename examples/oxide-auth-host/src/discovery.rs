//! What the server says about itself.

use jarm::AuthorizationServer;
use serde_json::{Map, Value, json};

use crate::SCOPE;

/// What is served as `/.well-known/oauth-authorization-server`: what oxide-auth does, with the members that
/// follow from response modes and keys.
pub(crate) fn metadata(server: &AuthorizationServer) -> Map<String, Value> {
    let url = |path: &str| Value::from(format!("{}{path}", server.issuer()));
    let own = [
        ("authorization_endpoint", url("/authorize")),
        ("token_endpoint", url("/token")),
        ("jwks_uri", url("/jwks")),
        ("scopes_supported", json!([SCOPE])),
        ("code_challenge_methods_supported", json!(["S256"])),
    ];
    let mut document = Map::from_iter(own.map(|(name, value)| (name.to_owned(), value)));
    server.metadata().merge_into(&mut document);
    small_host::describe(&mut document);
    document
}
