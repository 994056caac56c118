//! What may be registered.

use crate::support::{Browser, server};
use authorization_server::Approval;
use serde_json::{Value, json};

async fn register(metadata: Value) -> (u16, Value) {
    let page = Browser::new(&server(Approval::Automatic))
        .post_json("/register", &metadata.to_string())
        .await;
    (page.status.as_u16(), page.json())
}

#[tokio::test]
async fn defaults_are_echoed() {
    let (status, mut client) =
        register(json!({ "redirect_uris": ["https://a.example/cb"], "tea": "earl grey" })).await;
    assert_eq!(status, 201);
    let members = client.as_object_mut().unwrap();
    assert!(
        members
            .remove("client_secret")
            .unwrap()
            .as_str()
            .unwrap()
            .len()
            >= 64
    );
    assert!(
        members.remove("client_id").is_some() && members.remove("client_id_issued_at").is_some()
    );
    let defaults = json!({
        "redirect_uris": ["https://a.example/cb"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "authorization_signed_response_alg": "RS256",
        "authorization_signed_response_alg_defaulted": true,
        "client_secret_expires_at": 0,
    });
    assert_eq!(client, defaults);
}

#[tokio::test]
async fn keys_are_echoed_and_private_ones_refused() {
    let key = json!({ "kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ", "own": [1] });
    let metadata = |key: &Value| {
        json!({
            "redirect_uris": ["https://a.example/cb"],
            "token_endpoint_auth_method": "none",
            "response_types": ["none", "id_token"],
            "jwks": { "keys": [key] },
        })
    };
    let (status, client) = register(metadata(&key)).await;
    assert_eq!((status, &client["jwks"]["keys"][0]), (201, &key));
    assert_eq!(
        (client.get("client_secret"), &client["grant_types"]),
        (None, &json!(["implicit"]))
    );
    let mut private = key;
    private["d"] = json!("ZA");
    let (status, refused) = register(metadata(&private)).await;
    assert_eq!(
        (status, refused["error"].as_str()),
        (400, Some("invalid_client_metadata"))
    );
    assert!(
        refused["error_description"]
            .as_str()
            .unwrap()
            .starts_with("jwks.keys[0]: "),
        "{refused}"
    );
}

#[tokio::test]
async fn encryption_is_registered_with_its_key_and_echoed() {
    let key = json!({
        "kty": "OKP",
        "crv": "X25519",
        "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08", // RFC 8037 A.6
        "kid": "Bob",
        "use": "enc",
    });
    let metadata = |key: &Value| {
        json!({
            "redirect_uris": ["https://a.example/cb"],
            "authorization_encrypted_response_alg": "ECDH-ES+A256KW",
            "jwks": { "keys": [key] },
        })
    };
    let (status, client) = register(metadata(&key)).await;
    assert_eq!((status, &client["jwks"]["keys"][0]), (201, &key));
    assert_eq!(
        (
            &client["authorization_encrypted_response_alg"],
            &client["authorization_encrypted_response_enc"]
        ),
        (&json!("ECDH-ES+A256KW"), &json!("A128CBC-HS256"))
    );
    let mut low_order = key;
    low_order["x"] = json!("A".repeat(43));
    let (status, refused) = register(metadata(&low_order)).await;
    assert_eq!(
        (status, &refused["error"]),
        (400, &json!("invalid_client_metadata"))
    );
    let description = refused["error_description"].as_str().unwrap();
    assert!(description.starts_with("jwks.keys[0]: "), "{description}");
}

#[tokio::test]
async fn refusals_name_the_member() {
    for (member, value) in [
        ("authorization_signed_response_alg", json!("none")),
        ("authorization_signed_response_alg", json!("XS256")),
        ("authorization_signed_response_alg", json!(256)),
        ("authorization_encrypted_response_alg", json!("RSA1_5")),
        ("authorization_encrypted_response_alg", json!("ключ")),
        ("authorization_encrypted_response_alg", json!("ECDH-1PU")),
        ("authorization_encrypted_response_enc", json!("A256GCM")),
        ("response_types", json!(["none code"])),
        ("response_types", json!(["teleport"])),
        ("response_types", json!([])),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("jwks_uri", json!("https://127.0.0.1/jwks")),
        ("client_name", json!("")),
        ("client_name", json!(" ")),
        ("client_name", json!("n".repeat(101))),
        ("client_name", json!("a\nb")),
        ("client_name", json!("a\u{7f}")),
        ("client_name", json!("\u{202e}knab ruoY")),
        ("client_name", json!("a\u{2066}b")),
        ("client_name", json!("a\u{200f}b")),
        ("client_name", json!("a\u{61c}b")),
    ] {
        let mut metadata = json!({ "redirect_uris": ["https://a.example/cb"] });
        metadata[member] = value;
        let (status, refused) = register(metadata).await;
        assert_eq!(
            (status, refused["error"].as_str()),
            (400, Some("invalid_client_metadata")),
            "{member}"
        );
        let description = refused["error_description"].as_str().unwrap();
        assert!(
            description.starts_with(member) && description.is_ascii(),
            "{refused}"
        );
    }
    for uris in [
        json!(["https://a.example/cb#x"]),
        json!(["javascript:alert(1)"]),
        json!([]),
        json!("x"),
        json!([1]),
    ] {
        let (status, refused) = register(json!({ "redirect_uris": uris })).await;
        assert_eq!(
            (status, refused["error"].as_str()),
            (400, Some("invalid_redirect_uri"))
        );
    }
    assert_eq!(
        register(json!([])).await.1["error"],
        "invalid_client_metadata"
    );
}

#[tokio::test]
async fn a_name_is_text_of_up_to_100_characters_in_any_script() {
    for name in ["é".repeat(100), "שלום 🦀 <b>".to_owned()] {
        let metadata = json!({ "redirect_uris": ["https://a.example/cb"], "client_name": name });
        let (status, client) = register(metadata).await;
        assert_eq!((status, &client["client_name"]), (201, &json!(name)));
    }
}
