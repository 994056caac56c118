//! That keys arrive: what the library makes, the client's own code takes apart.

use std::collections::BTreeSet;

use jarm_core::jose::{
    ClientSecret, ContentKey, EncryptionError, JweEncrypter as _, Jwk, KeyManagementHeader,
};
use jarm_core::{JweContentEncryptionAlgorithm as Enc, JweKeyManagementAlgorithm as Alg};
use jarm_jose::JwaEncrypter;

use crate::client::{Key, SECRET, open};
use crate::support::{decode, encode};

pub(crate) fn make(key: Key, alg: &Alg, enc: &Enc) -> Result<ContentKey, EncryptionError> {
    match key {
        Key::Secret => JwaEncrypter.content_key_for_secret(alg, enc, &ClientSecret::new(SECRET)),
        key => {
            let public = JwaEncrypter.public_key(alg, &key.public());
            public.map_err(|_| EncryptionError)?.content_key(enc)
        }
    }
}

/// Every key with each algorithm that it can be used with.
pub(crate) fn rows() -> Vec<(Key, Alg)> {
    let all = JwaEncrypter.key_management_algorithms();
    let of_public = |key: Key| {
        let public = key.public();
        let usable = move |alg: &&Alg| JwaEncrypter.public_key(alg, &public).is_ok();
        all.iter().filter(usable).map(move |alg| (key, alg.clone()))
    };
    let of_secret = all.iter().filter(|alg| alg.uses_client_secret());
    Key::PUBLIC
        .into_iter()
        .flat_map(of_public)
        .chain(of_secret.map(|alg| (Key::Secret, alg.clone())))
        .collect()
}

#[test]
fn every_algorithm_belongs_to_a_key() {
    let used: BTreeSet<_> = rows().into_iter().map(|(_, alg)| alg).collect();
    let offered = JwaEncrypter.key_management_algorithms();
    assert_eq!(used, offered.iter().cloned().collect());
    assert_eq!((used.len(), offered.len(), rows().len()), (15, 15, 27));
}

#[test]
fn what_is_encrypted_is_decrypted_by_the_client_with_every_pair_of_algorithms() {
    for (key, alg) in rows() {
        for enc in JwaEncrypter.content_encryption_algorithms() {
            let made = make(key, &alg, enc).unwrap();
            let row = format!("{key:?} {alg} {enc}");
            assert_eq!(
                Some(made.encrypted_key().is_some()),
                alg.transports_key(),
                "{row}"
            );
            assert_eq!(Some(made.key().len()), enc.key_octets(), "{row}");
            let found = key.content_key(alg.as_str(), enc.as_str(), &made);
            assert_eq!(found, made.key(), "{row}");

            let mut content = b"header.payload.signature".to_vec();
            let added = JwaEncrypter
                .encrypt(enc, &made, b"protected", &mut content)
                .unwrap();
            let sent = (content.as_slice(), added.tag());
            let read = open(&found, added.iv(), b"protected", sent);
            assert_eq!(read.unwrap(), b"header.payload.signature", "{row}");
        }
    }
}

#[test]
fn header_parameters_are_those_of_the_algorithm() {
    for (key, alg) in rows() {
        let made = make(key, &alg, &Enc::A128GCM).unwrap();
        let fits = match made.header() {
            Some(KeyManagementHeader::EphemeralPublicKey(_)) => alg.as_str().starts_with("ECDH-ES"),
            Some(KeyManagementHeader::AesGcmKeyWrap(_)) => alg.as_str().ends_with("GCMKW"),
            Some(_) => false,
            None => !alg.as_str().starts_with("ECDH-ES") && !alg.as_str().ends_with("GCMKW"),
        };
        assert!(fits, "{key:?} {alg}");
    }
}

#[test]
fn two_messages_share_no_key_but_that_of_dir() {
    for (key, alg) in rows() {
        let [one, other] = [(), ()].map(|()| make(key, &alg, &Enc::A256GCM).unwrap());
        assert_eq!(one.key() == other.key(), alg == Alg::DIR, "{key:?} {alg}");
        if one.header().is_some() {
            assert_ne!(one.header(), other.header(), "{key:?} {alg}");
        }
        if alg.transports_key() == Some(true) {
            assert_ne!(one.encrypted_key(), other.encrypted_key(), "{key:?} {alg}");
        }
    }
}

#[test]
fn the_highest_bit_of_an_x25519_key_is_ignored() {
    let mut members = Key::X25519.public().members().clone();
    let mut x = decode(members["x"].as_str().unwrap());
    x[31] ^= 0x80;
    members.insert("x".into(), encode(&x).into());
    let key = Jwk::try_new(members).unwrap();
    let key = JwaEncrypter.public_key(&Alg::ECDH_ES, &key).unwrap();
    let made = key.content_key(&Enc::A256GCM).unwrap();
    let found = Key::X25519.content_key("ECDH-ES", "A256GCM", &made);
    assert_eq!(found, made.key());
}

#[test]
fn an_algorithm_that_is_not_the_keys_is_refused() {
    let odd = Alg::try_new("ECDH-1PU").unwrap();
    let all = JwaEncrypter
        .key_management_algorithms()
        .iter()
        .chain([&odd]);
    for alg in all {
        for key in Key::PUBLIC.into_iter().chain([Key::Secret]) {
            let offered = rows().contains(&(key, alg.clone()));
            assert_eq!(
                make(key, alg, &Enc::A128GCM).is_ok(),
                offered,
                "{key:?} {alg}"
            );
        }
    }
    let odd = Enc::try_new("XC20P").unwrap();
    for (key, alg) in rows() {
        assert!(make(key, &alg, &odd).is_err(), "{key:?} {alg}");
    }
}

#[test]
fn the_tag_covers_header_vector_and_ciphertext() {
    for enc in JwaEncrypter.content_encryption_algorithms() {
        let key = vec![7; enc.key_octets().unwrap()];
        let content_key = ContentKey::direct(key.clone());
        let mut content = b"header.payload.signature".to_vec();
        let added = JwaEncrypter.encrypt(enc, &content_key, b"protected", &mut content);
        let added = added.unwrap();
        let parts = [b"protected", added.iv(), &content, added.tag()].map(<[u8]>::to_vec);
        let read = |[header, iv, content, tag]: &[Vec<u8>; 4]| {
            open(&key, iv, header, (content.as_slice(), tag.as_slice()))
        };
        assert!(read(&parts).is_some(), "{enc}");
        for part in 0..parts.len() {
            for octet in 0..parts[part].len() {
                let mut changed = parts.clone();
                changed[part][octet] ^= 1;
                assert!(
                    read(&changed).is_none(),
                    "{enc}: part {part}, octet {octet}"
                );
            }
        }
    }
}
