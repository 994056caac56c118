use std::fmt;

use jarm_core::jose::{
    ContentKey, EncryptionError, EphemeralPublicKey, JwePublicKey, Jwk, KeyManagementHeader,
    PublicKeyError,
};
use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

use super::concat_kdf::{OtherInfo, concat_kdf};
use super::{content, key_wrap, moved};
use crate::backend::AgreementKey;
use crate::format::{Group, Octets, coordinates, public_jwk};

/// A client's key on a NIST curve or Curve25519
/// ([RFC 7518 4.6](https://www.rfc-editor.org/rfc/rfc7518#section-4.6)).
pub(super) struct AgreementPublicKey {
    group: Group,
    key: AgreementKey,
    /// The algorithm by which the result wraps a content key, and the size of the wrapping key in
    /// octets; without one the result is the content key.
    wrap: Option<(JweKeyManagementAlgorithm, usize)>,
}

impl AgreementPublicKey {
    pub(super) fn try_new(
        key: &Jwk,
        wrap: Option<(JweKeyManagementAlgorithm, usize)>,
    ) -> Result<Self, PublicKeyError> {
        let (group, public) = public_jwk::agreement(key)?;
        let refused = || public_jwk::not_on_curve(group.crv());
        let key = AgreementKey::try_new(group, &public).ok_or_else(refused)?;
        Ok(Self { group, key, wrap })
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
        let crv = self.group.crv().into();
        let epk = match self.group {
            Group::Nist(curve) => {
                let (x, y) = coordinates(curve, &public).ok_or(EncryptionError)?;
                let (x, y) = (x.to_vec(), y.to_vec());
                EphemeralPublicKey::Ec { crv, x, y }
            }
            Group::X25519 => EphemeralPublicKey::Okp { crv, x: public },
        };
        Ok(KeyManagementHeader::EphemeralPublicKey(epk))
    }
}

impl JwePublicKey for AgreementPublicKey {
    fn content_key(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
    ) -> Result<ContentKey, EncryptionError> {
        let Some((algorithm, octets)) = &self.wrap else {
            let octets = content::key_octets(encryption)?;
            let (header, key) = self.agree(encryption.as_str(), octets)?;
            return Ok(ContentKey::direct(moved(key)).with_header(header));
        };
        let key = content::fresh_key(encryption)?;
        let (header, wrapping_key) = self.agree(algorithm.as_str(), *octets)?;
        let wrapped = key_wrap::wrap(&wrapping_key, &key)?;
        Ok(ContentKey::transported(moved(key), wrapped).with_header(header))
    }
}

impl fmt::Debug for AgreementPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgreementPublicKey")
            .field("group", &self.group)
            .field("wrap", &self.wrap)
            .finish_non_exhaustive()
    }
}
