//! Reading keys: what is refused, with which error, and that nothing panics.

use jarm_jose::{KeyError, SigningKey, SigningKeys};
use serde_json::{Value, json};

use crate::support::{assert_refused, jwk_error, key, pem, pem_error, private_jwk, with, without};

#[test]
fn other_curves_and_key_types_are_refused() {
    for name in ["secp256k1", "p256.explicit"] {
        assert_refused!(pem_error(pem(name)), KeyError::UnsupportedCurve { .. });
    }
    assert_refused!(pem_error(pem("ed448")), KeyError::UnsupportedKeyType { .. });
    assert_refused!(pem_error(pem("x25519")), KeyError::UnsupportedCurve { .. });
    for (name, crv) in [
        ("p256", "secp256k1"),
        ("ed25519", "Ed448"),
        ("ed25519", "X25519"),
    ] {
        let error = jwk_error(&with(name, "crv", json!(crv)));
        assert!(error.to_string().contains(crv), "{error}");
        assert_refused!(error, KeyError::UnsupportedCurve { .. });
    }
    assert_refused!(
        jwk_error(&with("p256", "crv", json!("P-384"))),
        KeyError::Jwk { .. }
    );
    assert_refused!(
        jwk_error(&with("p256", "kty", json!("AKP"))),
        KeyError::UnsupportedKeyType { .. }
    );
    assert_refused!(
        jwk_error(&json!({"kty": "oct", "k": "AAAA"})),
        KeyError::SharedSecret
    );
}

#[test]
fn a_public_key_is_refused_where_a_private_key_is_needed() {
    for name in ["rsa-2048.public", "p256.certificate"] {
        assert_refused!(pem_error(pem(name)), KeyError::PublicKey);
    }
    for name in ["rsa-2048", "p256", "ed25519"] {
        let public = serde_json::to_value(key(name).public_jwk()).unwrap();
        assert_refused!(jwk_error(&public), KeyError::PublicKey);
    }
}

#[test]
fn an_encrypted_key_is_refused() {
    for name in ["rsa-2048.encrypted", "rsa-2048.encrypted-pkcs1"] {
        assert_refused!(pem_error(pem(name)), KeyError::Encrypted);
    }
}

#[test]
fn nothing_and_garbage_are_refused() {
    assert_refused!(pem_error(""), KeyError::Empty);
    assert_refused!(pem_error(" \n"), KeyError::Empty);
    assert_refused!(pem_error([0xff, 0xfe]), KeyError::Pem);
    for garbage in [
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "{}",
        "garbage",
    ] {
        assert_refused!(pem_error(garbage), KeyError::Pem);
    }
    let empty = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    assert_refused!(pem_error(empty), KeyError::Der);
    assert_refused!(
        pem_error(pem("ed25519.openssh")),
        KeyError::UnsupportedPem { .. }
    );
    let two = pem("p256") + &pem("ed25519");
    assert_refused!(pem_error(two), KeyError::SeveralKeys { count: 2 });
    for relabelled in ["RSA PRIVATE KEY", "EC PRIVATE KEY"] {
        let pem = pem("ed25519").replace("PRIVATE KEY", relabelled);
        assert_refused!(pem_error(pem), KeyError::Der);
    }
}

#[test]
fn json_that_is_no_private_jwk_is_refused_without_printing_it() {
    assert_refused!(SigningKey::from_jwk("").unwrap_err(), KeyError::Empty);
    let twice = private_jwk("p256")
        .to_string()
        .replacen('{', r#"{"kty":"EC","#, 1);
    for json in [
        "{}",
        "[]",
        "\"canary\"",
        r#"{"kty":"EC","d":["canary"]}"#,
        "{canary",
        &twice,
    ] {
        let error = SigningKey::from_jwk(json).unwrap_err();
        assert!(!error.to_string().contains("canary"), "{error}");
        assert_refused!(error, KeyError::Jwk { .. });
    }
    for (member, value) in [("d", "a+/b"), ("x", "AA=="), ("y", " "), ("d", "é")] {
        let error = jwk_error(&with("p256", member, json!(value)));
        assert!(
            error.to_string().contains(&format!("`{member}`")),
            "{error}"
        );
        assert_refused!(error, KeyError::Jwk { .. });
    }
    for (name, member) in [
        ("p256", "x"),
        ("p256", "crv"),
        ("ed25519", "x"),
        ("rsa-2048", "e"),
    ] {
        let error = jwk_error(&without(name, member));
        assert!(
            error
                .to_string()
                .contains(&format!("`{member}` is missing")),
            "{error}"
        );
    }
}

#[test]
fn a_jwk_for_something_else_is_refused() {
    let not_for_signing = [
        ("use", json!("enc")),
        ("key_ops", json!(["deriveKey"])),
        ("key_ops", json!(["verify"])),
        ("key_ops", json!([])),
    ];
    for (member, value) in not_for_signing {
        assert_refused!(
            jwk_error(&with("p256", member, value)),
            KeyError::NotForSigning
        );
    }
    for (name, alg) in [
        ("p256", "ES384"),
        ("rsa-2048", "RSA-OAEP"),
        ("ed25519", "none"),
    ] {
        let error = jwk_error(&with(name, "alg", json!(alg)));
        assert!(error.to_string().contains(alg), "{error}");
        assert_refused!(error, KeyError::UnsupportedAlgorithm { .. });
    }
}

#[test]
fn a_refused_key_in_a_set_is_named_by_its_index() {
    let jwks = |keys: Value| SigningKeys::from_jwks(&json!({"keys": keys}).to_string());
    for bad in [json!({"kty": "oct", "k": "AAAA"}), json!({"kty": "AKP"})] {
        let error = jwks(json!([private_jwk("p256"), bad])).unwrap_err();
        assert!(error.to_string().starts_with("keys[1]: "), "{error}");
        assert_refused!(error, KeyError::InSet { index: 1, .. });
    }
    assert_refused!(jwks(json!([])).unwrap_err(), KeyError::Empty);
    assert_refused!(SigningKeys::from_jwks(" ").unwrap_err(), KeyError::Empty);
    assert_refused!(
        SigningKeys::from_jwks("[]").unwrap_err(),
        KeyError::Jwk { .. }
    );
}

#[test]
fn two_keys_with_one_kid_are_refused() {
    let twice = [
        key("p256").with_key_id("same"),
        key("ed25519").with_key_id("same"),
    ];
    let error = SigningKeys::from_keys(twice).unwrap_err();
    assert!(error.to_string().contains("`same`"));
    assert_refused!(error, KeyError::DuplicateKeyId { .. });
    assert_refused!(SigningKeys::from_keys([]).unwrap_err(), KeyError::Empty);
}

#[cfg(feature = "jsonwebtoken")]
#[test]
fn a_jsonwebtoken_key_that_is_no_private_key_is_refused() {
    use jsonwebtoken::EncodingKey;

    let error = |key: &EncodingKey| SigningKey::try_from(key).unwrap_err();
    assert_refused!(
        error(&EncodingKey::from_secret(b"secret")),
        KeyError::SharedSecret
    );
    let public = EncodingKey::from_rsa_pem(pem("rsa-2048.public").as_bytes()).unwrap();
    assert_refused!(error(&public), KeyError::PublicKey);
    assert_refused!(error(&EncodingKey::from_ec_der(b"")), KeyError::Der);
    assert_refused!(error(&EncodingKey::from_ed_der(b"garbage")), KeyError::Der);
    let weak = EncodingKey::from_rsa_pem(pem("rsa-1024").as_bytes()).unwrap();
    assert_refused!(error(&weak), KeyError::RsaModulus { bits: 1024 });
}

#[test]
fn no_changed_or_shortened_key_panics() {
    for name in [
        "rsa-2048",
        "rsa-2048.pkcs1",
        "p256",
        "p384.sec1",
        "p521",
        "ed25519",
    ] {
        let pem = pem(name);
        let (label, document) = rsa::pkcs8::der::SecretDocument::from_pem(&pem).unwrap();
        let der = document.as_bytes();
        let step = 1 + der.len() / 150;
        for place in (0..der.len()).step_by(step) {
            let mut changed = der.to_vec();
            changed[place] ^= 0x81;
            for octets in [&changed[..], &der[..place]] {
                let lines: Vec<_> = base64_lines(octets);
                let body = lines.join("\n");
                let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
                let _ = SigningKey::from_pem(pem);
            }
        }
    }
}

fn base64_lines(octets: &[u8]) -> Vec<String> {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(octets);
    text.as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect()
}

#[test]
fn every_message_is_one_line_in_lower_case_without_a_full_stop() {
    let errors = [
        pem_error(""),
        pem_error("garbage"),
        pem_error(pem("rsa-1024")),
        pem_error(pem("secp256k1")),
        pem_error(pem("rsa-2048.encrypted")),
        pem_error(pem("rsa-2048.public")),
        pem_error(pem("ed25519.openssh")),
        jwk_error(&json!({})),
        jwk_error(&json!({"kty": "oct"})),
    ];
    for error in errors {
        let message = error.to_string();
        assert!(
            !message.starts_with(|c: char| c.is_uppercase()),
            "{message}"
        );
        assert!(
            !message.ends_with('.') && !message.contains('\n'),
            "{message}"
        );
    }
}
