use aws_lc_rs::agreement::{self, UnparsedPublicKey};
use aws_lc_rs::encoding::{AsBigEndian, Curve25519SeedBin};
use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};
use jarm_core::jose::DecryptionError;
use zeroize::Zeroizing;

use super::PrivateKey;
use super::encryption::{ecdh, oaep};
use crate::backend::OaepHash;
use crate::format::der::{self, SecretDocument};
use crate::format::{Group, KeyMaterial, Octets, PublicKey};
use crate::{DecryptionKeyKind, KeyError, KeyKind};

/// A private key that decrypts. Where aws-lc-rs has another type for pairs, which checks and writes
/// them, that stands beside it.
pub(crate) enum DecryptingKey {
    Rsa(OaepPrivateDecryptingKey, PrivateKey),
    Nist(agreement::PrivateKey, PrivateKey),
    X25519 {
        key: agreement::PrivateKey,
        public: Vec<u8>,
    },
}

impl DecryptingKey {
    /// Checks that the numbers belong together.
    pub(crate) fn try_new(material: &KeyMaterial) -> Result<Self, KeyError> {
        match material {
            KeyMaterial::X25519(numbers) => {
                let d = numbers.d.as_slice();
                let key = agreement::PrivateKey::from_private_key(&agreement::X25519, d);
                let (key, public) = x25519(key.map_err(|_| KeyError::Inconsistent)?)?;
                numbers.check_public(&public)?;
                Ok(Self::X25519 { key, public })
            }
            other => Self::of_pair(PrivateKey::try_new(other)?),
        }
    }

    pub(crate) fn generate(kind: DecryptionKeyKind) -> Result<Self, KeyError> {
        let pair = |kind| PrivateKey::generate(kind).and_then(Self::of_pair);
        match kind {
            DecryptionKeyKind::Rsa2048 => pair(KeyKind::Rsa2048),
            DecryptionKeyKind::Rsa3072 => pair(KeyKind::Rsa3072),
            DecryptionKeyKind::Rsa4096 => pair(KeyKind::Rsa4096),
            DecryptionKeyKind::P256 => pair(KeyKind::P256),
            DecryptionKeyKind::P384 => pair(KeyKind::P384),
            DecryptionKeyKind::P521 => pair(KeyKind::P521),
            DecryptionKeyKind::X25519 => {
                let key = agreement::PrivateKey::generate(&agreement::X25519);
                let (key, public) = x25519(key.map_err(|_| KeyError::Backend)?)?;
                Ok(Self::X25519 { key, public })
            }
        }
    }

    pub(crate) fn public(&self) -> PublicKey {
        match self {
            Self::Rsa(_, pair) | Self::Nist(_, pair) => pair.public(),
            Self::X25519 { public, .. } => PublicKey::X25519 { x: public.clone() },
        }
    }

    /// Decrypts with RSAES-OAEP.
    pub(crate) fn decrypt(
        &self,
        hash: OaepHash,
        encrypted: &[u8],
    ) -> Result<Octets, DecryptionError> {
        let Self::Rsa(key, _) = self else {
            return Err(DecryptionError);
        };
        let mut decrypted = Zeroizing::new(vec![0; key.min_output_size()]);
        let length = key
            .decrypt(oaep(hash), encrypted, &mut decrypted, None)
            .map_err(|_| DecryptionError)?
            .len();
        decrypted.truncate(length);
        Ok(decrypted)
    }

    /// Agrees on a secret with an uncompressed point or the octets of X25519, and returns what
    /// `derive` makes of it.
    pub(crate) fn agree<T>(
        &self,
        (group, public): (Group, &[u8]),
        derive: impl FnOnce(&[u8]) -> Result<T, DecryptionError>,
    ) -> Result<T, DecryptionError> {
        match self {
            Self::Nist(key, _) | Self::X25519 { key, .. } => {
                let public = UnparsedPublicKey::new(ecdh(group), public);
                agreement::agree(key, public, DecryptionError, derive)
            }
            Self::Rsa(..) => Err(DecryptionError),
        }
    }

    pub(crate) fn to_pkcs8(&self) -> Result<SecretDocument, KeyError> {
        match self {
            Self::Rsa(_, pair) | Self::Nist(_, pair) => pair.to_pkcs8(),
            Self::X25519 { key, .. } => {
                let d: Curve25519SeedBin<'_> = key.as_be_bytes().map_err(|_| KeyError::Backend)?;
                der::write_x25519(d.as_ref())
            }
        }
    }

    fn of_pair(pair: PrivateKey) -> Result<Self, KeyError> {
        let pkcs8 = pair.to_pkcs8()?;
        let pkcs8 = pkcs8.as_bytes();
        match &pair {
            PrivateKey::Rsa(_) => {
                let key = PrivateDecryptingKey::from_pkcs8(pkcs8);
                let key = key.map_err(|_| KeyError::Inconsistent)?;
                let key = OaepPrivateDecryptingKey::new(key).map_err(|_| KeyError::Backend)?;
                Ok(Self::Rsa(key, pair))
            }
            PrivateKey::Ec(curve, _) => {
                let algorithm = ecdh(Group::Nist(*curve));
                let key = agreement::PrivateKey::from_private_key_der(algorithm, pkcs8);
                Ok(Self::Nist(key.map_err(|_| KeyError::Inconsistent)?, pair))
            }
            PrivateKey::Ed25519(_) => Err(KeyError::UnsupportedCurve {
                found: "Ed25519".into(),
            }),
        }
    }
}

/// The key with its public half.
fn x25519(key: agreement::PrivateKey) -> Result<(agreement::PrivateKey, Vec<u8>), KeyError> {
    let public = key.compute_public_key().map_err(|_| KeyError::Backend)?;
    let public = public.as_ref().to_vec();
    Ok((key, public))
}
