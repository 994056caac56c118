//! Which of the issuer's keys is used.

use std::sync::atomic::Ordering;

use jarm::JwsAlgorithm;
use jarm::client::Step;
use jarm::jose::{JwkSet, KeyKind, SigningKey};
use serde_json::{Value, json};

use super::{
    Keys, builder, claims, client, code_of, header, header_of, published, refused, sign, sign_text,
    sign_with, verify,
};
use crate::fixture::{client_with, key};

fn with_keys(keys: &[Value]) -> (Step, String) {
    let keys = Keys::new([Some(published(keys))]);
    refused(&builder(client(), keys).build().unwrap(), &response())
}

fn response() -> String {
    sign(&claims(json!({})))
}

#[test]
fn a_key_that_says_it_is_for_something_else_is_never_used() {
    for other in [
        json!({ "use": "enc" }),
        json!({ "alg": "ES384" }),
        json!({ "kid": "other" }),
        json!({ "kid": null }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": "verify" }),
        json!({ "kty": "RSA" }),
        json!({ "crv": "P-384" }),
        json!({ "x": "AA" }),
    ] {
        let (step, reason) = with_keys(std::slice::from_ref(&other));
        assert_eq!(step, Step::Signature, "{other}");
        assert!(reason.starts_with("no key fits"), "{other}: {reason}");
    }
}

#[test]
fn of_keys_with_one_kid_the_fitting_one_is_used() {
    let rsa = SigningKey::generate(KeyKind::Rsa2048).unwrap();
    let mut with_rsa = serde_json::to_value(rsa.public_jwk()).unwrap();
    with_rsa["kid"] = key().key_id().into();
    let other = SigningKey::generate(KeyKind::P256).unwrap();
    let mut same_kind = serde_json::to_value(other.public_jwk()).unwrap();
    same_kind["kid"] = key().key_id().into();
    let own = serde_json::to_value(&published(&[json!({})]).keys[0]).unwrap();
    let encryption = serde_json::to_value(&published(&[json!({ "use": "enc" })]).keys[0]).unwrap();
    let set = json!({ "keys": [with_rsa, encryption, same_kind, own] });
    let set: JwkSet = serde_json::from_value(set).unwrap();
    let verifier = builder(client(), Keys::new([Some(set)])).build().unwrap();
    assert_eq!(code_of(verify(&verifier, &response())), "c0de");
}

#[test]
fn no_more_than_four_keys_with_one_kid_are_tried() {
    let others: Vec<_> = (0..4)
        .map(|_| {
            let other = SigningKey::generate(KeyKind::P256).unwrap();
            let mut jwk = serde_json::to_value(other.public_jwk()).unwrap();
            jwk["kid"] = key().key_id().into();
            jwk
        })
        .collect();
    let own = serde_json::to_value(&published(&[json!({})]).keys[0]).unwrap();
    for (before, verifies) in [(3, true), (4, false)] {
        let mut keys = others[..before].to_vec();
        keys.push(own.clone());
        let set = serde_json::from_value(json!({ "keys": keys })).unwrap();
        let verifier = builder(client(), Keys::new([Some(set)])).build().unwrap();
        assert_eq!(verify(&verifier, &response()).is_ok(), verifies, "{before}");
    }
}

#[test]
fn without_a_kid_the_only_key_that_fits_is_used() {
    let without = sign_text(
        &header(json!({ "kid": null })),
        &claims(json!({})).to_string(),
    );
    let verifier = |keys: &[Value]| {
        let keys = Keys::new([Some(published(keys))]);
        builder(client(), keys).build().unwrap()
    };
    let one = verifier(&[json!({ "use": "enc" }), json!({})]);
    assert_eq!(code_of(verify(&one, &without)), "c0de");
    let two = verifier(&[json!({ "kid": "a" }), json!({ "kid": "b" })]);
    let (step, reason) = refused(&two, &without);
    assert_eq!(step, Step::Signature);
    assert!(reason.contains("no `kid` tells"), "{reason}");
}

#[test]
fn keys_of_another_kind_are_for_something_else() {
    let keys = [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384];
    let keys = keys.map(|kind| SigningKey::generate(kind).unwrap());
    let jwks: JwkSet = keys.iter().map(SigningKey::public_jwk).collect();
    let algorithms = [
        JwsAlgorithm::RS256,
        JwsAlgorithm::ES256,
        JwsAlgorithm::ES384,
    ];
    for (key, alg) in keys.iter().zip(algorithms) {
        let client = client_with(|own| own.authorization_signed_response_alg = Some(alg.clone()));
        let verifier = builder(client, Keys::new([Some(jwks.clone())]))
            .build()
            .unwrap();
        let header = header_of(key, alg.as_str(), json!({ "kid": null }));
        let signer = key.signer(&alg).unwrap();
        let response = sign_with(&signer, &header, &claims(json!({})).to_string());
        assert_eq!(code_of(verify(&verifier, &response)), "c0de", "{alg}");
    }
}

#[test]
fn a_key_that_is_not_known_is_looked_up_once_more() {
    let (old, new) = (
        published(&[json!({ "kid": "old" })]),
        published(&[json!({})]),
    );
    for (sets, verifies, asked) in [
        (vec![Some(new.clone())], true, 1),
        (vec![Some(old.clone()), Some(new.clone())], true, 2),
        (
            vec![Some(old.clone()), Some(old.clone()), Some(new)],
            false,
            2,
        ),
        (vec![Some(old), None], false, 2),
        (vec![None], false, 1),
    ] {
        let keys = Keys::new(sets);
        let verifier = builder(client(), keys.clone()).build().unwrap();
        let outcome = verify(&verifier, &response());
        assert_eq!((outcome.is_ok(), keys.asked()), (verifies, asked));
        assert_eq!(keys.after_misses.load(Ordering::Relaxed), asked - 1);
        if let Err((step, _)) = outcome {
            assert_eq!(step, Step::Signature);
        }
    }
}

#[test]
fn a_signature_that_is_not_the_keys_sets_off_no_second_look_up() {
    let keys = Keys::new([Some(published(&[json!({})]))]);
    let verifier = builder(client(), keys.clone()).build().unwrap();
    let other = SigningKey::generate(KeyKind::P256).unwrap();
    let signer = other.signer(&JwsAlgorithm::ES256).unwrap();
    let forged = sign_with(&signer, &header(json!({})), &claims(json!({})).to_string());
    assert_eq!(refused(&verifier, &forged).0, Step::Signature);
    assert_eq!(keys.asked(), 1);
}

#[test]
fn both_names_of_ed25519_are_one_algorithm_to_a_key_and_two_to_a_registration() {
    let ed25519 = SigningKey::generate(KeyKind::Ed25519).unwrap();
    let mut jwk = serde_json::to_value(ed25519.public_jwk()).unwrap();
    jwk["kid"] = ed25519.key_id().into();
    jwk["alg"] = "EdDSA".into();
    let set: JwkSet = serde_json::from_value(json!({ "keys": [jwk] })).unwrap();
    for (registered, signed, verifies) in [
        (JwsAlgorithm::ED25519, JwsAlgorithm::ED25519, true),
        (JwsAlgorithm::EDDSA, JwsAlgorithm::EDDSA, true),
        (JwsAlgorithm::ED25519, JwsAlgorithm::EDDSA, false),
    ] {
        let client =
            client_with(|own| own.authorization_signed_response_alg = Some(registered.clone()));
        let verifier = builder(client, Keys::new([Some(set.clone())]))
            .build()
            .unwrap();
        let header = header_of(&ed25519, signed.as_str(), json!({}));
        let signer = ed25519.signer(&signed).unwrap();
        let response = sign_with(&signer, &header, &claims(json!({})).to_string());
        assert_eq!(
            verify(&verifier, &response).is_ok(),
            verifies,
            "{registered} {signed}"
        );
    }
}
