//! The metadata tell the truth.

use serde_json::json;

use crate::support::{Browser, HostBrowser as _, ISSUER};

#[tokio::test]
async fn the_metadata_say_what_oxide_auth_does_and_how_it_is_answered() {
    let mut browser = Browser::new();
    let metadata = browser.get("/.well-known/oauth-authorization-server").await;
    let expected = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token",
        "jwks_uri": "https://as.example/jwks",
        "scopes_supported": ["read"],
        "response_types_supported": ["code"],
        "response_modes_supported": [
            "query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt",
        ],
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_signing_alg_values_supported": ["RS256"],
        "authorization_encryption_alg_values_supported": [
            "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512",
            "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW",
        ],
        "authorization_encryption_enc_values_supported": [
            "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM",
        ],
        "authorization_response_iss_parameter_supported": true,
    });
    assert_eq!(metadata.json(), expected);
}
