//! A client that decrypts: the steps of RFC 7516 5.2 and RFC 7518, written once more and not with
//! the code under test. Both builds decrypt with the `RustCrypto` crates.

use std::sync::LazyLock;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut as _, KeyIvInit as _};
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{AesGcm, KeyInit as _};
use hmac::{Hmac, Mac};
use jarm_core::jose::{ContentKey, EphemeralPublicKey, Jwk, KeyManagementHeader};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, RsaPrivateKey};
use serde_json::json;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::support::{encode, pem};

pub(crate) const SECRET: &str = "a client's secret of more than thirty-two octets: äöü";
const X25519: [u8; 32] = [0x55; 32];

/// One of the client's private keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Rsa,
    P256,
    P384,
    P521,
    X25519,
    Secret,
}

impl Key {
    pub(crate) const PUBLIC: [Self; 5] =
        [Self::Rsa, Self::P256, Self::P384, Self::P521, Self::X25519];

    pub(crate) fn public(self) -> Jwk {
        macro_rules! ec {
            ($curve:ident, $pem:expr, $crv:literal) => {{
                let key = $curve::SecretKey::from_pkcs8_pem($pem).unwrap().public_key();
                let point = key.to_encoded_point(false);
                let (x, y) = (encode(point.x().unwrap()), encode(point.y().unwrap()));
                json!({"kty": "EC", "crv": $crv, "x": x, "y": y})
            }};
        }
        let key = match self {
            Self::Rsa => {
                let key = &*RSA;
                json!({"kty": "RSA", "n": encode(&key.n().to_bytes_be()), "e": "AQAB"})
            }
            Self::P256 => ec!(p256, &pem("p256"), "P-256"),
            Self::P384 => ec!(p384, &pem("p384"), "P-384"),
            Self::P521 => ec!(p521, &pem("p521"), "P-521"),
            Self::X25519 => {
                let x = x25519_dalek::x25519(X25519, x25519_dalek::X25519_BASEPOINT_BYTES);
                json!({"kty": "OKP", "crv": "X25519", "x": encode(&x)})
            }
            Self::Secret => panic!("a secret has no public half"),
        };
        serde_json::from_value(key).unwrap()
    }

    /// Finds out the content key from what travels.
    pub(crate) fn content_key(self, alg: &str, enc: &str, made: &ContentKey) -> Vec<u8> {
        let size = match enc {
            "A128GCM" => 16,
            "A192GCM" => 24,
            "A128CBC-HS256" | "A256GCM" => 32,
            "A192CBC-HS384" => 48,
            _ => 64,
        };
        let secret = SECRET.as_bytes();
        let left = |octets: u32| match octets {
            48 => Sha384::digest(secret).to_vec(),
            64 => Sha512::digest(secret).to_vec(),
            _ => Sha256::digest(secret)[..octets as usize].to_vec(),
        };
        let wrapped = made.encrypted_key().unwrap_or_default();
        match alg {
            "RSA-OAEP" => RSA.decrypt(Oaep::new::<sha1::Sha1>(), wrapped).unwrap(),
            "RSA-OAEP-256" => RSA.decrypt(Oaep::new::<Sha256>(), wrapped).unwrap(),
            "RSA-OAEP-384" => RSA.decrypt(Oaep::new::<Sha384>(), wrapped).unwrap(),
            "RSA-OAEP-512" => RSA.decrypt(Oaep::new::<Sha512>(), wrapped).unwrap(),
            "ECDH-ES" => derived(&self.agreed(made), enc, size),
            "ECDH-ES+A128KW" => unwrap(&derived(&self.agreed(made), alg, 16), wrapped),
            "ECDH-ES+A192KW" => unwrap(&derived(&self.agreed(made), alg, 24), wrapped),
            "ECDH-ES+A256KW" => unwrap(&derived(&self.agreed(made), alg, 32), wrapped),
            "A128KW" => unwrap(&left(16), wrapped),
            "A192KW" => unwrap(&left(24), wrapped),
            "A256KW" => unwrap(&left(32), wrapped),
            "A128GCMKW" => gcm_unwrap(&left(16), made),
            "A192GCMKW" => gcm_unwrap(&left(24), made),
            "A256GCMKW" => gcm_unwrap(&left(32), made),
            _ => left(size),
        }
    }

    /// What is agreed upon with `epk`. Each length is checked: a coordinate that has lost its
    /// leading zeros is one that clients refuse.
    fn agreed(self, made: &ContentKey) -> Vec<u8> {
        let Some(KeyManagementHeader::EphemeralPublicKey(epk)) = made.header() else {
            panic!("no `epk`");
        };
        macro_rules! agreed {
            ($curve:ident, $pem:expr, $crv:literal, $octets:literal) => {{
                let EphemeralPublicKey::Ec { crv, x, y } = epk else {
                    panic!("{epk:?}");
                };
                assert_eq!((crv.as_ref(), x.len(), y.len()), ($crv, $octets, $octets));
                let point = [&[4], x.as_slice(), y].concat();
                let epk = $curve::PublicKey::from_sec1_bytes(&point).unwrap();
                let own = $curve::SecretKey::from_pkcs8_pem($pem).unwrap();
                let secret = $curve::ecdh::diffie_hellman(own.to_nonzero_scalar(), epk.as_affine());
                secret.raw_secret_bytes().to_vec()
            }};
        }
        match self {
            Self::P256 => agreed!(p256, &pem("p256"), "P-256", 32),
            Self::P384 => agreed!(p384, &pem("p384"), "P-384", 48),
            Self::P521 => agreed!(p521, &pem("p521"), "P-521", 66),
            _ => {
                let EphemeralPublicKey::Okp { crv, x } = epk else {
                    panic!("{epk:?}");
                };
                assert_eq!(crv, "X25519");
                x25519_dalek::x25519(X25519, x.as_slice().try_into().unwrap()).to_vec()
            }
        }
    }
}

/// Read once: the numbers are checked, which takes its time.
static RSA: LazyLock<RsaPrivateKey> =
    LazyLock::new(|| RsaPrivateKey::from_pkcs8_pem(&pem("rsa-2048")).unwrap());

/// Concat KDF, in the rounds of NIST SP 800-56A 5.8.1.
fn derived(secret: &[u8], algorithm: &str, octets: u32) -> Vec<u8> {
    let name = algorithm.as_bytes();
    let name_length = u32::try_from(name.len()).unwrap().to_be_bytes();
    let info = [
        &name_length,
        name,
        &[0; 4],
        &[0; 4],
        &(octets * 8).to_be_bytes(),
    ]
    .concat();
    let round = |counter: u8| Sha256::digest([&[0, 0, 0, counter], secret, &info].concat());
    let mut key = [round(1), round(2)].concat();
    key.truncate(octets as usize);
    key
}

fn unwrap(key: &[u8], wrapped: &[u8]) -> Vec<u8> {
    match key.len() {
        16 => aes_kw::KekAes128::try_from(key)
            .unwrap()
            .unwrap_vec(wrapped),
        24 => aes_kw::KekAes192::try_from(key)
            .unwrap()
            .unwrap_vec(wrapped),
        _ => aes_kw::KekAes256::try_from(key)
            .unwrap()
            .unwrap_vec(wrapped),
    }
    .unwrap()
}

fn gcm_unwrap(key: &[u8], made: &ContentKey) -> Vec<u8> {
    let Some(KeyManagementHeader::AesGcmKeyWrap(wrap)) = made.header() else {
        panic!("no `iv` and `tag`");
    };
    assert_eq!((wrap.iv().len(), wrap.tag().len()), (12, 16));
    let wrapped = made.encrypted_key().unwrap();
    open(key, wrap.iv(), b"", (wrapped, wrap.tag())).unwrap()
}

/// Decrypts content, if everything is as it was encrypted.
pub(crate) fn open(
    key: &[u8],
    iv: &[u8],
    associated_data: &[u8],
    (encrypted, tag): (&[u8], &[u8]),
) -> Option<Vec<u8>> {
    macro_rules! gcm {
        ($aes:ident) => {{
            type Cipher = AesGcm<aes::$aes, aes::cipher::consts::U12>;
            let payload = Payload {
                msg: &[encrypted, tag].concat(),
                aad: associated_data,
            };
            Cipher::new_from_slice(key)
                .unwrap()
                .decrypt(iv.into(), payload)
                .ok()
        }};
    }
    macro_rules! cbc {
        ($aes:ident, $hash:ident) => {{
            let (mac_key, key) = key.split_at(key.len() / 2);
            let bits = (associated_data.len() as u64 * 8).to_be_bytes();
            let mac = <Hmac<$hash> as Mac>::new_from_slice(mac_key)
                .unwrap()
                .chain_update([associated_data, iv, encrypted, &bits].concat())
                .finalize()
                .into_bytes();
            if mac[..mac.len() / 2] != *tag {
                return None;
            }
            let cipher = cbc::Decryptor::<aes::$aes>::new_from_slices(key, iv).unwrap();
            let mut content = encrypted.to_vec();
            let length = cipher
                .decrypt_padded_mut::<Pkcs7>(&mut content)
                .unwrap()
                .len();
            content.truncate(length);
            Some(content)
        }};
    }
    match (iv.len(), key.len()) {
        (12, 16) => gcm!(Aes128),
        (12, 24) => gcm!(Aes192),
        (12, 32) => gcm!(Aes256),
        (16, 32) => cbc!(Aes128, Sha256),
        (16, 48) => cbc!(Aes192, Sha384),
        (16, 64) => cbc!(Aes256, Sha512),
        other => panic!("no algorithm has these sizes of vector and key: {other:?}"),
    }
}
