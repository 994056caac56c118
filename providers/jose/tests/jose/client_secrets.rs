//! `HS*` under clients' secrets.

use std::error::Error as _;

use hmac::{Hmac, Mac as _};
use jarm_core::JwsAlgorithm;
use jarm_core::jose::{ClientSecret, ClientSecretMac as _};
use jarm_jose::{HmacClientSecrets, KeyError};
use sha2::{Sha384, Sha512};

use crate::support::{encode, vectors};

const ROWS: [(JwsAlgorithm, usize); 3] = [
    (JwsAlgorithm::HS256, 32),
    (JwsAlgorithm::HS384, 48),
    (JwsAlgorithm::HS512, 64),
];

#[test]
fn the_mac_key_is_the_secrets_utf8_octets() {
    let vectors = vectors("client-secret-keys");
    let secret = ClientSecret::new(vectors["client_secret"].as_str().unwrap());
    let jws = vectors["hs256_jws"].as_str().unwrap();
    let (input, signature) = jws.rsplit_once('.').unwrap();
    let mac = HmacClientSecrets
        .mac(&JwsAlgorithm::HS256, &secret, input.as_bytes())
        .unwrap();
    assert_eq!(encode(&mac), signature);
}

#[test]
fn hs384_and_hs512_are_those_of_another_library() {
    let text = "ü".repeat(40);
    let secret = ClientSecret::new(text.clone());
    let mac = |algorithm| HmacClientSecrets.mac(algorithm, &secret, b"input").unwrap();
    let other = Hmac::<Sha384>::new_from_slice(text.as_bytes()).unwrap();
    assert!(
        other
            .chain_update(b"input")
            .verify_slice(&mac(&JwsAlgorithm::HS384))
            .is_ok()
    );
    let other = Hmac::<Sha512>::new_from_slice(text.as_bytes()).unwrap();
    assert!(
        other
            .chain_update(b"input")
            .verify_slice(&mac(&JwsAlgorithm::HS512))
            .is_ok()
    );
}

#[test]
fn a_secret_shorter_than_the_mac_is_refused() {
    for (algorithm, minimum) in ROWS {
        let long_enough = ClientSecret::new("s".repeat(minimum));
        let mac = HmacClientSecrets
            .mac(&algorithm, &long_enough, b"input")
            .unwrap();
        assert_eq!(mac.len(), minimum);
        let short = ClientSecret::new("s".repeat(minimum - 1));
        let error = HmacClientSecrets
            .mac(&algorithm, &short, b"input")
            .unwrap_err();
        let source = error.source().unwrap().downcast_ref::<KeyError>().unwrap();
        assert!(
            matches!(source, KeyError::ShortClientSecret { minimum: needed, .. } if *needed == minimum)
        );
    }
}

#[test]
fn only_hs_algorithms_are_computed() {
    let own: Vec<_> = ROWS.into_iter().map(|(algorithm, _)| algorithm).collect();
    assert_eq!(HmacClientSecrets.algorithms(), own);
    let secret = ClientSecret::new("s".repeat(64));
    for other in [JwsAlgorithm::RS256, JwsAlgorithm::try_new("hs256").unwrap()] {
        assert!(HmacClientSecrets.mac(&other, &secret, b"input").is_err());
    }
}
