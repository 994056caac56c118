//! What a client registers about its request objects can be honoured, or is refused.

use jarm::authorization_server::Registration;
use jarm::jose::ClientSecret;
use jarm::metadata::{ClientMetadata, InvalidClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, JwsAlgorithm};
use serde_json::{Value, json};

use super::{client_of, server};
use crate::fixture::{self, SECRET};

fn register_at(
    server: &AuthorizationServer,
    metadata: Value,
    secret: SecretAvailability<'_>,
) -> Result<ClientMetadata, InvalidClientMetadata> {
    let metadata = ClientMetadata::read(metadata)?;
    server.register(Registration::dynamic(metadata, secret))
}

fn register(metadata: Value) -> Result<ClientMetadata, InvalidClientMetadata> {
    register_at(&server(), metadata, SecretAvailability::NoSecret)
}

/// The member to blame, and why.
fn refused(metadata: Value) -> (String, String) {
    let error = register(metadata).unwrap_err();
    (error.member.into_owned(), error.reason)
}

/// Metadata with a key that says this of itself.
fn with_key(alg: &str, words: Value) -> Value {
    let jwks = client_of(&[words]).metadata().jwks.clone().unwrap();
    json!({ "request_object_signing_alg": alg, "jwks": jwks })
}

#[test]
fn an_algorithm_that_can_be_verified_is_kept() {
    let registered = register(with_key("ES256", json!({}))).unwrap();
    assert_eq!(
        registered.request_object_signing_alg,
        Some(JwsAlgorithm::ES256)
    );
    assert!(
        register(json!({}))
            .unwrap()
            .request_object_signing_alg
            .is_none()
    );
}

#[test]
fn an_algorithm_that_cannot_be_verified_is_refused() {
    let (member, why) = refused(with_key("ML-DSA-44", json!({})));
    assert_eq!(member, "request_object_signing_alg");
    assert!(
        why.contains("not supported here") && why.contains("ES256"),
        "{why}"
    );
    let without_verifier = fixture::server("");
    let metadata = with_key("ES256", json!({}));
    let refused = register_at(&without_verifier, metadata, SecretAvailability::NoSecret);
    assert!(refused.unwrap_err().reason.contains("leave it out"));
}

#[test]
fn unsigned_request_objects_cannot_be_registered() {
    let (member, why) = refused(json!({ "request_object_signing_alg": "none" }));
    assert_eq!(member, "request_object_signing_alg");
    assert!(why.contains("every request object"), "{why}");
}

#[test]
fn an_algorithm_of_public_keys_needs_a_key_that_fits() {
    let (member, why) = refused(json!({ "request_object_signing_alg": "ES256" }));
    assert_eq!(member, "jwks");
    assert!(why.contains("verified by a public key"), "{why}");
    for (alg, words) in [
        ("ES256", json!({ "use": "enc" })),
        ("ES256", json!({ "key_ops": ["sign"] })),
        ("ES256", json!({ "x": "AAAA" })),
        ("PS256", json!({})),
        ("ES384", json!({})),
    ] {
        let (member, why) = refused(with_key(alg, words));
        assert_eq!(member, "jwks");
        assert!(why.contains(alg), "{why}");
    }
}

#[test]
fn a_jwks_uri_must_be_one_that_is_fetched() {
    let (member, why) = refused(json!({
        "request_object_signing_alg": "ES256", "jwks_uri": "https://client.example/jwks",
    }));
    assert_eq!(member, "jwks_uri");
    assert!(why.contains("not fetched here"), "{why}");
}

#[test]
fn an_algorithm_of_secrets_needs_a_secret_that_is_there_readable_and_long_enough() {
    let hs512 = || json!({ "request_object_signing_alg": "HS512" });
    let long = ClientSecret::new(SECRET);
    let short = ClientSecret::new(&SECRET[..63]);
    let with = |metadata, secret| register_at(&server(), metadata, secret);
    assert!(with(hs512(), SecretAvailability::Plaintext(&long)).is_ok());
    let mut public = hs512();
    public["token_endpoint_auth_method"] = "none".into();
    for (metadata, secret, why) in [
        (hs512(), SecretAvailability::NoSecret, "has none"),
        (hs512(), SecretAvailability::HashOnly, "hash"),
        (hs512(), SecretAvailability::Plaintext(&short), "64 octets"),
        (
            public,
            SecretAvailability::Plaintext(&long),
            "public client",
        ),
    ] {
        let refused = with(metadata, secret).unwrap_err();
        assert_eq!(refused.member, "request_object_signing_alg");
        assert!(refused.reason.contains(why), "{refused}");
    }
}
