//! A client's registration is honoured or refused, never half.

use std::borrow::Cow;
use std::sync::Arc;

use jarm::authorization_server::{ClientKeySource, ClientKeysRequest, Registration};
use jarm::jose::{ClientSecret, JwkSet, KeySourceError};
use jarm::metadata::{ClientMetadata, InvalidClientMetadata, SecretAvailability};
use jarm::{
    AuthorizationServer, BoxFuture, JweContentEncryptionAlgorithm, JwksUri, JwsAlgorithm,
    ResponseType,
};
use serde_json::{Value, json};

use crate::fixture::{NOW, SECRET, builder, configuration, jwks, key, server, server_with_modes};

fn register(
    metadata: Value,
    secret: SecretAvailability<'_>,
) -> Result<ClientMetadata, InvalidClientMetadata> {
    server("").register(Registration::dynamic(
        serde_json::from_value(metadata).unwrap(),
        secret,
    ))
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
    let completed = server_with_modes(&["query", "fragment"]).register(Registration::dynamic(
        ClientMetadata::default(),
        SecretAvailability::NoSecret,
    ));
    assert_eq!(completed.unwrap().authorization_signed_response_alg, None);
}

#[test]
fn an_expired_secret_cannot_sign() {
    let expired = ClientSecret::new(SECRET).expires_at(NOW);
    let hs256 = json!({"authorization_signed_response_alg": "HS256"});
    assert!(
        refused(hs256, SecretAvailability::Plaintext(&expired))
            .1
            .contains("expired")
    );
}

const ENCRYPTED_ALG: &str = "authorization_encrypted_response_alg";
const ENCRYPTED_ENC: &str = "authorization_encrypted_response_enc";

/// Metadata with `ECDH-ES` and these keys.
fn ecdh(keys: &[Value]) -> Value {
    json!({ ENCRYPTED_ALG: "ECDH-ES", "jwks": jwks(keys) })
}

#[test]
fn the_default_content_encryption_is_filled_in() {
    let completed = register(ecdh(&[json!({})]), SecretAvailability::NoSecret).unwrap();
    assert_eq!(
        completed.authorization_encrypted_response_enc,
        Some(JweContentEncryptionAlgorithm::A128CBC_HS256)
    );
    let none = register(json!({}), SecretAvailability::NoSecret).unwrap();
    assert_eq!(none.authorization_encrypted_response_enc, None);
}

#[test]
fn what_cannot_be_encrypted_is_refused_with_what_would_be_right() {
    let with = |member: &str, value: Value| {
        let mut metadata = ecdh(&[json!({})]);
        metadata[member] = value;
        metadata
    };
    for (metadata, member, why) in [
        (
            json!({ ENCRYPTED_ENC: "A256GCM" }),
            ENCRYPTED_ENC,
            ENCRYPTED_ALG,
        ),
        (
            with(ENCRYPTED_ALG, json!("ECDH-1PU")),
            ENCRYPTED_ALG,
            "choose one of RSA-OAEP, ",
        ),
        (
            with(ENCRYPTED_ALG, json!("ecdh-es")),
            ENCRYPTED_ALG,
            "choose one of RSA-OAEP, ",
        ),
        (
            with(ENCRYPTED_ENC, json!("A128CBC+HS256")),
            ENCRYPTED_ENC,
            "choose one of A128CBC-HS256, ",
        ),
        (
            with("jwks_uri", json!("https://c.example/jwks")),
            "jwks_uri",
            "not both",
        ),
        (json!({ ENCRYPTED_ALG: "ECDH-ES" }), "jwks", "send one"),
        (
            json!({ ENCRYPTED_ALG: "ECDH-ES", "jwks_uri": "https://c.example/jwks" }),
            "jwks_uri",
            "send them as `jwks`",
        ),
        (ecdh(&[]), "jwks", "the set is empty"),
        (
            ecdh(&[json!({ "use": "sig" })]),
            "jwks",
            "keys[0]: `use` is \"sig\"",
        ),
        (
            ecdh(&[json!({ "kty": "AKP" }), json!({ "alg": "ECDH-ES+A128KW" })]),
            "jwks",
            "keys[1]: `alg` is \"ECDH-ES+A128KW\"",
        ),
        (
            with(ENCRYPTED_ALG, json!("RSA-OAEP")),
            "jwks",
            "keys[0]: `kty` is not RSA",
        ),
        (
            ecdh(&[json!({}), json!({ "y": "AA" })]),
            "jwks.keys[1]",
            "octets",
        ),
    ] {
        let (named, reason) = refused(metadata.clone(), SecretAvailability::NoSecret);
        assert_eq!(named, member, "{metadata}: {reason}");
        assert!(reason.contains(why), "{reason}");
    }
}

#[test]
fn a_broken_key_that_is_not_for_encryption_is_nobodys_business() {
    let broken = json!({ "use": "sig", "y": "AA" });
    let unknown = json!({ "kty": "AKP" });
    let set = ecdh(&[broken, unknown, json!({ "use": "enc" })]);
    assert!(register(set, SecretAvailability::NoSecret).is_ok());
}

#[test]
fn rsa1_5_pbes2_and_private_keys_are_no_metadata_at_all() {
    for (metadata, why) in [
        (json!({ ENCRYPTED_ALG: "RSA1_5" }), "use RSA-OAEP-256"),
        (
            json!({ ENCRYPTED_ALG: "PBES2-HS256+A128KW" }),
            "made for passwords",
        ),
        (
            json!({ "jwks": { "keys": [{ "kty": "oct", "k": "AA" }] } }),
            "`oct`",
        ),
        (
            json!({ "jwks": { "keys": [{ "kty": "EC", "d": "AA" }] } }),
            "`d`",
        ),
    ] {
        let error = serde_json::from_value::<ClientMetadata>(metadata).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_source_that_fetches_decides_which_jwks_uri_is_acceptable() {
    #[derive(Debug)]
    struct Fetches;
    impl ClientKeySource for Fetches {
        fn keys<'a>(
            &'a self,
            _: ClientKeysRequest<'a>,
        ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
            Box::pin(std::future::ready(Ok(Cow::Owned(jwks(&[json!({})])))))
        }

        fn admits(&self, metadata: &ClientMetadata) -> Result<(), InvalidClientMetadata> {
            let uri = metadata.jwks_uri.as_ref().map_or("", JwksUri::as_str);
            if uri.starts_with("https://c.example/") {
                return Ok(());
            }
            Err(InvalidClientMetadata::new(
                "jwks_uri",
                "keys are fetched from c.example only",
            ))
        }
    }
    let server = builder("").client_keys(Arc::new(Fetches)).build().unwrap();
    let register = |jwks_uri: &str| {
        let metadata = json!({ ENCRYPTED_ALG: "ECDH-ES", "jwks_uri": jwks_uri });
        let metadata = serde_json::from_value(metadata).unwrap();
        server.register(Registration::dynamic(
            metadata,
            SecretAvailability::NoSecret,
        ))
    };
    assert!(register("https://c.example/jwks").is_ok());
    let refused = register("https://d.example/jwks").unwrap_err();
    assert_eq!(refused.member, "jwks_uri");
}

#[test]
fn a_secret_has_as_many_octets_as_the_key_that_is_derived_from_it() {
    for (alg, enc, least) in [
        ("A128KW", "A256CBC-HS512", 16),
        ("A192GCMKW", "A256CBC-HS512", 24),
        ("A256KW", "A128GCM", 32),
        ("dir", "A128GCM", 16),
        ("dir", "A128CBC-HS256", 32),
        ("dir", "A256CBC-HS512", 32), // 256 bits of entropy are enough for anything
    ] {
        let with_length = |length| {
            let secret = ClientSecret::new("s".repeat(length));
            register(
                json!({ ENCRYPTED_ALG: alg, ENCRYPTED_ENC: enc }),
                SecretAvailability::Plaintext(&secret),
            )
        };
        assert!(with_length(least).is_ok(), "{alg} {enc}");
        let error = with_length(least - 1).unwrap_err();
        assert_eq!(error.member, ENCRYPTED_ALG);
        assert!(error.reason.contains(&least.to_string()), "{error}");
    }
}

#[test]
fn public_hashed_and_expired_clients_cannot_have_responses_encrypted_with_a_secret() {
    let (secret, expired) = (
        ClientSecret::new(SECRET),
        ClientSecret::new(SECRET).expires_at(NOW),
    );
    let dir = |method: &str| {
        let method = json!(method);
        json!({ ENCRYPTED_ALG: "dir", "token_endpoint_auth_method": method })
    };
    for (method, availability, why) in [
        (
            "none",
            SecretAvailability::Plaintext(&secret),
            "public client",
        ),
        ("client_secret_basic", SecretAvailability::HashOnly, "hash"),
        (
            "client_secret_basic",
            SecretAvailability::NoSecret,
            "has none",
        ),
        (
            "client_secret_basic",
            SecretAvailability::Plaintext(&expired),
            "expired",
        ),
    ] {
        let (member, reason) = refused(dir(method), availability);
        assert_eq!(member, ENCRYPTED_ALG);
        assert!(reason.contains(why), "{reason}");
    }
}

#[test]
fn a_server_without_encrypter_or_jwt_modes_refuses_encryption() {
    let without = AuthorizationServer::builder(configuration("")).signers(key().signers());
    for server in [
        without.build().unwrap(),
        server_with_modes(&["query", "fragment"]),
    ] {
        let metadata = serde_json::from_value(ecdh(&[json!({})])).unwrap();
        let refused = server
            .register(Registration::dynamic(
                metadata,
                SecretAvailability::NoSecret,
            ))
            .unwrap_err();
        assert_eq!(refused.member, ENCRYPTED_ALG);
        assert!(refused.reason.contains("not available"), "{refused}");
    }
}

#[test]
fn a_type_that_is_only_answered_encrypted_needs_encryption_registered() {
    let toml = "response_types = [\"id_token\"]\n[[response_mode]]\nname = \"query.jwt\"\n";
    let register = |mut metadata: Value| {
        metadata["response_types"] = json!(["id_token"]);
        let metadata = serde_json::from_value(metadata).unwrap();
        server(toml).register(Registration::dynamic(
            metadata,
            SecretAvailability::NoSecret,
        ))
    };
    assert!(register(ecdh(&[json!({})])).is_ok());
    let refused = register(json!({})).unwrap_err();
    assert_eq!(refused.member, "response_types");
    assert!(refused.reason.contains(ENCRYPTED_ALG), "{refused}");
}

#[test]
fn keys_by_value_and_by_reference_exclude_each_other_also_without_encryption() {
    let both = json!({ "jwks": jwks(&[json!({})]), "jwks_uri": "https://c.example/jwks" });
    assert_eq!(refused(both, SecretAvailability::NoSecret).0, "jwks_uri");
    let uri = json!({ "jwks_uri": "https://c.example/jwks" });
    assert!(
        register(uri, SecretAvailability::NoSecret).is_ok(),
        "it may be for something else"
    );
}

#[test]
fn a_client_has_32_keys_at_most_whatever_they_are_for() {
    let keys = |count| json!({ "jwks": jwks(&vec![json!({ "use": "sig" }); count]) });
    assert!(register(keys(32), SecretAvailability::NoSecret).is_ok());
    let (member, reason) = refused(keys(33), SecretAvailability::NoSecret);
    assert_eq!(member, "jwks");
    assert!(reason.contains("32"), "{reason}");
}

#[test]
fn a_broken_key_of_a_type_that_is_not_used_is_passed_over() {
    let rsa = json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" });
    assert!(register(ecdh(&[rsa, json!({})]), SecretAvailability::NoSecret).is_ok());
}
