use jarm_core::jose::DecryptionError;
use p256::elliptic_curve::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::{FromEncodedPoint, ModulusSize, ToEncodedPoint};
use p256::elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytesSize, NonZeroScalar, PublicKey,
};
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use super::encryption::oaep;
use super::{PrivateKey, fill, rng};
use crate::backend::OaepHash;
use crate::format::der::{self, SecretDocument};
use crate::format::{Curve, Group, KeyMaterial, Octets};
use crate::{DecryptionKeyKind, KeyError, KeyKind, format};

/// A private key that decrypts.
pub(crate) enum DecryptingKey {
    /// RSA or a NIST curve.
    Pair(PrivateKey),
    X25519(StaticSecret),
}

impl DecryptingKey {
    /// Checks that the numbers belong together.
    pub(crate) fn try_new(material: &KeyMaterial) -> Result<Self, KeyError> {
        match material {
            KeyMaterial::X25519(numbers) => {
                let key = StaticSecret::from(*numbers.d);
                numbers.check_public(x25519_dalek::PublicKey::from(&key).as_bytes())?;
                Ok(Self::X25519(key))
            }
            KeyMaterial::Ed25519(_) => Err(KeyError::UnsupportedCurve {
                found: "Ed25519".into(),
            }),
            KeyMaterial::Rsa(_) | KeyMaterial::Ec(_) => {
                PrivateKey::try_new(material).map(Self::Pair)
            }
        }
    }

    pub(crate) fn generate(kind: DecryptionKeyKind) -> Result<Self, KeyError> {
        let pair = |kind| PrivateKey::generate(kind).map(Self::Pair);
        match kind {
            DecryptionKeyKind::Rsa2048 => pair(KeyKind::Rsa2048),
            DecryptionKeyKind::Rsa3072 => pair(KeyKind::Rsa3072),
            DecryptionKeyKind::Rsa4096 => pair(KeyKind::Rsa4096),
            DecryptionKeyKind::P256 => pair(KeyKind::P256),
            DecryptionKeyKind::P384 => pair(KeyKind::P384),
            DecryptionKeyKind::P521 => pair(KeyKind::P521),
            DecryptionKeyKind::X25519 => {
                let mut d = Zeroizing::new([0; 32]);
                fill(&mut *d).map_err(|_| KeyError::Backend)?;
                Ok(Self::X25519((*d).into()))
            }
        }
    }

    pub(crate) fn public(&self) -> format::PublicKey {
        match self {
            Self::Pair(pair) => pair.public(),
            Self::X25519(key) => format::PublicKey::X25519 {
                x: x25519_dalek::PublicKey::from(key).as_bytes().to_vec(),
            },
        }
    }

    /// Decrypts with RSAES-OAEP.
    pub(crate) fn decrypt(
        &self,
        hash: OaepHash,
        encrypted: &[u8],
    ) -> Result<Octets, DecryptionError> {
        let Self::Pair(PrivateKey::Rsa(key)) = self else {
            return Err(DecryptionError);
        };
        // The random numbers blind the private-key operation (RUSTSEC-2023-0071).
        let mut rng = rng().ok_or(DecryptionError)?;
        let decrypted = key.decrypt_blinded(&mut rng, oaep(hash), encrypted);
        decrypted.map(Zeroizing::new).map_err(|_| DecryptionError)
    }

    /// Agrees on a secret with an uncompressed point or the octets of X25519, and returns what
    /// `derive` makes of it.
    pub(crate) fn agree<T>(
        &self,
        (group, public): (Group, &[u8]),
        derive: impl FnOnce(&[u8]) -> Result<T, DecryptionError>,
    ) -> Result<T, DecryptionError> {
        match (self, group) {
            (Self::Pair(PrivateKey::P256(key)), Group::Nist(Curve::P256)) => {
                agree_on_curve(key.as_nonzero_scalar(), public, derive)
            }
            (Self::Pair(PrivateKey::P384(key)), Group::Nist(Curve::P384)) => {
                agree_on_curve(key.as_nonzero_scalar(), public, derive)
            }
            (Self::Pair(PrivateKey::P521(key)), Group::Nist(Curve::P521)) => {
                agree_on_curve(key.as_nonzero_scalar(), public, derive)
            }
            (Self::X25519(key), Group::X25519) => {
                let public = <[u8; 32]>::try_from(public).map_err(|_| DecryptionError)?;
                let shared = key.diffie_hellman(&public.into());
                // RFC 8037 3.2.1: an all-zero secret is one that everybody knows.
                if !shared.was_contributory() {
                    return Err(DecryptionError);
                }
                derive(shared.as_bytes())
            }
            _ => Err(DecryptionError),
        }
    }

    pub(crate) fn to_pkcs8(&self) -> Result<SecretDocument, KeyError> {
        match self {
            Self::Pair(pair) => pair.to_pkcs8(),
            Self::X25519(key) => der::write_x25519(key.as_bytes()),
        }
    }
}

fn agree_on_curve<C, T>(
    key: &NonZeroScalar<C>,
    public: &[u8],
    derive: impl FnOnce(&[u8]) -> Result<T, DecryptionError>,
) -> Result<T, DecryptionError>
where
    C: CurveArithmetic,
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
{
    let public = PublicKey::<C>::from_sec1_bytes(public).map_err(|_| DecryptionError)?;
    let shared = diffie_hellman(key, public.as_affine());
    derive(shared.raw_secret_bytes())
}
