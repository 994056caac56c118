//! The response JWT: header, claims, lifetime, hooks.

use std::sync::Arc;

use jarm::jose::{ClientSecret, KeyKind, SigningKey};
use jarm::response::{
    AdditionalClaims, AuthorizationResponse, AuthorizationSuccess, ClaimsContext, ClaimsError,
    EncodedResponse, ResponseClaims,
};
use jarm::rules::{DeclarableClaim, ExtensionResponseType};
use jarm::{AuthorizationServer, JwsAlgorithm, ResponseType};
use serde_json::{Value, json};

use crate::fixture::{
    Answer, ISSUER, NOW, REDIRECT_URI, SECRET, builder, client, client_with, configuration, grant,
    key, respond, server,
};

const CODE_JWT: &str = "response_type=code&response_mode=jwt&state=s";

#[test]
fn the_claims_of_a_code_response_are_exactly_these() {
    let answer = grant(&server(""), &client(), CODE_JWT);
    let expected = json!({"iss": ISSUER, "aud": "cid", "exp": NOW + 120, "iat": NOW, "code": "c0de", "state": "s"});
    assert_eq!(json!(answer.parameters), expected);
}

#[test]
fn numbers_stay_numbers() {
    let answer = grant(
        &server(""),
        &client(),
        "response_type=token&response_mode=jwt",
    );
    assert_eq!(answer.parameters.get("expires_in"), Some(&json!(3600)));
    let plain = grant(&server(""), &client(), "response_type=token");
    assert_eq!(plain.text("expires_in"), Some("3600"));
}

#[test]
fn the_header_has_alg_and_kid_and_no_typ() {
    let answer = grant(&server(""), &client(), CODE_JWT);
    assert_eq!(
        answer.header,
        json!({"alg": "ES256", "kid": key().key_id()})
    );
    let typed = grant(&server("response_jwt_typ = \"JWT\""), &client(), CODE_JWT);
    assert_eq!(typed.header.get("typ"), Some(&json!("JWT")));
}

#[test]
fn a_response_signed_with_the_secret_has_no_kid() {
    let client = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some(JwsAlgorithm::HS256);
    })
    .with_secret(ClientSecret::new(SECRET));
    assert_eq!(
        grant(&server(""), &client, CODE_JWT).header,
        json!({"alg": "HS256"})
    );
}

#[test]
fn while_two_secrets_are_valid_the_newest_signs() {
    let hs256 = || {
        client_with(|metadata| {
            metadata.authorization_signed_response_alg = Some(JwsAlgorithm::HS256);
        })
    };
    let (old, new) = (
        ClientSecret::new(SECRET),
        ClientSecret::new(SECRET.to_uppercase()),
    );
    let signed = |client| raw(&client);
    let only_new = signed(hs256().with_secret(new.clone()));
    assert_eq!(
        signed(hs256().with_secret(old.clone()).with_secret(new.clone())),
        only_new
    );
    assert_ne!(signed(hs256().with_secret(old.clone())), only_new);
    let expired = new.expires_at(NOW);
    assert_eq!(
        signed(hs256().with_secret(old.clone()).with_secret(expired)),
        signed(hs256().with_secret(old))
    );
}

/// The JWT itself.
fn raw(client: &jarm::metadata::Client) -> String {
    let query = "response_type=code&response_mode=form_post.jwt";
    let encoded = respond(
        &server(""),
        client,
        query,
        AuthorizationResponse::code("c0de"),
    )
    .unwrap();
    let EncodedResponse::Document(page) = encoded else {
        panic!("a page")
    };
    page.form()
        .unwrap()
        .fields()
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[test]
fn jti_is_random_where_it_is_configured() {
    let server = server("response_jwt_jti = true");
    let jti = || {
        grant(&server, &client(), CODE_JWT)
            .text("jti")
            .unwrap()
            .to_owned()
    };
    assert_ne!(jti(), jti());
    assert_eq!(jti().len(), 22, "128 bits in base64url");
}

#[test]
fn the_lifetime_is_30_to_600_seconds_unless_loudly_opted_out() {
    for good in [30, 120, 600] {
        let answer = grant(
            &server(&format!("response_jwt_lifetime = {good}")),
            &client(),
            CODE_JWT,
        );
        assert_eq!(answer.parameters.get("exp"), Some(&json!(NOW + good)));
    }
    for bad in [0, 29, 601, 3600] {
        let error = builder(&format!("response_jwt_lifetime = {bad}"))
            .build()
            .unwrap_err();
        assert_eq!(error.path, "jarm.response_jwt_lifetime");
    }
    let long =
        builder("response_jwt_lifetime = 3600").allow_response_jwt_lifetime_beyond_ten_minutes();
    assert!(long.build().is_ok());
    assert!(
        builder("response_jwt_lifetime = 29")
            .allow_response_jwt_lifetime_beyond_ten_minutes()
            .build()
            .is_err()
    );
}

#[derive(Debug)]
struct Adds(&'static str, Value);

impl AdditionalClaims for Adds {
    fn add(&self, _: &ClaimsContext<'_>, claims: &mut ResponseClaims) -> Result<(), ClaimsError> {
        claims.insert(self.0, self.1.clone())
    }
}

#[test]
fn a_hook_adds_claims_and_overwrites_none() {
    let with_hook = |name, value| {
        let server = builder("")
            .additional_claims(Arc::new(Adds(name, value)))
            .build()
            .unwrap();
        respond(
            &server,
            &client(),
            CODE_JWT,
            AuthorizationResponse::code("c0de"),
        )
    };
    let added = Answer::read(
        &with_hook("acr", json!({"level": 2})).unwrap(),
        REDIRECT_URI,
    );
    assert_eq!(added.parameters.get("acr"), Some(&json!({"level": 2})));
    for taken in [
        "iss", "aud", "exp", "iat", "nbf", "jti", "sub", "nonce", "events", "cnf", "response",
        "code", "state",
    ] {
        let error = with_hook(taken, json!("evil")).unwrap_err();
        assert!(
            matches!(error, jarm::authorization_server::Error::Claims(_)),
            "{taken}: {error}"
        );
    }
}

#[test]
fn no_parameter_becomes_a_claim_with_another_meaning() {
    let with_parameter = |name: &'static str, value: &'static str| {
        let outcome = AuthorizationSuccess::new()
            .code("c0de")
            .parameter(name, value)
            .unwrap();
        respond(&server(""), &client(), CODE_JWT, outcome)
    };
    for taken in [
        "aud", "exp", "iat", "nbf", "jti", "sub", "nonce", "events", "cnf",
    ] {
        assert!(with_parameter(taken, "evil").is_err(), "{taken}");
    }
    assert!(with_parameter("iss", "https://evil.example").is_err());
    let same = Answer::read(&with_parameter("iss", ISSUER).unwrap(), REDIRECT_URI);
    assert_eq!(same.text("iss"), Some(ISSUER));
    let extension = Answer::read(&with_parameter("session_hint", "x").unwrap(), REDIRECT_URI);
    assert_eq!(extension.text("session_hint"), Some("x"));
}

#[test]
fn an_extension_type_may_declare_a_claim() {
    let vp_token: ResponseType = "vp_token".parse().unwrap();
    let server = builder("")
        .extension_response_type(
            ExtensionResponseType::try_new(vp_token.clone())
                .unwrap()
                .like_a_token()
                .returns_claim(DeclarableClaim::Sub),
        )
        .build()
        .unwrap();
    let client = client_with(|metadata| metadata.response_types = Some(vec![vp_token]));
    let outcome = AuthorizationSuccess::new()
        .parameter("sub", "alice")
        .unwrap();
    let answer = respond(
        &server,
        &client,
        "response_type=vp_token&response_mode=jwt",
        outcome,
    )
    .unwrap();
    let answer = Answer::read(&answer, REDIRECT_URI);
    assert_eq!(
        (answer.mode.as_str(), answer.text("sub")),
        ("fragment.jwt", Some("alice"))
    );
}

#[test]
fn a_server_without_an_rsa_key_sets_another_default_or_does_not_start() {
    let mut rs256 = configuration("");
    rs256.default_signing_alg = Some(JwsAlgorithm::RS256);
    let error = AuthorizationServer::builder(rs256)
        .signers(key().signers())
        .build()
        .unwrap_err();
    assert_eq!(error.path, "jarm.default_signing_alg");
    assert!(error.to_string().contains("ES256"), "{error}");
}

#[test]
fn the_key_that_signs_is_the_published_one() {
    let server = server("");
    let keys = &server.jwks().keys;
    assert_eq!(keys.len(), 1);
    assert_eq!(
        (keys[0].kid(), keys[0].text("alg"), keys[0].text("use")),
        (Some(key().key_id()), Some("ES256"), Some("sig"))
    );
}

#[test]
fn session_state_and_scope_are_inside_the_jwt() {
    let outcome = AuthorizationSuccess::new()
        .access_token("t0ken", "Bearer")
        .scope("openid")
        .session_state("s3ssion");
    let query = "response_type=token&response_mode=jwt";
    let answer = respond(&server(""), &client(), query, outcome).unwrap();
    let answer = Answer::read(&answer, REDIRECT_URI);
    let expected = [
        "access_token",
        "aud",
        "exp",
        "iat",
        "iss",
        "scope",
        "session_state",
        "token_type",
    ];
    assert_eq!(answer.names(), expected);
}

#[test]
fn of_two_keys_for_one_algorithm_the_first_signs_and_both_are_published() {
    let next = SigningKey::generate(KeyKind::P256).unwrap();
    let rotated = |first: &SigningKey, second: &SigningKey| {
        let builder = AuthorizationServer::builder(configuration(""));
        builder
            .signers(first.signers())
            .signers(second.signers())
            .build()
            .unwrap()
    };
    for (first, second) in [(key(), &next), (&next, key())] {
        let server = rotated(first, second);
        let answer = grant(&server, &client(), CODE_JWT);
        assert_eq!(answer.header.get("kid"), Some(&json!(first.key_id())));
        let jwks = server.jwks();
        let published: Vec<_> = jwks.keys.iter().map(|own| own.kid().unwrap()).collect();
        assert_eq!(published, [first.key_id(), second.key_id()]);
    }
}

#[test]
fn two_keys_cannot_have_one_kid() {
    let next = SigningKey::generate(KeyKind::P256)
        .unwrap()
        .with_key_id(key().key_id());
    let nameless = SigningKey::generate(KeyKind::P384).unwrap().with_key_id("");
    for (other, hint) in [(next, "give each key its own kid"), (nameless, "empty kid")] {
        let error = builder("").signers(other.signers()).build().unwrap_err();
        assert!(error.to_string().contains(hint), "{error}");
    }
}

#[test]
fn a_key_that_signs_with_two_algorithms_is_published_once_and_without_alg() {
    let ed25519 = SigningKey::generate(KeyKind::Ed25519).unwrap();
    let server = builder("").signers(ed25519.signers()).build().unwrap();
    let jwks = server.jwks();
    let published: Vec<_> = jwks
        .keys
        .iter()
        .map(|own| (own.kid(), own.text("alg")))
        .collect();
    assert_eq!(
        published,
        [
            (Some(key().key_id()), Some("ES256")),
            (Some(ed25519.key_id()), None)
        ]
    );
    for algorithm in [JwsAlgorithm::ED25519, JwsAlgorithm::EDDSA] {
        let client = client_with(|metadata| {
            metadata.authorization_signed_response_alg = Some(algorithm.clone());
        });
        let header = grant(&server, &client, CODE_JWT).header;
        assert_eq!(header, json!({"alg": algorithm, "kid": ed25519.key_id()}));
    }
}

#[test]
fn a_standard_type_cannot_be_declared_anew() {
    for standard in ResponseType::STANDARD {
        assert!(ExtensionResponseType::try_new(standard).is_err());
    }
}
