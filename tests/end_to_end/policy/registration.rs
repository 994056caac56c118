//! What a client registers is tried out: every type in every mode, under the policy.

use jarm::AuthorizationServer;
use jarm::authorization_server::Registration;
use jarm::configuration::RequireJarm;
use jarm::jose::ClientSecret;
use jarm::metadata::{ClientMetadata, InvalidClientMetadata, SecretAvailability};
use serde_json::{Value, json};

use crate::fixture::{SECRET, jwks, server, server_with_modes};

const SIGNED_ALG: &str = "authorization_signed_response_alg";
const ENCRYPTED_ALG: &str = "authorization_encrypted_response_alg";
const ENCRYPTED_ENC: &str = "authorization_encrypted_response_enc";
const SIGNED_ALGS: &str = "authorization_signing_alg_values_supported";
const ENCRYPTED_ALGS: &str = "authorization_encryption_alg_values_supported";
const ENCRYPTED_ENCS: &str = "authorization_encryption_enc_values_supported";
const ONLY_JWT: &str = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]";

/// A registration by a client without a secret; what is echoed as JSON.
fn register(server: &AuthorizationServer, sent: Value) -> Result<Value, InvalidClientMetadata> {
    let metadata = ClientMetadata::read(sent)?;
    let registration = Registration::dynamic(metadata, SecretAvailability::NoSecret);
    let registered = server.register(registration)?;
    Ok(serde_json::to_value(registered).unwrap())
}

/// Why it is refused, which must be because of this member.
fn refused(server: &AuthorizationServer, member: &str, sent: Value) -> String {
    let error = register(server, sent).unwrap_err();
    assert_eq!(error.member, member, "{error}");
    error.reason
}

#[test]
fn modes_that_cannot_be_used_are_refused() {
    let refused = |toml: &str, modes: Value| {
        refused(
            &server(toml),
            "response_modes",
            json!({ "response_modes": modes }),
        )
    };
    assert_eq!(
        refused("", json!(["jwt", "foo"])),
        "`foo` is not supported here, choose among query, fragment, form_post, query.jwt, \
         fragment.jwt, form_post.jwt, jwt"
    );
    assert_eq!(
        refused("", json!([])),
        "name one at least, or leave it out for all"
    );
    assert_eq!(
        refused("require_jarm = true", json!(["jwt", "query"])),
        "`query` can answer none of your response_types"
    );
    assert_eq!(
        refused(ONLY_JWT, json!(["jwt", "query.jwt"])),
        "`query.jwt` can answer none of your response_types"
    );
    let choice = refused("require_jarm = true", json!(["jwt", "foo"]));
    assert!(
        choice.ends_with("choose among query.jwt, fragment.jwt, form_post.jwt, jwt"),
        "{choice}"
    );
}

#[test]
fn a_mode_is_usable_if_one_of_the_clients_types_is_answered_in_it() {
    let with_types = |types: Value| {
        register(
            &server(""),
            json!({ "response_types": types, "response_modes": ["query", "jwt"] }),
        )
    };
    assert!(with_types(json!(["code"])).is_ok());
    assert!(with_types(json!(["code", "id_token"])).is_ok());
    let error = with_types(json!(["id_token"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "response_modes: `query` can answer none of your response_types"
    );
}

#[test]
fn types_that_no_mode_may_answer_are_refused() {
    let refused = |toml: &str, sent: Value| refused(&server(toml), "response_types", sent);
    assert_eq!(
        refused(ONLY_JWT, json!({ "response_types": ["code", "token"] })),
        "`token` is not supported here, choose among `code`"
    );
    assert_eq!(
        refused(
            "",
            json!({ "response_types": ["id_token"], "response_modes": ["query"] })
        ),
        "`id_token` cannot be answered in any of your response_modes"
    );
    assert_eq!(
        refused(
            "require_jarm = true",
            json!({ "response_modes": ["query", "fragment"] })
        ),
        "`code` cannot be answered in any of your response_modes"
    );
    assert_eq!(
        refused(
            "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"query\"]",
            json!({ "response_modes": ["form_post"] })
        ),
        "`code` cannot be answered in any of your response_modes"
    );
}

#[test]
fn a_client_that_is_held_to_jarm_is_tried_out_so() {
    let plain = server_with_modes(&["query", "fragment"]);
    let registration = |require_jarm| {
        let metadata = ClientMetadata::default();
        let held = Registration::configured(metadata, SecretAvailability::NoSecret);
        plain.register(held.with_require_jarm(require_jarm))
    };
    assert!(registration(RequireJarm::No).is_ok());
    assert!(registration(RequireJarm::WhenRegistered).is_ok());
    let error = registration(RequireJarm::Always).unwrap_err();
    assert_eq!(
        error.to_string(),
        "response_types: `code` is not allowed for this client"
    );
}

#[test]
fn configured_clients_are_tried_out_as_those_that_register_themselves() {
    let server = server("[registration]\nrequire_jarm = true");
    let plain = || ClientMetadata::read(json!({ "response_modes": ["query"] })).unwrap();
    let own = Registration::dynamic(plain(), SecretAvailability::NoSecret);
    assert_eq!(server.register(own).unwrap_err().member, "response_types");
    let configured = Registration::configured(plain(), SecretAvailability::NoSecret);
    assert!(server.register(configured).is_ok());
    let wrong = ClientMetadata::read(json!({ "response_modes": ["foo"] })).unwrap();
    let wrong = Registration::configured(wrong, SecretAvailability::NoSecret);
    assert_eq!(server.register(wrong).unwrap_err().member, "response_modes");
}

#[test]
fn of_a_list_of_preferences_the_first_that_can_sign_is_registered_and_the_list_is_not() {
    let server = server("");
    for (sent, chosen) in [
        (json!({ SIGNED_ALGS: ["foo", "ES256"] }), "ES256"),
        (
            json!({ SIGNED_ALGS: ["none", "no name", "ES256"] }),
            "ES256",
        ),
        (json!({ SIGNED_ALGS: ["HS256", "ES256"] }), "ES256"), // it has no secret
        (
            json!({ SIGNED_ALG: "PS256", SIGNED_ALGS: ["ES256"] }),
            "ES256",
        ),
        (
            json!({ SIGNED_ALG: "ES256", SIGNED_ALGS: ["PS256"] }),
            "ES256",
        ),
    ] {
        let registered = register(&server, sent.clone()).unwrap();
        assert_eq!(
            registered,
            json!({ "response_types": ["code"], SIGNED_ALG: chosen }),
            "{sent}"
        );
    }
    let secret = ClientSecret::new(SECRET);
    let metadata = ClientMetadata::read(json!({ SIGNED_ALGS: ["HS256", "ES256"] })).unwrap();
    let with_secret = Registration::dynamic(metadata, SecretAvailability::Plaintext(&secret));
    let chosen = server.register(with_secret).unwrap();
    assert_eq!(
        chosen.authorization_signed_response_alg,
        Some("HS256".parse().unwrap())
    );
    let none = json!({ SIGNED_ALG: "PS256", SIGNED_ALGS: ["foo", "RS256"] });
    assert!(refused(&server, SIGNED_ALG, none).contains("`PS256`"));
    // The default would be one that the client may not verify.
    let none = json!({ SIGNED_ALGS: ["foo", "PS256"] });
    assert!(refused(&server, SIGNED_ALGS, none).contains("ES256"));
}

#[test]
fn a_client_that_is_checked_again_keeps_what_was_filled_in_for_it() {
    let server = server("require_jarm = \"when_registered\"");
    let first = Registration::dynamic(ClientMetadata::default(), SecretAvailability::NoSecret);
    let stored = server.register(first).unwrap();
    assert!(stored.authorization_signed_response_alg_defaulted);
    let again = Registration::configured(stored.clone(), SecretAvailability::NoSecret);
    assert_eq!(server.register(again).unwrap(), stored);
    // A client cannot say so of itself.
    let forged = Registration::dynamic(stored, SecretAvailability::NoSecret);
    assert!(
        !server
            .register(forged)
            .unwrap()
            .authorization_signed_response_alg_defaulted
    );
}

#[test]
fn a_client_names_32_response_types_and_modes_at_most() {
    for member in ["response_types", "response_modes"] {
        let sent = json!({ member: vec!["code"; 33] });
        assert!(refused(&server(""), member, sent).contains("32"));
    }
}

#[test]
fn long_lists_of_preferences_cost_no_more_than_what_is_offered() {
    let names = |prefix: &str| {
        (0..50_000)
            .map(|index| format!("{prefix}{index}"))
            .collect::<Vec<_>>()
    };
    let sent = json!({
        ENCRYPTED_ALG: "foo",
        ENCRYPTED_ALGS: names("alg"),
        ENCRYPTED_ENCS: names("enc"),
        SIGNED_ALGS: names("sig"),
    });
    // Every pair of them would take days.
    assert!(refused(&server(""), ENCRYPTED_ALG, sent).contains("choose one of"));
}

#[test]
fn of_lists_of_preferences_the_first_pair_that_can_encrypt_is_registered() {
    let server = server("");
    let keys = || jwks(&[json!({})]);
    for (mut sent, alg, enc) in [
        (
            json!({ ENCRYPTED_ALG: "foo", ENCRYPTED_ALGS: ["foo", "RSA1_5", "RSA-OAEP", "ECDH-ES"] }),
            "ECDH-ES",
            "A128CBC-HS256",
        ),
        (
            json!({ ENCRYPTED_ALG: "dir", ENCRYPTED_ALGS: ["ECDH-ES+A128KW"] }),
            "ECDH-ES+A128KW",
            "A128CBC-HS256",
        ),
        (
            json!({ ENCRYPTED_ALG: "foo", ENCRYPTED_ALGS: ["ECDH-ES"], ENCRYPTED_ENCS: ["foo", "A256GCM"] }),
            "ECDH-ES",
            "A256GCM",
        ),
        (
            json!({ ENCRYPTED_ALG: "ECDH-ES", ENCRYPTED_ENC: "XC20P", ENCRYPTED_ENCS: ["A128GCM"] }),
            "ECDH-ES",
            "A128GCM",
        ),
        (
            json!({ ENCRYPTED_ALG: "ECDH-ES", ENCRYPTED_ENCS: ["A128GCM"], ENCRYPTED_ALGS: ["dir"] }),
            "ECDH-ES",
            "A128GCM",
        ),
    ] {
        sent["jwks"] = serde_json::to_value(keys()).unwrap();
        let registered = register(&server, sent.clone()).unwrap();
        assert_eq!(
            (&registered[ENCRYPTED_ALG], &registered[ENCRYPTED_ENC]),
            (&json!(alg), &json!(enc)),
            "{sent}"
        );
        for list in [SIGNED_ALGS, ENCRYPTED_ALGS, ENCRYPTED_ENCS] {
            assert_eq!(registered.get(list), None, "{sent}");
        }
    }
    // Who only lists what it could decrypt wants nothing encrypted.
    let lists = json!({ ENCRYPTED_ALGS: ["dir"], ENCRYPTED_ENCS: ["A128GCM"] });
    let no_alg = register(&server, lists).unwrap();
    assert_eq!(no_alg.get(ENCRYPTED_ALG), None);
    assert_eq!(no_alg.get(ENCRYPTED_ENC), None);
    let none = json!({ ENCRYPTED_ALG: "RSA-OAEP", ENCRYPTED_ALGS: ["dir"], "jwks": keys() });
    assert!(refused(&server, "jwks", none).contains("`RSA-OAEP`"));
}
