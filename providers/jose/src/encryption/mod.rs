//! Encryption of responses: content keys for clients, and what is encrypted with them.

mod agreement;
pub(crate) mod algorithms;
mod cbc_hmac;
pub(crate) mod client_secret;
pub(crate) mod concat_kdf;
pub(crate) mod content;
pub(crate) mod gcm;
pub(crate) mod key_wrap;
#[cfg(test)]
mod known_answers;
mod rsa;

use std::mem;
use std::sync::Arc;

use jarm_core::jose::{
    ClientSecret, ContentKey, EncryptionError, IvAndTag, JweEncrypter, JwePublicKey, Jwk,
    PublicKeyError,
};
use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

use crate::backend;
use crate::format::Octets;
use agreement::AgreementPublicKey;
use algorithms::KeyManagement;
use rsa::RsaPublicKey;

/// The JWE algorithms that responses are encrypted with ([RFC 7518 4 and 5], [RFC 8037 3.2]).
///
/// To a client's RSA key: `RSA-OAEP`, `RSA-OAEP-256`, `RSA-OAEP-384`, `RSA-OAEP-512`. To its key
/// on P-256, P-384, P-521 or X25519: `ECDH-ES` and `ECDH-ES+A128KW`, `+A192KW`, `+A256KW`. Under
/// its secret: `A128KW`, `A192KW`, `A256KW`, `A128GCMKW`, `A192GCMKW`, `A256GCMKW`, `dir`. Each of
/// them with `A128CBC-HS256`, `A192CBC-HS384`, `A256CBC-HS512`, `A128GCM`, `A192GCM`, `A256GCM`.
///
/// Every message has a content key and an initialization vector of its own, and with `ECDH-ES` an
/// ephemeral key of its own. Only `dir` uses the key that is derived from the secret again.
///
/// ```
/// use jarm_core::jose::{JweEncrypter as _, Jwk};
/// use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};
/// use jarm_jose::JwaEncrypter;
///
/// let key: Jwk = serde_json::from_str(
///     r#"{"kty": "OKP", "crv": "X25519", "x": "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}"#,
/// )?;
/// let key = JwaEncrypter.public_key(&JweKeyManagementAlgorithm::ECDH_ES_A256KW, &key)?;
///
/// // Core takes these from here and writes header and serialisation around them.
/// let enc = JweContentEncryptionAlgorithm::A256GCM;
/// let content_key = key.content_key(&enc)?;
/// let mut content = b"a signed response".to_vec();
/// let added = JwaEncrypter.encrypt(&enc, &content_key, b"header", &mut content)?;
/// assert_eq!((added.iv().len(), added.tag().len(), content.len()), (12, 16, 17));
/// assert_ne!(content, b"a signed response");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [RFC 7518 4 and 5]: https://www.rfc-editor.org/rfc/rfc7518#section-4
/// [RFC 8037 3.2]: https://www.rfc-editor.org/rfc/rfc8037#section-3.2
#[derive(Clone, Copy, Debug, Default)]
pub struct JwaEncrypter;

impl JweEncrypter for JwaEncrypter {
    fn key_management_algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        &algorithms::ALL
    }

    fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm] {
        &content::ALGORITHMS
    }

    fn public_key(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        key: &Jwk,
    ) -> Result<Arc<dyn JwePublicKey>, PublicKeyError> {
        let wrap = |octets| Some((algorithm.clone(), octets));
        Ok(match algorithms::key_management(algorithm) {
            Some(KeyManagement::Oaep(hash)) => Arc::new(RsaPublicKey::try_new(key, hash)?),
            Some(KeyManagement::Agreement) => Arc::new(AgreementPublicKey::try_new(key, None)?),
            Some(KeyManagement::AgreementAndWrap(octets)) => {
                Arc::new(AgreementPublicKey::try_new(key, wrap(octets))?)
            }
            Some(
                KeyManagement::Secret | KeyManagement::SecretWrap | KeyManagement::SecretGcmWrap,
            )
            | None => {
                let why = format!("`{algorithm}` takes no public key");
                return Err(PublicKeyError::Unsupported(why));
            }
        })
    }

    fn content_key_for_secret(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        encryption: &JweContentEncryptionAlgorithm,
        secret: &ClientSecret,
    ) -> Result<ContentKey, EncryptionError> {
        client_secret::content_key(algorithm, encryption, secret)
    }

    fn encrypt(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
        content_key: &ContentKey,
        associated_data: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<IvAndTag, EncryptionError> {
        content::encrypt(encryption, content_key.key(), associated_data, content)
    }
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], EncryptionError> {
    let mut octets = [0; LENGTH];
    backend::fill(&mut octets).map_err(|_| EncryptionError)?;
    Ok(octets)
}

/// Takes a key out of its wrapper without a copy that would stay behind: it gets another one.
pub(crate) fn moved(mut key: Octets) -> Vec<u8> {
    mem::take(&mut *key)
}
