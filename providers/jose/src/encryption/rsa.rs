use std::fmt;

use jarm_core::JweContentEncryptionAlgorithm;
use jarm_core::jose::{ContentKey, EncryptionError, JwePublicKey, Jwk, PublicKeyError};

use super::{content, moved};
use crate::backend::{OaepHash, OaepKey};
use crate::format::public_jwk;

/// A client's RSA key ([RFC 7518 4.3](https://www.rfc-editor.org/rfc/rfc7518#section-4.3)).
pub(super) struct RsaPublicKey {
    key: OaepKey,
    hash: OaepHash,
}

impl RsaPublicKey {
    pub(super) fn try_new(key: &Jwk, hash: OaepHash) -> Result<Self, PublicKeyError> {
        let (n, e) = public_jwk::rsa(key)?;
        let refused = || PublicKeyError::Invalid("`n` and `e` make no RSA key".into());
        let key = OaepKey::try_new(&n, &e).ok_or_else(refused)?;
        Ok(Self { key, hash })
    }
}

impl JwePublicKey for RsaPublicKey {
    fn content_key(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
    ) -> Result<ContentKey, EncryptionError> {
        let key = content::fresh_key(encryption)?;
        let encrypted = self.key.encrypt(self.hash, &key)?;
        Ok(ContentKey::transported(moved(key), encrypted))
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPublicKey")
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}
