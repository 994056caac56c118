use ed25519_dalek::pkcs8::KeypairBytes;
use jarm_core::jose::SigningError;
use p256::ecdsa::signature::{RandomizedSigner as _, Signer as _};
use rand_chacha::ChaCha20Rng;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::{fill, rng};
use crate::backend::{Hash, Scheme};
use crate::format::der::SecretDocument;
use crate::format::{Curve, EcNumbers, KeyMaterial, PublicKey, RsaNumbers};
use crate::{KeyError, KeyKind};

/// A private key that the `RustCrypto` crates have checked.
pub(crate) enum PrivateKey {
    Rsa(Box<RsaPrivateKey>),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl PrivateKey {
    /// Checks that the numbers belong together.
    pub(crate) fn try_new(material: &KeyMaterial) -> Result<Self, KeyError> {
        match material {
            KeyMaterial::Rsa(numbers) => {
                numbers.check()?;
                rsa_key(numbers).map(|key| Self::Rsa(Box::new(key)))
            }
            KeyMaterial::Ec(numbers) => {
                let key = ec_key(numbers).ok_or(KeyError::Inconsistent)?;
                if let PublicKey::Ec { point, .. } = key.public() {
                    numbers.check_point(&point)?;
                }
                Ok(key)
            }
            KeyMaterial::Ed25519(numbers) => {
                let key = ed25519_dalek::SigningKey::from_bytes(&numbers.d);
                numbers.check_public(key.verifying_key().as_bytes())?;
                Ok(Self::Ed25519(key))
            }
            KeyMaterial::X25519(_) => Err(KeyError::UnsupportedCurve {
                found: "X25519".into(),
            }),
        }
    }

    pub(crate) fn generate(kind: KeyKind) -> Result<Self, KeyError> {
        let mut rng = rng().ok_or(KeyError::Backend)?;
        Ok(match kind {
            KeyKind::Rsa2048 => generate_rsa(&mut rng, 2048)?,
            KeyKind::Rsa3072 => generate_rsa(&mut rng, 3072)?,
            KeyKind::Rsa4096 => generate_rsa(&mut rng, 4096)?,
            KeyKind::P256 => Self::P256(p256::ecdsa::SigningKey::random(&mut rng)),
            KeyKind::P384 => Self::P384(p384::ecdsa::SigningKey::random(&mut rng)),
            KeyKind::P521 => Self::P521(p521::ecdsa::SigningKey::random(&mut rng)),
            KeyKind::Ed25519 => {
                let mut seed = zeroize::Zeroizing::new([0; 32]);
                fill(&mut *seed).map_err(|_| KeyError::Backend)?;
                Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed))
            }
        })
    }

    pub(crate) fn public(&self) -> PublicKey {
        let ec = |curve, point: &[u8]| PublicKey::Ec {
            curve,
            point: point.to_vec(),
        };
        match self {
            Self::Rsa(key) => PublicKey::Rsa {
                n: key.n().to_bytes_be(),
                e: key.e().to_bytes_be(),
            },
            Self::P256(key) => ec(
                Curve::P256,
                key.verifying_key().to_encoded_point(false).as_bytes(),
            ),
            Self::P384(key) => ec(
                Curve::P384,
                key.verifying_key().to_encoded_point(false).as_bytes(),
            ),
            Self::P521(key) => {
                let public = p521::ecdsa::VerifyingKey::from(key);
                ec(Curve::P521, public.to_encoded_point(false).as_bytes())
            }
            Self::Ed25519(key) => PublicKey::Ed25519 {
                x: key.verifying_key().as_bytes().to_vec(),
            },
        }
    }

    pub(crate) fn sign(&self, scheme: Scheme, input: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.try_sign(scheme, input)
            .ok_or_else(SigningError::opaque)
    }

    fn try_sign(&self, scheme: Scheme, input: &[u8]) -> Option<Vec<u8>> {
        let mut rng = rng()?;
        match (self, scheme) {
            // The random numbers blind the private-key operation (RUSTSEC-2023-0071).
            (Self::Rsa(key), Scheme::RsaPkcs1(hash)) => key
                .sign_with_rng(&mut rng, pkcs1(hash), &digest(hash, input))
                .ok(),
            (Self::Rsa(key), Scheme::RsaPss(hash)) => key
                .sign_with_rng(&mut rng, pss(hash), &digest(hash, input))
                .ok(),
            (Self::P256(key), Scheme::Ecdsa(Curve::P256)) => {
                let made: p256::ecdsa::Signature = key.try_sign_with_rng(&mut rng, input).ok()?;
                Some(made.to_vec())
            }
            (Self::P384(key), Scheme::Ecdsa(Curve::P384)) => {
                let made: p384::ecdsa::Signature = key.try_sign_with_rng(&mut rng, input).ok()?;
                Some(made.to_vec())
            }
            (Self::P521(key), Scheme::Ecdsa(Curve::P521)) => {
                let made: p521::ecdsa::Signature = key.try_sign_with_rng(&mut rng, input).ok()?;
                Some(made.to_vec())
            }
            (Self::Ed25519(key), Scheme::Ed25519) => Some(key.try_sign(input).ok()?.to_vec()),
            _ => None,
        }
    }

    pub(crate) fn to_pkcs8(&self) -> Result<SecretDocument, KeyError> {
        let document = match self {
            Self::Rsa(key) => key.to_pkcs8_der(),
            Self::P256(key) => p256::SecretKey::from(key).to_pkcs8_der(),
            Self::P384(key) => p384::SecretKey::from(key).to_pkcs8_der(),
            Self::P521(key) => p521::SecretKey::from(*key.as_nonzero_scalar()).to_pkcs8_der(),
            // Version 1, without the public key: OpenSSL 3.0 does not read version 2.
            Self::Ed25519(key) => KeypairBytes {
                secret_key: key.to_bytes(),
                public_key: None,
            }
            .to_pkcs8_der(),
        };
        document.map_err(|_| KeyError::Backend)
    }
}

fn generate_rsa(rng: &mut ChaCha20Rng, bits: usize) -> Result<PrivateKey, KeyError> {
    let key = RsaPrivateKey::new(rng, bits).map_err(|_| KeyError::Backend)?;
    Ok(PrivateKey::Rsa(Box::new(key)))
}

/// Checks also the CRT members, which `from_components` computes anew.
fn rsa_key(numbers: &RsaNumbers) -> Result<RsaPrivateKey, KeyError> {
    let number = |octets: &[u8]| BigUint::from_bytes_be(octets);
    let (prime1, prime2, inverse) = (number(&numbers.p), number(&numbers.q), number(&numbers.qi));
    let inverts = inverse < prime1 && &inverse * &prime2 % &prime1 == BigUint::from(1_u8);
    let [modulus, public, private] = [&numbers.n, &numbers.e, &*numbers.d].map(|one| number(one));
    let key = RsaPrivateKey::from_components(modulus, public, private, vec![prime1, prime2]);
    let key = key.map_err(|_| KeyError::Inconsistent)?;
    let exponents = (Some(&number(&numbers.dp)), Some(&number(&numbers.dq)));
    let belongs = inverts && (key.dp(), key.dq()) == exponents;
    belongs.then_some(key).ok_or(KeyError::Inconsistent)
}

fn ec_key(numbers: &EcNumbers) -> Option<PrivateKey> {
    let d = numbers.d.as_slice();
    Some(match numbers.curve {
        Curve::P256 => PrivateKey::P256(p256::ecdsa::SigningKey::from_slice(d).ok()?),
        Curve::P384 => PrivateKey::P384(p384::ecdsa::SigningKey::from_slice(d).ok()?),
        Curve::P521 => PrivateKey::P521(p521::ecdsa::SigningKey::from_slice(d).ok()?),
    })
}

pub(super) fn pkcs1(hash: Hash) -> Pkcs1v15Sign {
    match hash {
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
    }
}

/// The salt is as long as the hash ([RFC 7518 3.5](https://www.rfc-editor.org/rfc/rfc7518#section-3.5)).
pub(super) fn pss(hash: Hash) -> Pss {
    match hash {
        Hash::Sha256 => Pss::new_blinded::<Sha256>(),
        Hash::Sha384 => Pss::new_blinded::<Sha384>(),
        Hash::Sha512 => Pss::new_blinded::<Sha512>(),
    }
}

pub(super) fn digest(hash: Hash, input: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha256 => Sha256::digest(input).to_vec(),
        Hash::Sha384 => Sha384::digest(input).to_vec(),
        Hash::Sha512 => Sha512::digest(input).to_vec(),
    }
}
