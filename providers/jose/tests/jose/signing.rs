//! Signing with keys in memory, verified by other libraries and by vectors of the RFCs.

use std::sync::Arc;

use jarm_core::JwsAlgorithm;
use jarm_jose::{KeyError, KeyKind, SigningKey, SigningKeys};

use crate::support::{ALGORITHMS, decode, encode, key, pem, private_jwk, sign, vectors, verifies};

const INPUT: &[u8] = b"eyJhbGciOiJYIn0.e30";

#[test]
fn every_algorithm_signs_what_an_independent_library_verifies() {
    for (algorithm, name, length) in ALGORITHMS {
        let key = key(name);
        let signature = sign(&key, &algorithm, INPUT);
        assert_eq!(signature.len(), length, "{algorithm:?}");
        let public = key.signer(&algorithm).unwrap().public_key();
        assert!(
            verifies(&algorithm, &public, INPUT, &signature),
            "{algorithm:?}"
        );
        assert!(
            !verifies(&algorithm, &public, b"another", &signature),
            "{algorithm:?}"
        );
    }
}

/// A leading zero in `R` or `S` is kept: one signature in 128 has one.
#[test]
fn ecdsa_signatures_are_r_and_s_of_fixed_length() {
    for (algorithm, name, length) in ALGORITHMS {
        if name.starts_with('p') {
            let key = key(name);
            let lengths = (0..300_u16).map(|n| sign(&key, &algorithm, &n.to_be_bytes()).len());
            assert!(
                lengths.into_iter().all(|one| one == length),
                "{algorithm:?}"
            );
        }
    }
}

#[test]
fn pss_salts_differ_and_pkcs1_signatures_do_not() {
    let key = key("rsa-2048");
    let twice = |algorithm| [sign(&key, algorithm, INPUT), sign(&key, algorithm, INPUT)];
    let [first, second] = twice(&JwsAlgorithm::PS256);
    assert_ne!(first, second);
    let [first, second] = twice(&JwsAlgorithm::RS256);
    assert_eq!(first, second);
}

#[test]
fn rs256_is_that_of_rfc_7515_a_2() {
    assert_vector("rfc7515_a2", &JwsAlgorithm::RS256);
}

#[test]
fn ed25519_is_that_of_rfc_8037_a_4_under_both_names() {
    assert_vector("rfc8037_a4", &JwsAlgorithm::EDDSA);
    assert_vector("rfc8037_a4", &JwsAlgorithm::ED25519);
}

fn assert_vector(name: &str, algorithm: &JwsAlgorithm) {
    let vector = &vectors("rfc")[name];
    let key = SigningKey::from_jwk_value(&vector["jwk"]).unwrap();
    let input = vector["signing_input"].as_str().unwrap();
    let signature = vector["signature"].as_str().unwrap();
    assert_eq!(encode(&sign(&key, algorithm, input.as_bytes())), signature);
}

#[test]
fn the_ecdsa_keys_of_rfc_7515_sign() {
    let examples = [
        ("rfc7515_a3", JwsAlgorithm::ES256),
        ("rfc7515_a4", JwsAlgorithm::ES512),
    ];
    for (name, algorithm) in examples {
        let key = SigningKey::from_jwk_value(&vectors("rfc")[name]["jwk"]).unwrap();
        let signature = sign(&key, &algorithm, INPUT);
        assert!(verifies(&algorithm, &key.public_jwk(), INPUT, &signature));
    }
}

#[test]
fn kid_is_the_thumbprint_of_rfc_7638() {
    for name in ["rfc7638_3_1", "rfc8037_a4"] {
        let vector = &vectors("rfc")[name];
        let key = SigningKey::from_jwk_value(&vector["jwk"]).unwrap();
        assert_eq!(key.key_id(), vector["thumbprint"].as_str().unwrap());
    }
}

#[test]
fn the_public_jwk_has_the_public_members_and_no_more() {
    let members = |name: &str| {
        let jwk = key(name).public_jwk();
        jwk.members().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members("rsa-2048"), ["e", "kty", "n"]);
    assert_eq!(members("p521"), ["crv", "kty", "x", "y"]);
    assert_eq!(members("ed25519"), ["crv", "kty", "x"]);
    for name in ["rsa-2048", "p256", "p384", "p521", "ed25519"] {
        let (public, private) = (key(name).public_jwk(), private_jwk(name));
        for (member, value) in public.members() {
            assert_eq!(value, &private[member], "{name} {member}");
        }
    }
}

#[test]
fn coordinates_in_a_jwk_are_as_long_as_the_field() {
    for (kind, length) in [
        (KeyKind::P256, 32),
        (KeyKind::P384, 48),
        (KeyKind::P521, 66),
    ] {
        let jwk = SigningKey::generate(kind).unwrap().public_jwk();
        for coordinate in ["x", "y"] {
            assert_eq!(decode(jwk.text(coordinate).unwrap()).len(), length);
        }
    }
}

#[test]
fn a_key_names_its_algorithms_and_refuses_others() {
    for (algorithm, name, _) in ALGORITHMS {
        let key = key(name);
        assert!(key.algorithms().contains(&algorithm));
        let own: Vec<_> = ALGORITHMS
            .into_iter()
            .filter(|row| row.1 == name)
            .map(|r| r.0)
            .collect();
        assert_eq!(key.algorithms(), own);
        let signers = key.signers();
        assert!(signers.iter().map(|signer| signer.algorithm()).eq(&own));
        assert!(signers.iter().all(|signer| signer.key_id() == key.key_id()));
        for (other, _, _) in ALGORITHMS.iter().filter(|row| row.1 != name) {
            let error = key.signer(other).unwrap_err();
            assert!(
                matches!(error, KeyError::UnsupportedAlgorithm { .. }),
                "{error}"
            );
        }
        assert!(key.signer(&JwsAlgorithm::HS256).is_err());
        assert!(
            key.signer(&JwsAlgorithm::try_new("ES256K").unwrap())
                .is_err()
        );
    }
}

#[test]
fn generated_keys_sign_and_survive_pem() {
    let rows = [
        (KeyKind::Rsa2048, JwsAlgorithm::PS256),
        (KeyKind::P256, JwsAlgorithm::ES256),
        (KeyKind::P384, JwsAlgorithm::ES384),
        (KeyKind::P521, JwsAlgorithm::ES512),
        (KeyKind::Ed25519, JwsAlgorithm::ED25519),
    ];
    for (kind, algorithm) in rows {
        let generated = SigningKey::generate(kind).unwrap();
        let kept = SigningKey::from_pem(generated.to_pem().unwrap().as_str()).unwrap();
        assert_eq!(kept.public_jwk(), generated.public_jwk());
        assert_eq!(kept.key_id(), generated.key_id());
        let signature = sign(&kept, &algorithm, INPUT);
        assert!(
            verifies(&algorithm, &generated.public_jwk(), INPUT, &signature),
            "{kind:?}"
        );
    }
}

#[test]
fn generated_rsa_keys_have_the_size_that_was_asked_for() {
    for (kind, octets) in [(KeyKind::Rsa2048, 256), (KeyKind::Rsa3072, 384)] {
        let jwk = SigningKey::generate(kind).unwrap().public_jwk();
        let modulus = decode(jwk.text("n").unwrap());
        assert_eq!((modulus.len(), modulus[0] >> 7), (octets, 1), "{kind:?}");
        assert_eq!(jwk.text("e"), Some("AQAB"));
    }
}

#[test]
fn to_pem_writes_what_openssl_writes() {
    for name in ["rsa-2048", "p256", "p384", "p521", "ed25519"] {
        assert_eq!(*key(name).to_pem().unwrap(), pem(name), "{name}");
    }
}

#[test]
fn debug_output_of_a_key_and_a_signer_shows_no_private_member() {
    for name in ["rsa-2048", "p256", "ed25519"] {
        let key = key(name).with_key_id("shown");
        let printed = format!("{key:?} {:?}", key.signers());
        assert!(printed.contains("shown"));
        let private = private_jwk(name);
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
fn signers_are_shared_between_threads() {
    let signers = SigningKeys::from_keys([key("p256"), key("ed25519")])
        .unwrap()
        .signers();
    let handles: Vec<_> = signers
        .iter()
        .map(Arc::clone)
        .map(|signer| std::thread::spawn(move || signer.key_id().to_owned()))
        .collect();
    let ids: Vec<_> = handles
        .into_iter()
        .map(|handle| handle.join().unwrap())
        .collect();
    assert_eq!(ids.len(), 3);
}
