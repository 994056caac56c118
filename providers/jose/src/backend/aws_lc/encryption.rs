use aws_lc_rs::agreement::{
    self, Algorithm, EphemeralPrivateKey, ParsedPublicKey, UnparsedPublicKey, agree_ephemeral,
};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents,
};
use jarm_core::jose::EncryptionError;

use crate::backend::OaepHash;
use crate::format::{Curve, Group};

/// A client's RSA key.
pub(crate) struct OaepKey(OaepPublicEncryptingKey);

impl OaepKey {
    /// Takes numbers without leading zeros, which `format` has checked.
    pub(crate) fn try_new(n: &[u8], e: &[u8]) -> Option<Self> {
        let key: PublicEncryptingKey = PublicKeyComponents { n, e }.try_into().ok()?;
        OaepPublicEncryptingKey::new(key).ok().map(Self)
    }

    pub(crate) fn encrypt(
        &self,
        hash: OaepHash,
        content_key: &[u8],
    ) -> Result<Vec<u8>, EncryptionError> {
        let mut encrypted = vec![0; self.0.ciphertext_size()];
        let made = self
            .0
            .encrypt(oaep(hash), content_key, &mut encrypted, None)
            .map_err(|_| EncryptionError)?
            .len();
        encrypted.truncate(made);
        Ok(encrypted)
    }
}

/// A client's key for agreement.
pub(crate) struct AgreementKey(ParsedPublicKey);

impl AgreementKey {
    /// Takes an uncompressed point or the octets of X25519. `None` if the point is not on its
    /// curve.
    pub(crate) fn try_new(group: Group, public: &[u8]) -> Option<Self> {
        let unparsed = UnparsedPublicKey::new(ecdh(group), public);
        ParsedPublicKey::try_from(unparsed).ok().map(Self)
    }

    /// Agrees on a secret with a key that lives for this one call. Returns its public half and
    /// what `derive` makes of the secret.
    pub(crate) fn agree<T>(
        &self,
        derive: impl FnOnce(&[u8]) -> Result<T, EncryptionError>,
    ) -> Result<(Vec<u8>, T), EncryptionError> {
        let own = EphemeralPrivateKey::generate(self.0.alg(), &SystemRandom::new())
            .map_err(|_| EncryptionError)?;
        let public = own.compute_public_key().map_err(|_| EncryptionError)?;
        let derived = agree_ephemeral(own, self.0.clone(), EncryptionError, derive)?;
        Ok((public.as_ref().to_vec(), derived))
    }
}

pub(super) fn oaep(hash: OaepHash) -> &'static OaepAlgorithm {
    match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
        OaepHash::Sha384 => &OAEP_SHA384_MGF1SHA384,
        OaepHash::Sha512 => &OAEP_SHA512_MGF1SHA512,
    }
}

pub(super) fn ecdh(group: Group) -> &'static Algorithm {
    match group {
        Group::Nist(Curve::P256) => &agreement::ECDH_P256,
        Group::Nist(Curve::P384) => &agreement::ECDH_P384,
        Group::Nist(Curve::P521) => &agreement::ECDH_P521,
        Group::X25519 => &agreement::X25519,
    }
}
