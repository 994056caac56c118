//! A client's private keys: which are read, which are refused, and what is registered.

use jarm_core::jose::JweEncrypter as _;
use jarm_jose::{
    DecryptionKey, DecryptionKeyKind, DecryptionKeys, JwaEncrypter, KeyError, SigningKey,
};
use serde_json::{Value, json};

use crate::support::{assert_refused, decode, encode, pem, private_jwk};

const NAMES: [&str; 5] = ["rsa-2048", "p256", "p384", "p521", "x25519"];

fn read(name: &str) -> DecryptionKey {
    DecryptionKey::from_pem(pem(name)).unwrap()
}

/// The private JWK of a file in `keys`. The private number of X25519 is the end of its PKCS#8.
fn jwk(name: &str) -> Value {
    if name != "x25519" {
        return private_jwk(name);
    }
    let pem = pem(name);
    let (_, document) = rsa::pkcs8::der::SecretDocument::from_pem(&pem).unwrap();
    let d: [u8; 32] = *document.as_bytes().last_chunk().unwrap();
    let x = x25519_dalek::x25519(d, x25519_dalek::X25519_BASEPOINT_BYTES);
    json!({"kty": "OKP", "crv": "X25519", "x": encode(&x), "d": encode(&d)})
}

fn changed(name: &str, member: &str, value: Value) -> Value {
    let mut jwk = jwk(name);
    jwk[member] = value;
    jwk
}

fn error(jwk: &Value) -> KeyError {
    DecryptionKey::from_jwk_value(jwk).unwrap_err()
}

#[test]
fn the_algorithms_of_a_key_are_those_that_the_server_encrypts_to_it_with() {
    for name in NAMES {
        let key = read(name);
        let offered = JwaEncrypter.key_management_algorithms().iter();
        let usable = offered.filter(|alg| JwaEncrypter.public_key(alg, &key.public_jwk()).is_ok());
        assert!(usable.eq(key.algorithms()), "{name}");
        assert_eq!(key.algorithms().len(), 4, "{name}");
    }
}

#[test]
fn pem_and_jwk_of_one_key_are_one_key() {
    for name in NAMES {
        let from_jwk = DecryptionKey::from_jwk(&jwk(name).to_string()).unwrap();
        assert_eq!(from_jwk.public_jwk(), read(name).public_jwk(), "{name}");
    }
    for (one, other) in [
        ("rsa-2048", "rsa-2048.pkcs1"),
        ("p256", "p256.sec1"),
        ("p256", "p256.compressed"),
        ("p521", "p521.sec1"),
    ] {
        assert_eq!(read(one).public_jwk(), read(other).public_jwk(), "{other}");
    }
}

#[test]
fn to_pem_writes_what_openssl_writes() {
    for name in NAMES {
        assert_eq!(*read(name).to_pem().unwrap(), pem(name), "{name}");
    }
}

#[test]
fn generated_keys_survive_pem() {
    for (kind, kty) in [
        (DecryptionKeyKind::Rsa2048, "RSA"),
        (DecryptionKeyKind::P256, "EC"),
        (DecryptionKeyKind::P384, "EC"),
        (DecryptionKeyKind::P521, "EC"),
        (DecryptionKeyKind::X25519, "OKP"),
    ] {
        let [one, other] = [(), ()].map(|()| DecryptionKey::generate(kind).unwrap());
        assert_eq!((one.public_jwk().kty(), one.key_id()), (kty, None));
        assert_ne!(one.public_jwk(), other.public_jwk(), "{kind:?}");
        let kept = DecryptionKey::from_pem(one.to_pem().unwrap().as_str()).unwrap();
        assert_eq!(kept.public_jwk(), one.public_jwk(), "{kind:?}");
    }
    let jwk = DecryptionKey::generate(DecryptionKeyKind::Rsa3072).unwrap();
    let modulus = decode(jwk.public_jwk().text("n").unwrap());
    assert_eq!((modulus.len(), modulus[0] >> 7), (384, 1));
}

#[test]
fn what_is_registered_has_the_public_members_and_what_the_key_is_for() {
    let members = |key: &DecryptionKey| {
        let jwk = key.public_jwk();
        jwk.members().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members(&read("rsa-2048")), ["e", "kty", "n", "use"]);
    assert_eq!(members(&read("p521")), ["crv", "kty", "use", "x", "y"]);
    assert_eq!(members(&read("x25519")), ["crv", "kty", "use", "x"]);
    for name in NAMES {
        let mut private = jwk(name);
        private["kid"] = json!("2026-11");
        private["key_ops"] = json!(["deriveBits", "unwrapKey"]);
        let key = DecryptionKey::from_jwk_value(&private).unwrap();
        let public = key.public_jwk();
        assert_eq!(public.text("use"), Some("enc"), "{name}");
        assert_eq!(
            (key.key_id(), public.kid()),
            (Some("2026-11"), Some("2026-11"))
        );
        assert_eq!(public.text("alg"), None, "{name}");
        for (member, value) in public
            .members()
            .iter()
            .filter(|(member, _)| *member != "use")
        {
            assert_eq!(value, &private[member], "{name} {member}");
        }
        let renamed = key.with_key_id("2026-12").public_jwk();
        assert_eq!(renamed.kid(), Some("2026-12"));
    }
}

#[test]
fn a_key_without_a_kid_has_none() {
    for key in [
        read("p256"),
        DecryptionKey::from_jwk_value(&jwk("p256")).unwrap(),
    ] {
        assert_eq!((key.key_id(), key.public_jwk().kid()), (None, None));
    }
}

#[test]
fn alg_of_a_jwk_leaves_the_key_that_one_algorithm_and_is_registered() {
    for name in NAMES {
        for alg in read(name).algorithms() {
            let jwk = changed(name, "alg", json!(alg.as_str()));
            let key = DecryptionKey::from_jwk_value(&jwk).unwrap();
            assert_eq!(key.algorithms(), std::slice::from_ref(alg));
            assert_eq!(key.public_jwk().text("alg"), Some(alg.as_str()));
        }
    }
    for (name, alg) in [
        ("rsa-2048", "RSA1_5"),
        ("rsa-2048", "RS256"),
        ("rsa-2048", "ECDH-ES"),
        ("p256", "RSA-OAEP"),
        ("p256", "ES256"),
        ("x25519", "ecdh-es"),
    ] {
        let error = error(&changed(name, "alg", json!(alg)));
        assert!(error.to_string().contains(alg), "{error}");
        assert_refused!(error, KeyError::UnsupportedKeyManagement { .. });
    }
}

#[test]
fn a_jwk_for_something_else_is_refused() {
    for (member, value) in [
        ("use", json!("sig")),
        ("use", json!("")),
        ("key_ops", json!([])),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!(["encrypt", "wrapKey", "verify"])),
    ] {
        for name in NAMES {
            let error = error(&changed(name, member, value.clone()));
            assert_refused!(error, KeyError::NotForDecryption);
        }
    }
    for value in ["decrypt", "unwrapKey", "deriveKey", "deriveBits"] {
        let mut jwk = changed("p256", "use", json!("enc"));
        jwk["key_ops"] = json!(["encrypt", value]);
        assert!(DecryptionKey::from_jwk_value(&jwk).is_ok(), "{value}");
    }
}

#[test]
fn keys_that_do_not_decrypt_are_refused() {
    assert_refused!(
        DecryptionKey::from_pem(pem("ed25519")).unwrap_err(),
        KeyError::UnsupportedCurve { .. }
    );
    let signs = error(&private_jwk("ed25519"));
    assert!(signs.to_string().contains("X25519 to decrypt"), "{signs}");
    assert_refused!(signs, KeyError::UnsupportedCurve { .. });
    assert_refused!(
        error(&json!({"kty": "oct", "k": "AAAA"})),
        KeyError::SharedSecret
    );
    for name in NAMES {
        let public = serde_json::to_value(read(name).public_jwk()).unwrap();
        assert_refused!(error(&public), KeyError::PublicKey);
    }
    assert_refused!(
        error(&changed("p256", "crv", json!("secp256k1"))),
        KeyError::UnsupportedCurve { .. }
    );
    assert_refused!(
        error(&changed("x25519", "crv", json!("X448"))),
        KeyError::UnsupportedCurve { .. }
    );
    for (name, pattern) in [
        ("rsa-1024", "1024 bits"),
        ("rsa-2048.encrypted", "encrypted"),
    ] {
        let error = DecryptionKey::from_pem(pem(name)).unwrap_err();
        assert!(error.to_string().contains(pattern), "{error}");
    }
    assert_refused!(DecryptionKey::from_pem("").unwrap_err(), KeyError::Empty);
    assert_refused!(DecryptionKey::from_jwk(" ").unwrap_err(), KeyError::Empty);
}

#[test]
fn numbers_that_contradict_each_other_are_refused() {
    for name in ["rsa-2048", "p256", "p384", "p521", "x25519"] {
        let members = if name == "rsa-2048" {
            &["n", "d", "p", "q", "dp", "dq", "qi"][..]
        } else {
            &["x", "d"]
        };
        for member in members {
            let mut octets = decode(jwk(name)[*member].as_str().unwrap());
            octets[10] ^= 2;
            let error = error(&changed(name, member, json!(encode(&octets))));
            assert_refused!(error, KeyError::Inconsistent);
        }
    }
    for member in ["x", "d"] {
        let short = changed("x25519", member, json!(encode(&[7; 31])));
        assert!(DecryptionKey::from_jwk_value(&short).is_err());
    }
}

#[test]
fn a_signing_key_is_told_from_a_decryption_key() {
    let refused = SigningKey::from_pem(pem("x25519")).unwrap_err();
    assert!(refused.to_string().contains("Ed25519 to sign"), "{refused}");
    assert_refused!(refused, KeyError::UnsupportedCurve { .. });
    // RSA and the NIST curves do both; the JWK says which of the two.
    let signs = changed("p256", "use", json!("sig"));
    assert!(SigningKey::from_jwk_value(&signs).is_ok());
    assert_refused!(error(&signs), KeyError::NotForDecryption);
}

#[test]
fn debug_output_shows_no_private_member() {
    for name in NAMES {
        let key = read(name).with_key_id("shown");
        let keys = DecryptionKeys::from_keys([key.clone()]).unwrap();
        let printed = format!("{key:?} {keys:?} {:?}", keys.keys());
        assert!(printed.contains("shown"));
        let private = jwk(name);
        for member in ["d", "p", "q", "dp", "dq", "qi"] {
            let Some(secret) = private[member].as_str() else {
                continue;
            };
            assert!(!printed.contains(secret));
            assert!(!printed.contains(&format!("{:?}", decode(secret))));
        }
    }
}

#[test]
fn a_private_jwk_set_keeps_its_order_and_names_a_refused_key_by_its_index() {
    let jwks = |keys: Value| DecryptionKeys::from_jwks(&json!({"keys": keys}).to_string());
    let first = changed("x25519", "kid", json!("b"));
    let second = changed("p256", "kid", json!("a"));
    let keys = jwks(json!([first, second, jwk("p384"), jwk("p521")])).unwrap();
    let ids: Vec<_> = keys
        .keys()
        .iter()
        .map(|key| key.key_id().map(str::to_owned))
        .collect();
    assert_eq!(ids, [Some("b".into()), Some("a".into()), None, None]);
    let public = keys.public_jwks();
    assert_eq!(public.keys.len(), 4);
    assert_eq!(public.keys[0].kid(), Some("b"));

    let error = jwks(json!([second, {"kty": "oct"}])).unwrap_err();
    assert_refused!(error, KeyError::InSet { index: 1, .. });
    let error = jwks(json!([second, second])).unwrap_err();
    assert_refused!(error, KeyError::DuplicateKeyId { .. });
    assert_refused!(jwks(json!([])).unwrap_err(), KeyError::Empty);
}

#[test]
fn no_changed_or_shortened_x25519_key_panics() {
    use base64::Engine as _;
    let pem = pem("x25519");
    let (_, document) = rsa::pkcs8::der::SecretDocument::from_pem(&pem).unwrap();
    let der = document.as_bytes();
    for place in 0..der.len() {
        for mask in [0x01, 0x81, 0xff] {
            let mut changed = der.to_vec();
            changed[place] ^= mask;
            for octets in [&changed[..], &der[..place]] {
                let body = base64::engine::general_purpose::STANDARD.encode(octets);
                let (first, rest) = body.split_at(body.len().min(64));
                let pem = format!(
                    "-----BEGIN PRIVATE KEY-----\n{first}\n{rest}\n-----END PRIVATE KEY-----\n"
                );
                let _ = DecryptionKey::from_pem(pem);
            }
        }
    }
}
