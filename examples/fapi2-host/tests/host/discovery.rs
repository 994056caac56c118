//! What the host says about itself is true.

use serde_json::json;

use crate::support::{ISSUER, Setup};

#[tokio::test]
async fn discovery_says_this_and_no_more() {
    let mut setup = Setup::new().await;
    let document = setup.get("/.well-known/oauth-authorization-server").await;
    let algorithms = json!(["ES256", "EdDSA", "PS256"]);
    let expected = json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "pushed_authorization_request_endpoint": format!("{ISSUER}/par"),
        "jwks_uri": format!("{ISSUER}/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query.jwt", "form_post.jwt", "jwt"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "authorization_signing_alg_values_supported": ["PS256", "ES256", "Ed25519"],
        "request_object_signing_alg_values_supported": ["PS256", "ES256", "Ed25519", "EdDSA"],
        "request_parameter_supported": true,
        "request_uri_parameter_supported": false,
        "require_pushed_authorization_requests": true,
        "require_signed_request_object": true,
        "authorization_response_iss_parameter_supported": true,
    });
    assert_eq!(document.json(), expected);
}

#[tokio::test]
async fn every_endpoint_that_discovery_names_is_there() {
    let mut setup = Setup::new().await;
    let document = setup.get("/.well-known/oauth-authorization-server").await;
    let document = document.json();
    let members = document.as_object().unwrap().iter();
    let endpoints = members.filter(|(name, _)| name.ends_with("endpoint") || *name == "jwks_uri");
    for (name, url) in endpoints {
        let path = url.as_str().unwrap().strip_prefix(ISSUER).unwrap();
        assert_ne!(setup.get(path).await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn every_response_mode_that_discovery_names_is_taken() {
    let mut setup = Setup::new().await;
    for mode in ["query.jwt", "form_post.jwt", "jwt"] {
        let request = setup.client.request_with("response_mode", mode);
        assert_eq!(setup.push(request).await.status, 201, "{mode}");
    }
}
