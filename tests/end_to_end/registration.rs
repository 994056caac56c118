//! A client's registration is honoured or refused, never half.

use jarm::jose::ClientSecret;
use jarm::metadata::{ClientMetadata, InvalidClientMetadata, SecretAvailability};
use jarm::{JwsAlgorithm, ResponseType};
use serde_json::{Value, json};

use crate::fixture::{SECRET, server, server_with_modes};

fn register(
    metadata: Value,
    secret: SecretAvailability<'_>,
) -> Result<ClientMetadata, InvalidClientMetadata> {
    server("").register(serde_json::from_value(metadata).unwrap(), secret)
}

fn refused(metadata: Value, secret: SecretAvailability<'_>) -> (String, String) {
    let error = register(metadata, secret).unwrap_err();
    (error.member.into_owned(), error.reason)
}

#[test]
fn defaults_are_filled_in() {
    let completed = register(
        json!({"client_name": "unknown members are ignored"}),
        SecretAvailability::NoSecret,
    )
    .unwrap();
    assert_eq!(completed.response_types, Some(vec![ResponseType::CODE]));
    assert_eq!(
        completed.authorization_signed_response_alg,
        Some(JwsAlgorithm::ES256)
    );
}

#[test]
fn an_algorithm_without_a_key_is_refused_with_those_that_have_one() {
    let (member, reason) = refused(
        json!({"authorization_signed_response_alg": "PS256"}),
        SecretAvailability::NoSecret,
    );
    assert_eq!(member, "authorization_signed_response_alg");
    assert!(reason.contains("ES256, HS256"), "{reason}");
}

#[test]
fn none_cannot_be_registered() {
    let parsed = serde_json::from_value::<ClientMetadata>(
        json!({"authorization_signed_response_alg": "none"}),
    );
    assert!(
        parsed
            .unwrap_err()
            .to_string()
            .contains("every response JWT is signed")
    );
}

#[test]
fn a_secret_is_as_long_as_the_mac() {
    for (algorithm, least) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        let with_length = |length| {
            let secret = ClientSecret::new("s".repeat(length));
            register(
                json!({"authorization_signed_response_alg": algorithm}),
                SecretAvailability::Plaintext(&secret),
            )
        };
        assert!(with_length(least).is_ok());
        assert!(
            with_length(least - 1)
                .unwrap_err()
                .reason
                .contains(&least.to_string())
        );
    }
}

#[test]
fn public_and_hashed_clients_cannot_have_responses_signed_with_a_secret() {
    let secret = ClientSecret::new(SECRET);
    let public =
        json!({"authorization_signed_response_alg": "HS256", "token_endpoint_auth_method": "none"});
    assert!(
        refused(public, SecretAvailability::Plaintext(&secret))
            .1
            .contains("public client")
    );
    let hs256 = json!({"authorization_signed_response_alg": "HS256"});
    assert!(
        refused(hs256.clone(), SecretAvailability::HashOnly)
            .1
            .contains("hash")
    );
    assert!(
        refused(hs256, SecretAvailability::NoSecret)
            .1
            .contains("has none")
    );
}

#[test]
fn encryption_is_refused_until_it_exists() {
    for member in [
        "authorization_encrypted_response_alg",
        "authorization_encrypted_response_enc",
    ] {
        let (named, reason) = refused(json!({member: "A128GCM"}), SecretAvailability::NoSecret);
        assert_eq!(named, member);
        assert!(reason.contains("not available"), "{reason}");
    }
}

#[test]
fn response_types_are_those_in_force() {
    assert_eq!(
        refused(
            json!({"response_types": ["vp_token"]}),
            SecretAvailability::NoSecret
        )
        .0,
        "response_types"
    );
    assert_eq!(
        refused(json!({"response_types": []}), SecretAvailability::NoSecret).0,
        "response_types"
    );
}

#[test]
fn a_server_without_jwt_modes_demands_no_algorithm() {
    let completed = server_with_modes(&["query", "fragment"])
        .register(ClientMetadata::default(), SecretAvailability::NoSecret);
    assert_eq!(completed.unwrap().authorization_signed_response_alg, None);
}

#[test]
fn an_expired_secret_cannot_sign() {
    let expired = ClientSecret::new(SECRET).expires_at(crate::fixture::NOW);
    let hs256 = json!({"authorization_signed_response_alg": "HS256"});
    assert!(
        refused(hs256, SecretAvailability::Plaintext(&expired))
            .1
            .contains("expired")
    );
}
