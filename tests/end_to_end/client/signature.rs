//! Step 5: the signature, its algorithm and its header.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::JwsAlgorithm;
use jarm::client::{ResponseVerifierError, Step};
use jarm::jose::{ClientSecret, ClientSecretMac as _, HmacClientSecrets, KeyKind, SigningKey};
use serde_json::json;

use super::{
    Keys, builder, claims, client, code_of, encode, header, header_of, published, refused, sign,
    sign_text, sign_with, verifier, verify,
};
use crate::fixture::{SECRET, client_with, key};

const OTHER_SECRET: &str = "another-secret-of-the-client-with-32-octets-and-more";

fn step(header: &str) -> (Step, String) {
    refused(
        &verifier(),
        &sign_text(header, &claims(json!({})).to_string()),
    )
}

#[test]
fn an_invalid_signature_is_refused() {
    let response = sign(&claims(json!({})));
    let (input, signature) = response.rsplit_once('.').unwrap();
    let mut other = URL_SAFE_NO_PAD.decode(signature).unwrap();
    other[5] ^= 1;
    let invalid = (Step::Signature, "the signature is another one".to_owned());
    for signature in [
        encode(&other),
        encode(&other[..63]),
        encode([0; 64]),
        String::new(),
    ] {
        assert_eq!(
            refused(&verifier(), &format!("{input}.{signature}")),
            invalid
        );
    }
}

#[test]
fn a_signature_by_another_key_under_the_same_kid_is_refused() {
    let other = SigningKey::generate(KeyKind::P256)
        .unwrap()
        .with_key_id(key().key_id());
    let signer = other.signer(&JwsAlgorithm::ES256).unwrap();
    let response = sign_with(&signer, &header(json!({})), &claims(json!({})).to_string());
    assert_eq!(refused(&verifier(), &response).0, Step::Signature);
}

#[test]
fn alg_none_is_refused_in_whatever_case() {
    for none in ["none", "None", "NONE"] {
        let unsigned = format!(
            "{}.{}.",
            encode(json!({ "alg": none }).to_string()),
            encode(claims(json!({})).to_string())
        );
        let (step, reason) = refused(&verifier(), &unsigned);
        assert_eq!(step, Step::Signature);
        assert!(
            reason.contains(none) && reason.contains("ES256"),
            "{reason}"
        );
    }
}

#[test]
fn what_is_no_name_of_an_algorithm_is_not_repeated() {
    let long = "A".repeat(65);
    for alg in [
        long.as_str(),
        "ES256\nES512",
        "none authorised",
        "n\u{f6}ne",
    ] {
        let (_, reason) = step(&header(json!({ "alg": alg })));
        assert!(reason.contains("something else"), "{reason}");
        assert!(!reason.contains(alg), "{reason}");
    }
    let (_, reason) = step(&header(json!({ "alg": &long[1..] })));
    assert!(reason.contains(&long[1..]), "{reason}");
}

#[test]
fn the_algorithm_is_the_registered_one_whatever_the_header_says() {
    let payload = claims(json!({})).to_string();
    // A good signature with another algorithm of a key that is published.
    let rsa = SigningKey::generate(KeyKind::Rsa2048).unwrap();
    let jwks = |key: &SigningKey| {
        let mut jwk = serde_json::to_value(key.public_jwk()).unwrap();
        jwk["kid"] = key.key_id().into();
        serde_json::from_value(json!({ "keys": [jwk] })).unwrap()
    };
    let registered = |alg: &JwsAlgorithm| {
        client_with(|own| own.authorization_signed_response_alg = Some(alg.clone()))
    };
    for (own, other) in [
        (JwsAlgorithm::PS256, JwsAlgorithm::RS256),
        (JwsAlgorithm::RS256, JwsAlgorithm::PS256),
        (JwsAlgorithm::RS256, JwsAlgorithm::RS512),
    ] {
        let keys = Keys::new([Some(jwks(&rsa))]);
        let verifier = builder(registered(&own), keys).build().unwrap();
        let response = |alg: &JwsAlgorithm, named: &JwsAlgorithm| {
            let header = header_of(&rsa, named.as_str(), json!({}));
            sign_with(&rsa.signer(alg).unwrap(), &header, &payload)
        };
        assert_eq!(code_of(verify(&verifier, &response(&own, &own))), "c0de");
        assert_eq!(
            refused(&verifier, &response(&other, &other)).0,
            Step::Signature
        );
        assert_eq!(
            refused(&verifier, &response(&other, &own)).0,
            Step::Signature
        );
    }
}

#[test]
fn an_algorithm_that_is_not_registered_is_rs256() {
    let keys = Keys::new([Some(published(&[json!({})]))]);
    let verifier = builder(client_with(|_| {}), keys).build().unwrap();
    let (step, reason) = refused(&verifier, &sign(&claims(json!({}))));
    assert_eq!(step, Step::Signature);
    assert!(reason.contains("RS256 is registered"), "{reason}");
}

#[test]
fn a_public_key_is_no_secret_for_hmac() {
    // The oldest trick: a MAC under the text of the public key, which everybody has.
    let public = serde_json::to_string(&key().public_jwk()).unwrap();
    let input = format!(
        "{}.{}",
        encode(json!({ "alg": "HS256", "kid": key().key_id() }).to_string()),
        encode(claims(json!({})).to_string())
    );
    let secret = ClientSecret::new(public);
    let mac = HmacClientSecrets.mac(&JwsAlgorithm::HS256, &secret, input.as_bytes());
    let forged = format!("{input}.{}", encode(mac.unwrap()));
    assert_eq!(refused(&verifier(), &forged).0, Step::Signature);
}

#[test]
fn a_mac_is_verified_with_every_valid_secret_and_no_key_is_looked_up() {
    let registered = |secrets: &[(&str, u64)]| {
        let client =
            client_with(|own| own.authorization_signed_response_alg = Some(JwsAlgorithm::HS256));
        secrets.iter().fold(client, |client, (secret, until)| {
            client.with_secret(ClientSecret::new(*secret).expires_at(*until))
        })
    };
    let payload = claims(json!({})).to_string();
    let input = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(&payload));
    let secret = ClientSecret::new(SECRET);
    let mac = HmacClientSecrets
        .mac(&JwsAlgorithm::HS256, &secret, input.as_bytes())
        .unwrap();
    let response = format!("{input}.{}", encode(&mac));
    for (secrets, verifies) in [
        (vec![(SECRET, 0)], true),
        (vec![(SECRET, 0), (OTHER_SECRET, 0)], true), // the newer one is known, the older one still signs
        (vec![(OTHER_SECRET, 0), (SECRET, 1)], false), // it has expired
        (vec![(OTHER_SECRET, 0)], false),
    ] {
        let keys = Keys::new([None]);
        let verifier = builder(registered(&secrets), keys.clone()).build().unwrap();
        let outcome = verify(&verifier, &response);
        assert_eq!(outcome.is_ok(), verifies, "{secrets:?}");
        assert_eq!(keys.asked(), 0);
        if let Err((step, _)) = outcome {
            assert_eq!(step, Step::Signature);
        }
    }
    let tampered = format!(
        "{}.{}",
        response.rsplit_once('.').unwrap().0,
        encode(&mac[..31])
    );
    let verifier = builder(registered(&[(SECRET, 0)]), Keys::new([None]))
        .build()
        .unwrap();
    assert_eq!(refused(&verifier, &tampered).0, Step::Signature);
}

#[test]
fn headers_that_bring_a_key_or_change_the_meaning_are_refused() {
    let jwk = serde_json::to_value(key().public_jwk()).unwrap();
    for (name, value) in [
        ("crit", json!(["b64"])),
        ("crit", json!([])),
        ("b64", json!(true)),
        ("jwk", jwk),
        ("jku", json!("https://as.example/jwks")),
        ("x5u", json!("https://as.example/x5u")),
        ("x5c", json!(["AA=="])),
        ("zip", json!("DEF")),
    ] {
        let (step, reason) = step(&header(json!({ name: value })));
        assert_eq!(step, Step::Signature, "{name}");
        assert!(reason.contains(name), "{reason}");
    }
}

#[test]
fn typ_is_absent_or_that_of_a_jwt() {
    for (typ, good) in [
        (json!("JWT"), true),
        (json!("jwt"), true),
        (json!("application/jwt"), true),
        (json!("at+jwt"), false),
        (json!("logout+jwt"), false),
        (json!("oauth-authz-req+jwt"), false),
        (json!(""), false),
    ] {
        let response = sign_text(
            &header(json!({ "typ": typ })),
            &claims(json!({})).to_string(),
        );
        assert_eq!(verify(&verifier(), &response).is_ok(), good, "{typ}");
    }
}

#[test]
fn what_is_no_jws_or_has_ambiguous_json_is_refused() {
    let good = claims(json!({})).to_string();
    let twice = good.replacen('{', r#"{"iss":"https://evil.example","#, 1);
    let deep = good.replacen(
        '{',
        &format!(r#"{{"x":{}1{},"#, "[".repeat(99), "]".repeat(99)),
        1,
    );
    for response in [
        sign_text(&header(json!({})), &twice),
        sign_text(&header(json!({})), &deep),
        sign_text(&header(json!({})), "[]"),
        sign_text(&header(json!({})), ""),
        sign_text(
            &header(json!({})).replacen('{', r#"{"alg":"none","#, 1),
            &good,
        ),
        sign_text(r#"{"alg":"ES256","kid":1}"#, &good),
        format!("{}=", sign(&claims(json!({})))),
        format!("{}\n", sign(&claims(json!({})))),
        "response".into(),
        "..".into(),
        "a.b.c.d".into(),
    ] {
        assert_eq!(
            refused(&verifier(), &response).0,
            Step::Issuer,
            "{response}"
        );
    }
}

#[test]
fn a_verifier_is_not_made_without_what_its_client_registered() {
    let keys = || Keys::new([None]);
    let with_alg = |alg: &str| {
        let alg = alg.parse().unwrap();
        client_with(|own| own.authorization_signed_response_alg = Some(alg))
    };
    let issuer = || "https://as.example".parse().unwrap();
    let build = |client| builder(client, keys()).build().unwrap_err();
    assert_eq!(
        jarm::client::ResponseVerifier::builder(issuer(), client())
            .build()
            .unwrap_err(),
        ResponseVerifierError::NoVerifier
    );
    assert_eq!(
        jarm::client::ResponseVerifier::builder(issuer(), client())
            .verifier(Arc::new(jarm::jose::JwaVerifier))
            .build()
            .unwrap_err(),
        ResponseVerifierError::NoIssuerKeys
    );
    assert_eq!(
        build(with_alg("HS512")),
        ResponseVerifierError::NoSecret { least: 64 }
    );
    assert!(matches!(
        build(with_alg("ES256K")),
        ResponseVerifierError::Signing(_)
    ));
    let public = client_with(|own| {
        own.authorization_signed_response_alg = Some(JwsAlgorithm::HS256);
        own.token_endpoint_auth_method = Some("none".into());
    });
    let public = public.with_secret(ClientSecret::new(SECRET));
    assert_eq!(build(public), ResponseVerifierError::NoSecret { least: 32 });
}
