use jarm_core::jose::EncryptionError;
use p256::elliptic_curve::ecdh::EphemeralSecret;
use p256::elliptic_curve::sec1::{FromEncodedPoint, ModulusSize, ToEncodedPoint};
use p256::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, PublicKey};
use rand_chacha::ChaCha20Rng;
use rsa::{BigUint, Oaep, RsaPublicKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::rng;
use crate::backend::OaepHash;
use crate::format::rsa::LARGEST_MODULUS;
use crate::format::{Curve, Group};

/// A client's RSA key.
pub(crate) struct OaepKey(RsaPublicKey);

impl OaepKey {
    /// Takes numbers without leading zeros, which `format` has checked.
    pub(crate) fn try_new(n: &[u8], e: &[u8]) -> Option<Self> {
        let [n, e] = [n, e].map(BigUint::from_bytes_be);
        let key = RsaPublicKey::new_with_max_size(n, e, LARGEST_MODULUS);
        key.ok().map(Self)
    }

    pub(crate) fn encrypt(
        &self,
        hash: OaepHash,
        content_key: &[u8],
    ) -> Result<Vec<u8>, EncryptionError> {
        let mut rng = rng().ok_or(EncryptionError)?;
        let encrypted = self.0.encrypt(&mut rng, oaep(hash), content_key);
        encrypted.map_err(|_| EncryptionError)
    }
}

/// A client's key for agreement.
pub(crate) enum AgreementKey {
    P256(p256::PublicKey),
    P384(p384::PublicKey),
    P521(p521::PublicKey),
    X25519(x25519_dalek::PublicKey),
}

impl AgreementKey {
    /// Takes an uncompressed point or the octets of X25519. `None` if the point is not on its
    /// curve.
    pub(crate) fn try_new(group: Group, public: &[u8]) -> Option<Self> {
        Some(match group {
            Group::Nist(Curve::P256) => Self::P256(PublicKey::from_sec1_bytes(public).ok()?),
            Group::Nist(Curve::P384) => Self::P384(PublicKey::from_sec1_bytes(public).ok()?),
            Group::Nist(Curve::P521) => Self::P521(PublicKey::from_sec1_bytes(public).ok()?),
            Group::X25519 => Self::X25519(<[u8; 32]>::try_from(public).ok()?.into()),
        })
    }

    /// Agrees on a secret with a key that lives for this one call. Returns its public half and
    /// what `derive` makes of the secret.
    pub(crate) fn agree<T>(
        &self,
        derive: impl FnOnce(&[u8]) -> Result<T, EncryptionError>,
    ) -> Result<(Vec<u8>, T), EncryptionError> {
        let mut rng = rng().ok_or(EncryptionError)?;
        match self {
            Self::P256(key) => agree_on_curve(key, &mut rng, derive),
            Self::P384(key) => agree_on_curve(key, &mut rng, derive),
            Self::P521(key) => agree_on_curve(key, &mut rng, derive),
            Self::X25519(key) => {
                let own = x25519_dalek::EphemeralSecret::random_from_rng(&mut rng);
                let public = x25519_dalek::PublicKey::from(&own);
                let shared = own.diffie_hellman(key);
                // RFC 8037 3.2.1: an all-zero secret is one that everybody knows.
                if !shared.was_contributory() {
                    return Err(EncryptionError);
                }
                Ok((public.as_bytes().to_vec(), derive(shared.as_bytes())?))
            }
        }
    }
}

fn agree_on_curve<C, T>(
    key: &PublicKey<C>,
    rng: &mut ChaCha20Rng,
    derive: impl FnOnce(&[u8]) -> Result<T, EncryptionError>,
) -> Result<(Vec<u8>, T), EncryptionError>
where
    C: CurveArithmetic,
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
{
    let own = EphemeralSecret::<C>::random(rng);
    let public = own.public_key().to_encoded_point(false);
    let shared = own.diffie_hellman(key);
    let derived = derive(shared.raw_secret_bytes())?;
    Ok((public.as_bytes().to_vec(), derived))
}

pub(super) fn oaep(hash: OaepHash) -> Oaep {
    match hash {
        OaepHash::Sha1 => Oaep::new::<Sha1>(),
        OaepHash::Sha256 => Oaep::new::<Sha256>(),
        OaepHash::Sha384 => Oaep::new::<Sha384>(),
        OaepHash::Sha512 => Oaep::new::<Sha512>(),
    }
}
