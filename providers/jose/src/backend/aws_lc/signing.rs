use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::io::Positive;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use jarm_core::jose::SigningError;

use crate::backend::{Hash, Scheme};
use crate::format::der::SecretDocument;
use crate::format::{Curve, EcNumbers, KeyMaterial, PublicKey, der};
use crate::{KeyError, KeyKind};

/// A private key that aws-lc-rs has checked.
pub(crate) enum PrivateKey {
    Rsa(RsaKeyPair),
    Ec(Curve, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// Checks that the numbers belong together.
    pub(crate) fn try_new(material: &KeyMaterial) -> Result<Self, KeyError> {
        match material {
            KeyMaterial::Rsa(numbers) => {
                numbers.check()?;
                let key = RsaKeyPair::from_der(der::write_pkcs1(numbers)?.as_bytes());
                key.map(Self::Rsa).map_err(|_| KeyError::Inconsistent)
            }
            KeyMaterial::Ec(numbers) => ec_key(numbers).map(|key| Self::Ec(numbers.curve, key)),
            KeyMaterial::Ed25519(numbers) => {
                let key = Ed25519KeyPair::from_seed_unchecked(&*numbers.d)
                    .map_err(|_| KeyError::Inconsistent)?;
                numbers.check_public(key.public_key().as_ref())?;
                Ok(Self::Ed25519(key))
            }
            KeyMaterial::X25519(_) => Err(KeyError::UnsupportedCurve {
                found: "X25519".into(),
            }),
        }
    }

    pub(crate) fn generate(kind: KeyKind) -> Result<Self, KeyError> {
        let rsa = |size| RsaKeyPair::generate(size).map(Self::Rsa);
        let ec = |curve| EcdsaKeyPair::generate(ecdsa(curve)).map(|key| Self::Ec(curve, key));
        let key = match kind {
            KeyKind::Rsa2048 => rsa(KeySize::Rsa2048),
            KeyKind::Rsa3072 => rsa(KeySize::Rsa3072),
            KeyKind::Rsa4096 => rsa(KeySize::Rsa4096),
            KeyKind::P256 => ec(Curve::P256),
            KeyKind::P384 => ec(Curve::P384),
            KeyKind::P521 => ec(Curve::P521),
            KeyKind::Ed25519 => Ed25519KeyPair::generate().map(Self::Ed25519),
        };
        key.map_err(|_| KeyError::Backend)
    }

    pub(crate) fn public(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => {
                let public = key.public_key();
                let number =
                    |number: Positive<'_>| number.big_endian_without_leading_zero().to_vec();
                PublicKey::Rsa {
                    n: number(public.modulus()),
                    e: number(public.exponent()),
                }
            }
            Self::Ec(curve, key) => PublicKey::Ec {
                curve: *curve,
                point: key.public_key().as_ref().to_vec(),
            },
            Self::Ed25519(key) => PublicKey::Ed25519 {
                x: key.public_key().as_ref().to_vec(),
            },
        }
    }

    pub(crate) fn sign(&self, scheme: Scheme, input: &[u8]) -> Result<Vec<u8>, SigningError> {
        let made = match (self, scheme) {
            (Self::Rsa(key), Scheme::RsaPkcs1(_) | Scheme::RsaPss(_)) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(
                    padding(scheme)?,
                    &SystemRandom::new(),
                    input,
                    &mut signature,
                )
                .map(|()| signature)
            }
            (Self::Ec(own, key), Scheme::Ecdsa(curve)) if *own == curve => key
                .sign(&SystemRandom::new(), input)
                .map(|made| made.as_ref().to_vec()),
            (Self::Ed25519(key), Scheme::Ed25519) => {
                key.try_sign(input).map(|made| made.as_ref().to_vec())
            }
            _ => Err(Unspecified),
        };
        made.map_err(|_| SigningError::opaque())
    }

    pub(crate) fn to_pkcs8(&self) -> Result<SecretDocument, KeyError> {
        let copy = |der: &[u8]| SecretDocument::try_from(der).map_err(|_| KeyError::Backend);
        let failed = |_| KeyError::Backend;
        match self {
            Self::Rsa(key) => copy(
                AsDer::<Pkcs8V1Der<'_>>::as_der(key)
                    .map_err(failed)?
                    .as_ref(),
            ),
            Self::Ec(_, key) => copy(key.to_pkcs8v1().map_err(failed)?.as_ref()),
            Self::Ed25519(key) => copy(key.to_pkcs8v1().map_err(failed)?.as_ref()),
        }
    }
}

/// Derives the point, and then makes the key with it: a key that was read without a point is also
/// written without one, which some readers of PKCS#8 refuse.
fn ec_key(numbers: &EcNumbers) -> Result<EcdsaKeyPair, KeyError> {
    let algorithm = ecdsa(numbers.curve);
    let sec1 = der::write_sec1(numbers)?;
    let key = EcdsaKeyPair::from_private_key_der(algorithm, sec1.as_bytes())
        .map_err(|_| KeyError::Inconsistent)?;
    let point = key.public_key().as_ref();
    numbers.check_point(point)?;
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, &numbers.d, point)
        .map_err(|_| KeyError::Inconsistent)
}

fn ecdsa(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
    }
}

fn padding(scheme: Scheme) -> Result<&'static dyn signature::RsaEncoding, SigningError> {
    Ok(match scheme {
        Scheme::RsaPkcs1(Hash::Sha256) => &signature::RSA_PKCS1_SHA256,
        Scheme::RsaPkcs1(Hash::Sha384) => &signature::RSA_PKCS1_SHA384,
        Scheme::RsaPkcs1(Hash::Sha512) => &signature::RSA_PKCS1_SHA512,
        Scheme::RsaPss(Hash::Sha256) => &signature::RSA_PSS_SHA256,
        Scheme::RsaPss(Hash::Sha384) => &signature::RSA_PSS_SHA384,
        Scheme::RsaPss(Hash::Sha512) => &signature::RSA_PSS_SHA512,
        Scheme::Ecdsa(_) | Scheme::Ed25519 => return Err(SigningError::opaque()),
    })
}
