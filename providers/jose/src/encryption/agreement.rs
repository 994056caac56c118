use std::fmt;

use jarm_core::jose::{
    ContentKey, EncryptionError, JwePublicKey, KeyManagementHeader, PublicKeyError,
};
use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

use super::algorithms::{KeyManagement, OF_AGREEMENT_KEYS, key_management};
use super::concat_kdf::{OtherInfo, concat_kdf};
use super::{content, key_wrap, made};
use crate::backend::AgreementKey;
use crate::format::{Group, Octets, coordinates};

/// A client's key on a NIST curve or Curve25519
/// ([RFC 7518 4.6](https://www.rfc-editor.org/rfc/rfc7518#section-4.6)).
pub(super) struct AgreementPublicKey {
    group: Group,
    key: AgreementKey,
}

impl AgreementPublicKey {
    pub(super) fn try_new(group: Group, public: &[u8]) -> Result<Self, PublicKeyError> {
        let refused = || {
            let crv = group.crv();
            PublicKeyError::Invalid(format!("the point is not on {crv}: look at `x` and `y`"))
        };
        let key = AgreementKey::try_new(group, public).ok_or_else(refused)?;
        Ok(Self { group, key })
    }

    /// Agrees on a key of `octets` octets, for the algorithm that it is used with.
    fn agree(
        &self,
        algorithm: &str,
        octets: usize,
    ) -> Result<(KeyManagementHeader, Octets), EncryptionError> {
        let info = OtherInfo {
            algorithm,
            party_u: &[],
            party_v: &[],
        };
        let (public, key) = self.key.agree(|secret| concat_kdf(secret, info, octets))?;
        Ok((self.header(public)?, key))
    }

    fn header(&self, public: Vec<u8>) -> Result<KeyManagementHeader, EncryptionError> {
        let (x, y) = match self.group {
            Group::Nist(curve) => {
                let (x, y) = coordinates(curve, &public).ok_or(EncryptionError)?;
                (x.to_vec(), Some(y.to_vec()))
            }
            Group::X25519 => (public, None),
        };
        let curve = self.group.crv();
        Ok(KeyManagementHeader::EphemeralPublicKey { curve, x, y })
    }
}

impl JwePublicKey for AgreementPublicKey {
    fn algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        &OF_AGREEMENT_KEYS
    }

    fn content_key(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        encryption: &JweContentEncryptionAlgorithm,
    ) -> Result<ContentKey, EncryptionError> {
        match key_management(algorithm) {
            Some(KeyManagement::Agreement) => {
                let octets = content::key_octets(encryption)?;
                let (header, key) = self.agree(encryption.as_str(), octets)?;
                Ok(made(key).with_header(header))
            }
            Some(KeyManagement::AgreementAndWrap(octets)) => {
                let key = content::fresh_key(encryption)?;
                let (header, wrapping_key) = self.agree(algorithm.as_str(), octets)?;
                let wrapped = key_wrap::wrap(&wrapping_key, &key)?;
                Ok(made(key).with_encrypted_key(wrapped).with_header(header))
            }
            _ => Err(EncryptionError),
        }
    }
}

impl fmt::Debug for AgreementPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgreementPublicKey")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}
