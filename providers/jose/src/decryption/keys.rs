use std::collections::BTreeSet;
use std::sync::Arc;

use jarm_core::jose::{JweDecryptionKey, JwkSet};

use super::DecryptionKey;
use crate::KeyError;
use crate::format::jwk::PrivateJwkSet;

/// A client's private keys for decryption, in order, no two with one `kid`.
///
/// ```
/// use jarm_jose::{DecryptionKey, DecryptionKeyKind, DecryptionKeys};
///
/// let keys = DecryptionKeys::from_keys([
///     DecryptionKey::generate(DecryptionKeyKind::P256)?.with_key_id("2026-11"),
///     DecryptionKey::generate(DecryptionKeyKind::X25519)?.with_key_id("2026-12"),
/// ])?;
/// assert_eq!(keys.public_jwks().keys.len(), 2);
/// assert_eq!(keys.keys()[1].key_id(), Some("2026-12"));
/// # Ok::<(), jarm_jose::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DecryptionKeys {
    keys: Vec<DecryptionKey>,
}

impl DecryptionKeys {
    /// Takes keys in the order in which they are tried.
    ///
    /// # Errors
    ///
    /// [`KeyError::Empty`] when there is none, [`KeyError::DuplicateKeyId`] when two have one
    /// `kid`.
    pub fn from_keys(keys: impl IntoIterator<Item = DecryptionKey>) -> Result<Self, KeyError> {
        let keys: Vec<_> = keys.into_iter().collect();
        if keys.is_empty() {
            return Err(KeyError::Empty);
        }
        let mut seen = BTreeSet::new();
        let mut named = keys.iter().filter_map(DecryptionKey::key_id);
        match named.find(|key_id| !seen.insert(*key_id)) {
            Some(twice) => Err(KeyError::DuplicateKeyId {
                key_id: twice.into(),
            }),
            None => Ok(Self { keys }),
        }
    }

    /// Reads a private JWK Set ([RFC 7517 5]). Every key in it must be one that decrypts.
    ///
    /// # Errors
    ///
    /// [`KeyError::InSet`] with the index and the reason when a key is refused, otherwise as
    /// [`from_keys`](Self::from_keys).
    ///
    /// [RFC 7517 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
    pub fn from_jwks(json: &str) -> Result<Self, KeyError> {
        let set: PrivateJwkSet = crate::format::jwk::from_text(json)?;
        Self::from_keys(set.read(DecryptionKey::from_private_jwk)?)
    }

    /// The keys, in order, as whoever decrypts takes them.
    pub fn keys(&self) -> Vec<Arc<dyn JweDecryptionKey>> {
        let shared = |key: &DecryptionKey| Arc::new(key.clone()) as Arc<dyn JweDecryptionKey>;
        self.keys.iter().map(shared).collect()
    }

    /// The public keys as the client registers them in its `jwks`.
    pub fn public_jwks(&self) -> JwkSet {
        self.keys.iter().map(DecryptionKey::public_jwk).collect()
    }
}
