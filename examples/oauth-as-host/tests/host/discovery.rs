//! The metadata tell the truth.

use host_testing::Browser;
use serde_json::json;

use crate::support::{HostBrowser as _, ISSUER};

#[tokio::test]
async fn the_metadata_hold_the_members_of_both_libraries() {
    let mut browser = Browser::new().await;
    let document = browser
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    let expected = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token",
        "jwks_uri": "https://as.example/jwks",
        "scopes_supported": ["read", "write"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "query.jwt", "form_post.jwt", "jwt"],
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_signing_alg_values_supported": ["ES256"],
        "authorization_encryption_alg_values_supported": [
            "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512",
            "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW",
        ],
        "authorization_encryption_enc_values_supported": [
            "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM",
        ],
        "authorization_response_iss_parameter_supported": true,
    });
    assert_eq!(document, expected);
}

#[tokio::test]
async fn the_published_key_is_public() {
    let jwks = Browser::new().await.get("/jwks").await.json();
    let key = &jwks["keys"][0];
    assert_eq!(
        (&key["kty"], &key["alg"], &key["use"]),
        (&json!("EC"), &json!("ES256"), &json!("sig"))
    );
    assert_eq!(key["d"], json!(null));
}
