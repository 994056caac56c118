//! Reading keys: the forms that are accepted.

use jarm_core::JwsAlgorithm;
use jarm_jose::{KeyKind, SigningKey, SigningKeys};
use serde_json::json;

use crate::support::{decode, encode, key, pem, private_jwk, sign, vectors, verifies, with};

#[test]
fn pkcs8_pkcs1_and_sec1_of_one_key_are_one_key() {
    let pairs = [
        ("rsa-2048", "rsa-2048.pkcs1"),
        ("p256", "p256.sec1"),
        ("p256", "p256.compressed"),
        ("p384", "p384.sec1"),
        ("p521", "p521.sec1"),
    ];
    for (one, other) in pairs {
        assert_eq!(key(one).public_jwk(), key(other).public_jwk(), "{other}");
        assert_eq!(key(one).key_id(), key(other).key_id(), "{other}");
    }
}

#[test]
fn the_private_jwk_of_a_key_is_the_same_key() {
    for name in ["rsa-2048", "rsa-2048-e3", "p256", "p384", "p521", "ed25519"] {
        let from_jwk = SigningKey::from_jwk(&private_jwk(name).to_string()).unwrap();
        assert_eq!(from_jwk.public_jwk(), key(name).public_jwk(), "{name}");
        let algorithm = &from_jwk.algorithms()[0];
        let signature = sign(&from_jwk, algorithm, b"input");
        assert!(
            verifies(algorithm, &key(name).public_jwk(), b"input", &signature),
            "{name}"
        );
    }
}

#[test]
fn other_blocks_and_text_beside_the_private_key_are_passed_over() {
    // `openssl ecparam -genkey` writes EC PARAMETERS before the key.
    assert_eq!(key("p256.ecparam").algorithms(), [JwsAlgorithm::ES256]);
    let combined = format!("Bag Attributes\n{}{}", pem("p256"), pem("p256.certificate"));
    let combined = SigningKey::from_pem(&combined).unwrap();
    assert_eq!(combined.key_id(), key("p256").key_id());
    let windows = pem("p256").replace('\n', "\r\n");
    assert_eq!(
        SigningKey::from_pem(windows.as_bytes()).unwrap().key_id(),
        key("p256").key_id()
    );
}

#[test]
fn the_kid_of_a_jwk_is_kept_and_with_key_id_replaces_it() {
    let jwk = with("p256", "kid", json!("from-jwk"));
    let key = SigningKey::from_jwk_value(&jwk).unwrap();
    assert_eq!(key.key_id(), "from-jwk");
    let renamed = key.clone().with_key_id("renamed");
    assert_eq!(
        renamed.signer(&JwsAlgorithm::ES256).unwrap().key_id(),
        "renamed"
    );
    assert_eq!(
        key.signer(&JwsAlgorithm::ES256).unwrap().key_id(),
        "from-jwk"
    );
}

#[test]
fn alg_of_a_jwk_leaves_the_key_that_one_algorithm() {
    for (name, alg) in [
        ("rsa-2048", "PS256"),
        ("ed25519", "EdDSA"),
        ("p256", "ES256"),
    ] {
        let jwk = with(name, "alg", json!(alg));
        let key = SigningKey::from_jwk_value(&jwk).unwrap();
        assert_eq!(key.algorithms(), [JwsAlgorithm::try_new(alg).unwrap()]);
        assert_eq!(key.signers().len(), 1);
    }
    let jwk = with("rsa-2048", "alg", json!("PS256"));
    let key = SigningKey::from_jwk_value(&jwk).unwrap();
    assert!(key.signer(&JwsAlgorithm::RS256).is_err());
}

#[test]
fn a_jwk_may_say_that_it_is_for_signing_and_have_other_members() {
    let mut jwk = with("p256", "use", json!("sig"));
    jwk["key_ops"] = json!(["verify", "sign"]);
    jwk["x5t#S256"] = json!("unknown");
    assert!(SigningKey::from_jwk_value(&jwk).is_ok());
}

#[test]
fn a_jwk_set_keeps_its_order() {
    let first = with("ed25519", "kid", json!("b"));
    let second = with("p256", "kid", json!("a"));
    let keys = SigningKeys::from_jwks(&json!({"keys": [first, second]}).to_string()).unwrap();
    let ids: Vec<_> = keys.keys().iter().map(SigningKey::key_id).collect();
    assert_eq!(ids, ["b", "a"]);
    let signers = keys.signers();
    let names: Vec<_> = signers
        .iter()
        .map(|signer| signer.algorithm().as_str())
        .collect();
    assert_eq!(names, ["Ed25519", "EdDSA", "ES256"]);
}

#[test]
fn leading_zeros_of_rsa_numbers_are_accepted() {
    let mut jwk = vectors("rfc")["rfc7515_a2"]["jwk"].clone();
    let padded = [vec![0], decode(jwk["n"].as_str().unwrap())].concat();
    jwk["n"] = json!(encode(&padded));
    let plain = SigningKey::from_jwk_value(&vectors("rfc")["rfc7515_a2"]["jwk"]).unwrap();
    assert_eq!(
        SigningKey::from_jwk_value(&jwk).unwrap().public_jwk(),
        plain.public_jwk()
    );
}

#[cfg(feature = "jsonwebtoken")]
#[test]
fn keys_of_jsonwebtoken_are_taken_over() {
    use jsonwebtoken::EncodingKey;

    let keys = [
        (
            EncodingKey::from_rsa_pem(pem("rsa-2048").as_bytes()).unwrap(),
            "rsa-2048",
        ),
        (
            EncodingKey::from_rsa_pem(pem("rsa-2048.pkcs1").as_bytes()).unwrap(),
            "rsa-2048",
        ),
        (
            EncodingKey::from_ec_pem(pem("p256").as_bytes()).unwrap(),
            "p256",
        ),
        (
            EncodingKey::from_ec_pem(pem("p384").as_bytes()).unwrap(),
            "p384",
        ),
        (EncodingKey::from_ec_der(&der("p521.sec1")), "p521"),
        (EncodingKey::from_rsa_der(&der("rsa-2048")), "rsa-2048"),
        (
            EncodingKey::from_ed_pem(pem("ed25519").as_bytes()).unwrap(),
            "ed25519",
        ),
    ];
    for (theirs, name) in keys {
        let ours = SigningKey::try_from(&theirs).unwrap();
        assert_eq!(ours.public_jwk(), key(name).public_jwk(), "{name}");
    }
}

#[cfg(feature = "jsonwebtoken")]
fn der(name: &str) -> Vec<u8> {
    let pem = pem(name);
    rsa::pkcs8::der::SecretDocument::from_pem(&pem)
        .unwrap()
        .1
        .as_bytes()
        .to_vec()
}

#[test]
fn two_generated_keys_differ() {
    let ids = [(); 2].map(|()| {
        SigningKey::generate(KeyKind::P256)
            .unwrap()
            .key_id()
            .to_owned()
    });
    assert_ne!(ids[0], ids[1]);
}
