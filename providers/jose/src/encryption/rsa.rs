use std::fmt;

use jarm_core::jose::{ContentKey, EncryptionError, JwePublicKey, PublicKeyError};
use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

use super::algorithms::{KeyManagement, OF_RSA_KEYS, key_management};
use super::{content, made};
use crate::backend::OaepKey;

/// A client's RSA key ([RFC 7518 4.3](https://www.rfc-editor.org/rfc/rfc7518#section-4.3)).
pub(super) struct RsaPublicKey(OaepKey);

impl RsaPublicKey {
    pub(super) fn try_new(n: &[u8], e: &[u8]) -> Result<Self, PublicKeyError> {
        let refused = || PublicKeyError::Invalid("`n` and `e` make no RSA key".into());
        OaepKey::try_new(n, e).map(Self).ok_or_else(refused)
    }
}

impl JwePublicKey for RsaPublicKey {
    fn algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        &OF_RSA_KEYS
    }

    fn content_key(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        encryption: &JweContentEncryptionAlgorithm,
    ) -> Result<ContentKey, EncryptionError> {
        let Some(KeyManagement::Oaep(hash)) = key_management(algorithm) else {
            return Err(EncryptionError);
        };
        let key = content::fresh_key(encryption)?;
        let encrypted = self.0.encrypt(hash, &key)?;
        Ok(made(key).with_encrypted_key(encrypted))
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPublicKey").finish_non_exhaustive()
    }
}
