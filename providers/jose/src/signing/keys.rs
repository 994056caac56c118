use std::collections::BTreeSet;
use std::sync::Arc;

use jarm_core::jose::JwsSigner;

use super::SigningKey;
use crate::KeyError;
use crate::format::jwk::PrivateJwkSet;

/// An authorization server's private keys, in order, each with a `kid` of its own.
///
/// ```
/// use jarm_jose::{KeyKind, SigningKey, SigningKeys};
///
/// let keys = SigningKeys::from_keys([
///     SigningKey::generate(KeyKind::P256)?,
///     SigningKey::generate(KeyKind::Ed25519)?,
/// ])?;
/// let signers = keys.signers();
/// let names: Vec<_> = signers.iter().map(|one| one.algorithm().as_str()).collect();
/// assert_eq!(names, ["ES256", "Ed25519", "EdDSA"]);
/// # Ok::<(), jarm_jose::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SigningKeys {
    keys: Vec<SigningKey>,
}

impl SigningKeys {
    /// Takes keys in the order in which they are preferred.
    ///
    /// # Errors
    ///
    /// [`KeyError::Empty`] when there is none, [`KeyError::DuplicateKeyId`] when two have one
    /// `kid`.
    pub fn from_keys(keys: impl IntoIterator<Item = SigningKey>) -> Result<Self, KeyError> {
        let keys: Vec<_> = keys.into_iter().collect();
        if keys.is_empty() {
            return Err(KeyError::Empty);
        }
        let mut seen = BTreeSet::new();
        match keys.iter().find(|key| !seen.insert(key.key_id())) {
            Some(twice) => Err(KeyError::DuplicateKeyId {
                key_id: twice.key_id().into(),
            }),
            None => Ok(Self { keys }),
        }
    }

    /// Reads a private JWK Set ([RFC 7517 5]). Every key in it must be one that signs.
    ///
    /// # Errors
    ///
    /// [`KeyError::InSet`] with the index and the reason when a key is refused, otherwise as
    /// [`from_keys`](Self::from_keys).
    ///
    /// [RFC 7517 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
    pub fn from_jwks(json: &str) -> Result<Self, KeyError> {
        let set: PrivateJwkSet = crate::format::jwk::from_text(json)?;
        Self::from_keys(set.read(SigningKey::from_private_jwk)?)
    }

    /// The keys, in order.
    pub fn keys(&self) -> &[SigningKey] {
        &self.keys
    }

    /// Every key with each of its algorithms, in order.
    pub fn signers(&self) -> Vec<Arc<dyn JwsSigner>> {
        self.keys.iter().flat_map(SigningKey::signers).collect()
    }
}
