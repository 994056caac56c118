//! Sealing of pending responses, and the source of randomness.

use jarm_core::jose::{RandomSource as _, Sealer as _};
use jarm_jose::{Aes256GcmSealer, SystemRandom};

const CONTEXT: &[u8] = b"https://as.example client session 1";

#[test]
fn what_was_sealed_opens_with_the_same_associated_data_alone() {
    let aead = Aes256GcmSealer::generate().unwrap();
    for plaintext in [&b""[..], b"pending", &[7; 10_000]] {
        let sealed = aead.seal(CONTEXT, plaintext).unwrap();
        assert_eq!(sealed.len(), plaintext.len() + 12 + 16);
        assert_eq!(aead.unseal(CONTEXT, &sealed).unwrap(), plaintext);
        assert!(aead.unseal(b"another", &sealed).is_err());
        assert!(aead.unseal(b"", &sealed).is_err());
    }
}

#[test]
fn every_changed_or_missing_byte_is_an_error() {
    let aead = Aes256GcmSealer::generate().unwrap();
    let sealed = aead.seal(CONTEXT, b"pending response").unwrap();
    for place in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[place] ^= 1 << bit;
            assert!(aead.unseal(CONTEXT, &changed).is_err());
        }
        assert!(aead.unseal(CONTEXT, &sealed[..place]).is_err());
        assert!(aead.unseal(CONTEXT, &sealed[place + 1..]).is_err());
    }
    assert!(aead.unseal(CONTEXT, &[sealed, vec![0]].concat()).is_err());
}

#[test]
fn a_rotated_sealer_opens_with_any_key_and_seals_with_the_new_one() {
    let [oldest, old, new] = [[1; 32], [2; 32], [3; 32]];
    let rotated = Aes256GcmSealer::new(new)
        .also_opening(old)
        .also_opening(oldest);
    for key in [oldest, old, new] {
        let sealed = Aes256GcmSealer::new(key).seal(CONTEXT, b"pending").unwrap();
        assert_eq!(rotated.unseal(CONTEXT, &sealed).unwrap(), b"pending");
    }
    let sealed = rotated.seal(CONTEXT, b"pending").unwrap();
    assert!(Aes256GcmSealer::new(new).unseal(CONTEXT, &sealed).is_ok());
    assert!(Aes256GcmSealer::new(old).unseal(CONTEXT, &sealed).is_err());
}

#[test]
fn nonces_and_generated_keys_are_fresh() {
    let aead = Aes256GcmSealer::generate().unwrap();
    let [one, two] = [(); 2].map(|()| aead.seal(CONTEXT, b"same").unwrap());
    assert_ne!(one[..12], two[..12]);
    assert!(
        Aes256GcmSealer::generate()
            .unwrap()
            .unseal(CONTEXT, &one)
            .is_err()
    );
}

/// Test case 16 of the GCM specification by `McGrew` and `Viega`: the format is nonce, ciphertext, tag.
#[test]
fn a_published_vector_opens() {
    let hex = |text: &str| -> Vec<u8> {
        let digits = text
            .as_bytes()
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).unwrap());
        digits
            .map(|pair| u8::from_str_radix(pair, 16).unwrap())
            .collect()
    };
    let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let sealed = hex(concat!(
        "cafebabefacedbaddecaf888",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ));
    let plaintext = hex(concat!(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    ));
    let aead = Aes256GcmSealer::new(key.try_into().unwrap());
    let context = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    assert_eq!(aead.unseal(&context, &sealed).unwrap(), plaintext);
}

#[test]
fn debug_output_of_a_sealer_shows_no_key() {
    let printed = format!(
        "{:?}",
        Aes256GcmSealer::new([0xab; 32]).also_opening([0xcd; 32])
    );
    assert_eq!(printed, "Aes256GcmSealer { old_keys: 1, .. }");
}

#[test]
fn random_octets_differ() {
    let mut buffers = [[0; 32]; 2];
    for buffer in &mut buffers {
        SystemRandom.fill(buffer).unwrap();
    }
    assert_ne!(buffers[0], buffers[1]);
    assert_ne!(buffers[0], [0; 32]);
    SystemRandom.fill(&mut []).unwrap();
}
