//! Content encryption, and what is offered.

use jarm_core::jose::{ClientSecret, ContentKey, IvAndTag, JweEncrypter as _};
use jarm_core::{JweContentEncryptionAlgorithm as Enc, JweKeyManagementAlgorithm as Alg};
use jarm_jose::JwaEncrypter;

const SIZES: [(Enc, usize, usize, usize); 6] = [
    (Enc::A128CBC_HS256, 32, 16, 16),
    (Enc::A192CBC_HS384, 48, 16, 24),
    (Enc::A256CBC_HS512, 64, 16, 32),
    (Enc::A128GCM, 16, 12, 16),
    (Enc::A192GCM, 24, 12, 16),
    (Enc::A256GCM, 32, 12, 16),
];

fn encrypt(enc: &Enc, key: &[u8], content: &[u8]) -> (IvAndTag, Vec<u8>) {
    let mut content = content.to_vec();
    let key = ContentKey::direct(key.to_vec());
    let added = JwaEncrypter.encrypt(enc, &key, b"header", &mut content);
    (added.unwrap(), content)
}

#[test]
fn the_default_content_encryption_is_published_first() {
    let offered = JwaEncrypter.content_encryption_algorithms();
    assert_eq!(offered, SIZES.map(|(enc, ..)| enc));
    assert_eq!(offered[0], Enc::default());
}

#[test]
fn key_management_is_published_from_public_keys_to_secrets() {
    let offered = JwaEncrypter.key_management_algorithms();
    let names: Vec<_> = offered.iter().map(Alg::as_str).collect();
    let expected = "RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 \
        ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW \
        A128KW A192KW A256KW A128GCMKW A192GCMKW A256GCMKW dir";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn vector_tag_and_ciphertext_have_the_sizes_of_rfc_7518_5() {
    for (enc, key, iv, tag) in SIZES {
        for length in [0, 1, 15, 16, 17, 1000] {
            let (added, encrypted) = encrypt(&enc, &vec![7; key], &vec![b'x'; length]);
            let padded = if iv == 16 {
                length / 16 * 16 + 16
            } else {
                length
            };
            assert_eq!(
                (added.iv().len(), added.tag().len(), encrypted.len()),
                (iv, tag, padded),
                "{enc} {length}"
            );
        }
    }
}

#[test]
fn no_plaintext_stays_behind() {
    for (enc, key, ..) in SIZES {
        let mut content = Vec::with_capacity(4096);
        content.extend_from_slice(&[b'p'; 1000]);
        let before = content.as_ptr();
        let encrypter = JwaEncrypter;
        encrypter
            .encrypt(&enc, &ContentKey::direct(vec![7; key]), b"", &mut content)
            .unwrap();
        assert!(!content.windows(8).any(|part| part == [b'p'; 8]), "{enc}");
        assert_eq!(content.as_ptr(), before, "{enc} encrypts in place");
    }
}

#[test]
fn each_message_has_an_initialization_vector_of_its_own() {
    for (enc, key, ..) in SIZES {
        let (one, first) = encrypt(&enc, &vec![7; key], b"content");
        let (other, second) = encrypt(&enc, &vec![7; key], b"content");
        assert_ne!(one.iv(), other.iv(), "{enc}");
        assert_ne!(first, second, "{enc}");
    }
}

#[test]
fn a_content_key_of_another_size_is_refused() {
    for (enc, size, ..) in SIZES {
        for wrong in (0..=65).filter(|length| *length != size) {
            let key = ContentKey::direct(vec![7; wrong]);
            let mut content = b"content".to_vec();
            let encrypted = JwaEncrypter.encrypt(&enc, &key, b"", &mut content);
            assert!(encrypted.is_err(), "{enc} with {wrong} octets");
            assert_eq!(content, b"content");
        }
    }
}

#[test]
fn an_algorithm_that_is_not_offered_is_refused() {
    let secret = ClientSecret::new("s".repeat(64));
    let refused = |alg: &str, enc: &str| {
        let (alg, enc) = (alg.parse().unwrap(), enc.parse().unwrap());
        let key = JwaEncrypter.content_key_for_secret(&alg, &enc, &secret);
        key.is_err()
    };
    assert!(!refused("A128KW", "A128GCM"));
    for alg in [
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "RSA-OAEP-256",
        "a128kw",
        "C20PKW",
    ] {
        assert!(refused(alg, "A128GCM"), "{alg}");
    }
    for enc in ["XC20P", "a128gcm", "A512GCM"] {
        assert!(refused("A128KW", enc), "{enc}");
        assert!(refused("dir", enc), "{enc}");
        let mut content = Vec::new();
        let enc = enc.parse().unwrap();
        let key = ContentKey::direct(vec![7; 16]);
        let encrypted = JwaEncrypter.encrypt(&enc, &key, b"", &mut content);
        assert!(encrypted.is_err());
    }
}
