//! `profile`: settings by the name of a specification.

use std::sync::Arc;

use jarm::authorization_server::Registration;
use jarm::jose::{JwaEncrypter, KeyKind, SigningKey};
use jarm::metadata::{ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, Configuration, JwsAlgorithm, ResponseType};
use serde_json::json;

use super::{JWT, PLAIN, asks, client_with_modes, signed_client};
use crate::fixture::{
    ISSUER, SECRET, builder, builder_of, client, client_with_encryption, configuration, key, server,
};
use crate::outcome::{outcome, seen};

const FAPI1: &str = "profile = \"fapi1-advanced\"\n";
const FAPI2: &str = "profile = \"fapi2-message-signing\"\n";

/// What an operator would write by hand, in the order of [`FAPI1`] and [`FAPI2`].
const BY_HAND: [&str; 2] = [
    r#"
default_signing_alg = "PS256"
allowed_signing_algs = ["PS256", "ES256"]
refusal_delivery = "local_page"
require_request_object_nbf = true

[[allow]]
response_type = "code id_token"

[[allow]]
response_type = "code"
response_mode = ["jwt"]
"#,
    r#"
require_jarm = true
default_signing_alg = "PS256"
allowed_signing_algs = ["PS256", "ES256", "Ed25519", "EdDSA"]
refusal_delivery = "local_page"
require_request_object_nbf = true

[[allow]]
response_type = "code"
"#,
];

/// Without the fixture's default algorithm.
fn read(toml: &str) -> Configuration {
    let toml = format!("issuer = \"{ISSUER}\"\n{toml}");
    jarm::configuration::read(toml.parse::<toml::Table>().unwrap()).unwrap()
}

/// A server with a key for every algorithm.
fn with_all_keys(configuration: Configuration) -> AuthorizationServer {
    let make = |kind| SigningKey::generate(kind).unwrap();
    AuthorizationServer::builder(configuration)
        .signers(make(KeyKind::Rsa2048).signers())
        .signers(key().signers())
        .signers(make(KeyKind::Ed25519).signers())
        .client_secret_mac(Arc::new(jarm::jose::HmacClientSecrets))
        .encrypter(Arc::new(JwaEncrypter))
        .build()
        .unwrap()
}

fn everything() -> impl Iterator<Item = (ResponseType, &'static str)> {
    ResponseType::STANDARD.into_iter().flat_map(|own| {
        let modes = PLAIN.into_iter().chain(JWT).chain(["foo.jwt"]);
        modes.map(move |mode| (own.clone(), mode))
    })
}

#[test]
fn fapi_1_advanced_answers_code_id_token_and_code_with_jwt() {
    let server = server(FAPI1);
    for (response_type, mode) in everything() {
        let expected = match (response_type.as_str(), mode) {
            ("code", "jwt") => "query.jwt",
            ("code", _) => "page 400: invalid_request",
            ("code id_token", "" | "fragment") => "fragment",
            ("code id_token", "jwt" | "fragment.jwt") => "fragment.jwt",
            ("code id_token", "form_post" | "form_post.jwt") => mode,
            ("code id_token", "query" | "foo") => "invalid_request in fragment",
            ("code id_token", "query.jwt") => "invalid_request in query.jwt",
            ("code id_token", "foo.jwt") => "invalid_request in fragment.jwt",
            ("code id_token", other) => unreachable!("{other}"),
            (_, _) => {
                let seen = seen(&server, &client(), &asks(response_type.as_str(), mode));
                let refused = seen.starts_with("unsupported_response_type in ");
                assert!(refused, "{response_type} {mode}: {seen}");
                continue;
            }
        };
        let seen = seen(&server, &client(), &asks(response_type.as_str(), mode));
        assert_eq!(seen, expected, "{response_type} {mode}");
    }
}

#[test]
fn fapi_2_message_signing_answers_code_in_jwts() {
    let server = server(FAPI2);
    for (response_type, mode) in everything() {
        let expected = match (response_type.as_str(), mode) {
            ("code", "jwt" | "query.jwt") => "query.jwt",
            ("code", "fragment.jwt" | "form_post.jwt") => mode,
            ("code", _) => "page 400: invalid_request",
            (_, "fragment.jwt" | "form_post.jwt" | "query.jwt") => {
                &format!("unsupported_response_type in {mode}")
            }
            (_, "jwt") if response_type == ResponseType::NONE => {
                "unsupported_response_type in query.jwt"
            }
            (_, "jwt") => "unsupported_response_type in fragment.jwt",
            (_, _) => "page 400: unsupported_response_type",
        };
        let seen = seen(&server, &client(), &asks(response_type.as_str(), mode));
        assert_eq!(seen, expected, "{response_type} {mode}");
    }
}

#[test]
fn a_refusal_under_a_profile_stays_local_unless_the_operator_says_otherwise() {
    for profile in [FAPI1, FAPI2] {
        let query = asks("code", "query");
        assert_eq!(
            seen(&server(profile), &client(), &query),
            "page 400: invalid_request"
        );
        let told = server(&format!("{profile}refusal_delivery = \"jwt\""));
        assert_eq!(
            seen(&told, &client(), &query),
            "invalid_request in query.jwt"
        );
    }
}

#[test]
fn the_algorithms_of_a_profile_are_registered_published_and_no_others() {
    let (fapi1, fapi2) = (
        &["PS256", "ES256"][..],
        &["PS256", "ES256", "Ed25519", "EdDSA"][..],
    );
    for (profile, own) in [(FAPI1, fapi1), (FAPI2, fapi2)] {
        let server = with_all_keys(read(profile));
        let mut published: Vec<String> = server
            .metadata()
            .authorization_signing_alg_values_supported
            .iter()
            .map(JwsAlgorithm::to_string)
            .collect();
        published.sort_unstable();
        let mut sorted = own.to_vec();
        sorted.sort_unstable();
        assert_eq!(published, sorted);
        let secret = jarm::jose::ClientSecret::new(SECRET);
        for algorithm in [
            "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "Ed25519", "EdDSA",
            "HS256", "HS384", "HS512",
        ] {
            let sent = json!({ "authorization_signed_response_alg": algorithm });
            let registration = Registration::dynamic(
                ClientMetadata::read(sent).unwrap(),
                SecretAvailability::Plaintext(&secret),
            );
            let registered = server.register(registration);
            assert_eq!(registered.is_ok(), own.contains(&algorithm), "{algorithm}");
        }
        let silent = Registration::dynamic(ClientMetadata::default(), SecretAvailability::NoSecret);
        assert_eq!(
            server
                .register(silent)
                .unwrap()
                .authorization_signed_response_alg,
            Some(JwsAlgorithm::PS256)
        );
    }
}

#[test]
fn a_profile_is_the_configuration_that_an_operator_could_write_by_hand() {
    for (profile, by_hand) in [FAPI1, FAPI2].into_iter().zip(BY_HAND) {
        let expanded = read(profile).expanded().unwrap();
        let by_hand = read(by_hand);
        assert_eq!(expanded, by_hand);
        assert_eq!(expanded.profile, None);
        // What is printed is read as the same.
        let printed = toml::to_string(&expanded).unwrap();
        let printed = printed.parse::<toml::Table>().unwrap();
        let reread: Configuration = jarm::configuration::read(printed).unwrap();
        assert_eq!(reread, by_hand);
        assert_eq!(by_hand.clone().expanded().unwrap(), by_hand);
    }
}

#[test]
fn a_server_by_profile_and_one_by_hand_answer_alike() {
    for (profile, by_hand) in [FAPI1, FAPI2].into_iter().zip(BY_HAND) {
        let es256 = |toml: &str| {
            let mut configuration = read(toml);
            configuration.default_signing_alg = Some(JwsAlgorithm::ES256); // the fixture's key
            builder_of(configuration).build().unwrap()
        };
        let (by_name, by_hand) = (es256(profile), es256(by_hand));
        assert_eq!(by_name.metadata(), by_hand.metadata());
        let clients = [
            client(),
            client_with_encryption(),
            client_with_modes(&["jwt"]),
        ];
        for (response_type, mode) in everything() {
            for client in &clients {
                let query = asks(response_type.as_str(), mode);
                assert_eq!(
                    seen(&by_name, client, &query),
                    seen(&by_hand, client, &query),
                    "{query}"
                );
            }
        }
    }
}

#[test]
fn settings_beside_a_profile_may_be_stricter() {
    let only_jwt = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]";
    for (toml, query, expected) in [
        (
            format!("{FAPI1}{only_jwt}"),
            asks("code id_token", "jwt"),
            "unsupported_response_type in fragment.jwt",
        ),
        (
            format!("{FAPI1}require_jarm = true"),
            asks("code id_token", ""),
            "page 400: invalid_request",
        ),
        (
            format!(
                "{FAPI1}[[allow]]\nresponse_type = \"code id_token\"\nresponse_mode = [\"form_post\"]"
            ),
            asks("code id_token", "form_post"),
            "form_post",
        ),
        (
            format!("{FAPI2}{only_jwt}"),
            asks("code", "query.jwt"),
            "page 400: invalid_request",
        ),
        (
            format!("{FAPI2}require_jarm = false"), // the default, so not seen as a wish
            asks("code", "query"),
            "page 400: invalid_request",
        ),
    ] {
        assert_eq!(seen(&server(&toml), &client(), &query), expected, "{toml}");
    }
    // The first that is allowed is the default, too.
    let es256 = read(&format!("{FAPI2}allowed_signing_algs = [\"ES256\"]"));
    let es256 = builder_of(es256).build().unwrap();
    let published = es256.metadata().authorization_signing_alg_values_supported;
    assert_eq!(published, [JwsAlgorithm::ES256]);
}

#[test]
fn settings_beside_a_profile_that_are_laxer_are_refused_with_their_path() {
    let row = |rows: &str| format!("[[allow]]\n{rows}\n");
    for (profile, toml, path, named) in [
        (
            FAPI1,
            row("response_type = \"code\""),
            "jarm.allow[0]",
            "`code` in every mode",
        ),
        (
            FAPI1,
            row("response_type = \"code\"\nresponse_mode = [\"jwt\", \"query.jwt\"]"),
            "jarm.allow[0]",
            "`code` in each of these modes",
        ),
        (
            FAPI1,
            row("response_type = \"code id_token\"") + &row("response_type = \"token\""),
            "jarm.allow[1]",
            "`token` in every mode",
        ),
        (
            FAPI2,
            row("response_type = \"code id_token\"\nresponse_mode = [\"jwt\"]"),
            "jarm.allow[0]",
            "`code id_token` in each of these modes",
        ),
        (
            FAPI1,
            "allowed_signing_algs = [\"ES256\", \"EdDSA\"]".to_owned(),
            "jarm.allowed_signing_algs[1]",
            "`EdDSA`",
        ),
        (
            FAPI2,
            "allowed_signing_algs = [\"RS256\"]".to_owned(),
            "jarm.allowed_signing_algs[0]",
            "`RS256`",
        ),
    ] {
        let error = builder(&format!("{profile}{toml}")).build().unwrap_err();
        assert_eq!(error.path, path, "{error}");
        let text = error.to_string();
        assert!(
            text.contains(named) && text.contains("leave it out"),
            "{text}"
        );
    }
    let mut default = configuration(FAPI2);
    default.default_signing_alg = Some(JwsAlgorithm::RS256);
    assert_eq!(default.expanded().unwrap_err().path, "default_signing_alg");
}

#[test]
fn under_a_profile_nothing_is_encrypted_that_was_not_registered_so() {
    let server = server(FAPI2);
    let encryption = |client| {
        let outcome = outcome(&server, &client, &asks("code", "jwt"));
        outcome.answer().unwrap().encryption.is_some()
    };
    assert!(!encryption(client()) && !encryption(signed_client()));
    assert!(encryption(client_with_encryption()));
}

#[test]
fn a_misspelt_profile_is_refused_with_the_nearest() {
    let toml = format!("issuer = \"{ISSUER}\"\nprofile = \"fapi2-message-singing\"");
    let read = jarm::configuration::read::<Configuration, _>(toml.parse::<toml::Table>().unwrap());
    let text = read.unwrap_err().to_string();
    assert!(
        text.starts_with(
            "profile: unknown value `fapi2-message-singing`, did you mean `fapi2-message-signing`?"
        ),
        "{text}"
    );
}
