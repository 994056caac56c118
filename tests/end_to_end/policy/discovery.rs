//! Discovery lists what somebody can be answered, and nothing else.

use std::sync::Arc;

use jarm::authorization_server::Registration;
use jarm::jose::{ClientSecret, JwaEncrypter, KeyKind, SigningKey};
use jarm::metadata::{Client, ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, ClientId, ResponseMode, ResponseType};
use serde_json::{Value, json};

use super::{asks, code_in};
use crate::fixture::{
    REDIRECT_URI, SECRET, builder, builder_of, client, client_with_encryption, configuration,
    header, key, respond, server,
};
use crate::outcome::{Outcome, outcome};

fn list(server: &AuthorizationServer, member: &str) -> Vec<String> {
    let metadata = serde_json::to_value(server.metadata()).unwrap();
    let names = metadata.get(member).and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

fn modes(toml: &str) -> Vec<String> {
    list(&server(toml), "response_modes_supported")
}

fn types(toml: &str) -> Vec<String> {
    list(&server(toml), "response_types_supported")
}

const JWTS: [&str; 4] = ["query.jwt", "fragment.jwt", "form_post.jwt", "jwt"];

#[test]
fn plain_modes_vanish_where_everybody_must_have_jwts() {
    assert_eq!(modes("require_jarm = true"), JWTS);
    for laxer in [
        "require_jarm = \"when_registered\"",
        "[registration]\nrequire_jarm = true",
    ] {
        assert_eq!(modes(laxer).len(), 7, "{laxer}");
    }
}

#[test]
fn types_and_modes_that_no_row_allows_vanish() {
    let only_jwt = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]";
    assert_eq!(types(only_jwt), ["code"]);
    assert_eq!(modes(only_jwt), ["jwt"]);
    assert_eq!(types("[[allow]]\nresponse_type = \"code\""), ["code"]);
    assert_eq!(modes("[[allow]]\nresponse_type = \"code\"").len(), 7);
    // `query` with a token is nothing that anybody can be answered.
    let token = "[[allow]]\nresponse_type = \"token\"";
    assert!(!modes(token).contains(&"query".to_owned()));
    assert!(modes(token).contains(&"query.jwt".to_owned()), "encrypted");
}

#[test]
fn profiles_publish_what_they_allow() {
    assert_eq!(
        types("profile = \"fapi1-advanced\""),
        ["code", "code id_token"]
    );
    assert_eq!(
        modes("profile = \"fapi1-advanced\""),
        [
            "fragment",
            "form_post",
            "query.jwt",
            "fragment.jwt",
            "form_post.jwt",
            "jwt"
        ]
    );
    assert_eq!(types("profile = \"fapi2-message-signing\""), ["code"]);
    assert_eq!(modes("profile = \"fapi2-message-signing\""), JWTS);
}

#[test]
fn a_key_and_a_mode_that_are_removed_vanish() {
    let signing = "authorization_signing_alg_values_supported";
    let rsa = SigningKey::generate(KeyKind::Rsa2048).unwrap();
    let both = builder("").signers(rsa.signers()).build().unwrap();
    assert!(list(&both, signing).contains(&"PS256".to_owned()));
    assert_eq!(
        list(&server(""), signing),
        ["ES256", "HS256", "HS384", "HS512"]
    );

    let listed = |modes: &[&str]| -> String {
        let row = |name: &&str| format!("[[response_mode]]\nname = \"{name}\"\n");
        modes.iter().map(row).collect()
    };
    let with = ["query", "query.jwt", "form_post", "form_post.jwt"];
    assert_eq!(modes(&listed(&with)), with);
    assert_eq!(modes(&listed(&with[..3])), with[..3]);
    let plain = server(&listed(&["query", "form_post"]));
    assert_eq!(list(&plain, signing), [""; 0]);
}

#[test]
fn a_type_that_nobody_listed_is_left_out_where_not_everybody_can_be_answered() {
    // `fragment` could carry a token, and is closed by the policy; `query.jwt` needs encryption.
    let toml = "require_jarm = true\n[[response_mode]]\nname = \"fragment\"\n\
                [[response_mode]]\nname = \"query.jwt\"\n";
    assert_eq!(types(toml), ["code", "none"]);
    let listed = format!("response_types = [\"code\", \"token\"]\n{toml}");
    assert_eq!(
        types(&listed),
        ["code", "token"],
        "for who registers encryption"
    );
    let plain = "require_jarm = true\n[[response_mode]]\nname = \"fragment\"\n";
    let error = builder(plain).build().unwrap_err();
    assert_eq!(error.path, "jarm.response_types");
}

/// Whether anybody is granted this: whoever registered everything, something or nothing.
fn is_granted_to_somebody(server: &AuthorizationServer, query: &str) -> bool {
    let clients = [client(), client_with_encryption()];
    let granted = |client| matches!(outcome(server, &client, query), Outcome::Success(_));
    clients.into_iter().any(granted)
}

#[test]
fn every_type_and_mode_that_is_listed_is_granted_to_somebody_and_no_other_is() {
    for toml in [
        "",
        "require_jarm = true",
        "require_jarm = \"when_registered\"",
        "profile = \"fapi1-advanced\"",
        "profile = \"fapi2-message-signing\"",
        "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]",
        "[[allow]]\nresponse_type = \"token\"\nresponse_mode = [\"query.jwt\"]",
        "[[allow]]\nresponse_type = \"none\"\nresponse_mode = [\"query\", \"form_post\"]",
        "response_types = [\"code\"]\nrequire_jarm = true",
        "[[response_mode]]\nname = \"query\"\n[[response_mode]]\nname = \"form_post.jwt\"\n",
        "require_jarm = true\n[[response_mode]]\nname = \"query\"\n[[response_mode]]\nname = \"query.jwt\"\n",
    ] {
        let server = server(toml);
        let (types, modes) = (
            list(&server, "response_types_supported"),
            list(&server, "response_modes_supported"),
        );
        let granted = |response_type: &str, mode: &str| {
            is_granted_to_somebody(&server, &asks(response_type, mode))
        };
        let all_types = ResponseType::STANDARD.map(|own| own.to_string());
        let all_modes = ResponseMode::STANDARD.map(|own| own.to_string());
        for own in &all_types {
            let possible = all_modes.iter().any(|mode| granted(own, mode));
            assert_eq!(types.contains(own), possible, "{toml}: {own}");
        }
        for mode in &all_modes {
            let possible = all_types.iter().any(|own| granted(own, mode));
            assert_eq!(modes.contains(mode), possible, "{toml}: {mode}");
        }
    }
}

/// A client that registers this, and its answer's `response`.
fn exercised(server: &AuthorizationServer, sent: Value) -> String {
    let secret = ClientSecret::new(SECRET);
    let registration = Registration::dynamic(
        ClientMetadata::read(sent).unwrap(),
        SecretAvailability::Plaintext(&secret),
    );
    let metadata = server.register(registration).unwrap();
    let client = Client::new(ClientId::try_new("cid").unwrap())
        .with_metadata(metadata)
        .with_secret(secret);
    let outcome = jarm::response::AuthorizationResponse::code("c0de");
    let encoded = respond(server, &client, &code_in("fragment.jwt"), outcome).unwrap();
    let (_, location) = encoded
        .headers()
        .find(|(name, _)| *name == "location")
        .unwrap();
    let prefix = format!("{REDIRECT_URI}#response=");
    location.strip_prefix(&prefix).unwrap().to_owned()
}

#[test]
fn every_algorithm_that_is_listed_can_be_registered_and_is_used() {
    let make = |kind| SigningKey::generate(kind).unwrap();
    let rsa = make(KeyKind::Rsa2048);
    let server = builder_of(configuration(""))
        .signers(rsa.signers())
        .signers(make(KeyKind::P384).signers())
        .signers(make(KeyKind::P521).signers())
        .signers(make(KeyKind::Ed25519).signers())
        .encrypter(Arc::new(JwaEncrypter))
        .build()
        .unwrap();
    let signing = list(&server, "authorization_signing_alg_values_supported");
    assert_eq!(signing.len(), 14, "{signing:?}");
    for algorithm in signing {
        let sent = json!({ "authorization_signed_response_alg": algorithm });
        assert_eq!(header(&exercised(&server, sent))["alg"], *algorithm);
    }
    let public = [rsa.public_jwk(), key().public_jwk()].map(|key| {
        let mut key = serde_json::to_value(key).unwrap();
        let members = key.as_object_mut().unwrap();
        members.retain(|name, _| !matches!(name.as_str(), "alg" | "use" | "key_ops"));
        key
    });
    let jwks = json!({ "keys": public });
    for alg in list(&server, "authorization_encryption_alg_values_supported") {
        for enc in list(&server, "authorization_encryption_enc_values_supported") {
            let mut sent = json!({
                "authorization_encrypted_response_alg": alg,
                "authorization_encrypted_response_enc": enc,
                "jwks": jwks,
            });
            if !alg.starts_with("RSA") && !alg.starts_with("ECDH") {
                sent.as_object_mut().unwrap().remove("jwks");
            }
            let header = header(&exercised(&server, sent));
            assert_eq!((&header["alg"], &header["enc"]), (&json!(alg), &json!(enc)));
        }
    }
}
