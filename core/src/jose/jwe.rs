use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{ClientSecret, Jwk};
use crate::vocabulary::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

/// Encrypts signed responses: the JWE algorithms that a server offers.
///
/// `jarm-jose` implements it. It answers at once, because what it needs is public or in memory:
/// the client's public key or secret. Header and serialisation are composed outside, so that no
/// implementation can leave anything out of them or put anything in.
pub trait JweEncrypter: fmt::Debug + Send + Sync {
    /// The key management algorithms that can be used, in the order in which they are published.
    fn key_management_algorithms(&self) -> &[JweKeyManagementAlgorithm];

    /// The content encryption algorithms that can be used, in the order in which they are
    /// published. Each works with each key management algorithm.
    fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm];

    /// Reads a client's public key for one of the algorithms and checks it in full: sizes,
    /// exponents, that a point is on its curve ([RFC 8725 3.4]).
    ///
    /// What is returned is kept for as long as the client has the key.
    ///
    /// # Errors
    ///
    /// [`PublicKeyError`], which tells keys of another kind from broken ones.
    ///
    /// [RFC 8725 3.4]: https://www.rfc-editor.org/rfc/rfc8725#section-3.4
    fn public_key(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        key: &Jwk,
    ) -> Result<Arc<dyn JwePublicKey>, PublicKeyError>;

    /// Makes the content encryption key of one message from the client's secret, by key wrapping
    /// or, for `dir`, directly. The secret's key is the left of its SHA-2 hash
    /// ([OpenID Connect Core 10.2]).
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] when an algorithm is not offered or a primitive fails.
    ///
    /// [OpenID Connect Core 10.2]: https://openid.net/specs/openid-connect-core-1_0.html#Encryption
    fn content_key_for_secret(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        encryption: &JweContentEncryptionAlgorithm,
        secret: &ClientSecret,
    ) -> Result<ContentKey, EncryptionError>;

    /// Encrypts `content` in place with a fresh initialization vector and authenticates it
    /// together with `associated_data` ([RFC 7518 5]). Padding may lengthen it.
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] when the algorithm is not offered, the key has not its size or a
    /// primitive fails.
    ///
    /// [RFC 7518 5]: https://www.rfc-editor.org/rfc/rfc7518#section-5
    fn encrypt(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
        content_key: &ContentKey,
        associated_data: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<IvAndTag, EncryptionError>;
}

/// A client's public key with the key management algorithm that it was read for.
pub trait JwePublicKey: fmt::Debug + Send + Sync {
    /// Makes the content encryption key of one message, which only the key's owner can know.
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] when `encryption` is not offered or a primitive fails.
    fn content_key(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
    ) -> Result<ContentKey, EncryptionError>;
}

const _: Option<(&dyn JweEncrypter, &dyn JwePublicKey)> = None;

/// The key that encrypts one message, and what tells the client about it. Wiped on drop, redacted
/// in `Debug`.
pub struct ContentKey {
    key: Zeroizing<Vec<u8>>,
    encrypted_key: Option<Vec<u8>>,
    header: Option<KeyManagementHeader>,
}

impl ContentKey {
    /// A key that both sides have: derived or agreed upon.
    pub fn direct(key: Vec<u8>) -> Self {
        Self {
            key: Zeroizing::new(key),
            encrypted_key: None,
            header: None,
        }
    }

    /// A key of this message alone, and the same as it is transported: encrypted or wrapped.
    pub fn transported(key: Vec<u8>, encrypted_key: Vec<u8>) -> Self {
        Self {
            encrypted_key: Some(encrypted_key),
            ..Self::direct(key)
        }
    }

    /// Adds the header parameters of the key management algorithm.
    #[must_use]
    pub fn with_header(mut self, header: KeyManagementHeader) -> Self {
        self.header = Some(header);
        self
    }

    /// The key itself.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The key as it is transported.
    pub fn encrypted_key(&self) -> Option<&[u8]> {
        self.encrypted_key.as_deref()
    }

    /// The header parameters of the key management algorithm.
    pub fn header(&self) -> Option<&KeyManagementHeader> {
        self.header.as_ref()
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentKey").finish_non_exhaustive()
    }
}

/// Header parameters of a key management algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyManagementHeader {
    /// `epk` ([RFC 7518 4.6.1.1]).
    ///
    /// [RFC 7518 4.6.1.1]: https://www.rfc-editor.org/rfc/rfc7518#section-4.6.1.1
    EphemeralPublicKey(EphemeralPublicKey),
    /// `iv` of 96 and `tag` of 128 bits, of the key and not of the content ([RFC 7518 4.7.1]).
    ///
    /// [RFC 7518 4.7.1]: https://www.rfc-editor.org/rfc/rfc7518#section-4.7.1
    AesGcmKeyWrap(IvAndTag),
}

/// The sender's half of a key agreement, made for one message. Coordinates are as long as the
/// curve's field, leading zeros included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EphemeralPublicKey {
    /// A point on a NIST curve ([RFC 7518 6.2.1]).
    ///
    /// [RFC 7518 6.2.1]: https://www.rfc-editor.org/rfc/rfc7518#section-6.2.1
    Ec {
        /// The curve's name.
        crv: Cow<'static, str>,
        /// The x coordinate.
        x: Vec<u8>,
        /// The y coordinate.
        y: Vec<u8>,
    },
    /// A key on a Montgomery curve ([RFC 8037 2]).
    ///
    /// [RFC 8037 2]: https://www.rfc-editor.org/rfc/rfc8037#section-2
    Okp {
        /// The curve's name.
        crv: Cow<'static, str>,
        /// The public key.
        x: Vec<u8>,
    },
}

/// What authenticated encryption adds to a ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IvAndTag {
    iv: Vec<u8>,
    tag: Vec<u8>,
}

impl IvAndTag {
    /// Takes both.
    pub fn new(iv: &[u8], tag: &[u8]) -> Self {
        let (iv, tag) = (iv.to_vec(), tag.to_vec());
        Self { iv, tag }
    }

    /// The initialization vector.
    pub fn iv(&self) -> &[u8] {
        &self.iv
    }

    /// The authentication tag.
    pub fn tag(&self) -> &[u8] {
        &self.tag
    }
}

/// A client's public key cannot be used. The text says why, and never repeats the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublicKeyError {
    /// A key of another kind: it is passed over ([RFC 7517 5]).
    ///
    /// [RFC 7517 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
    #[error("{0}")]
    Unsupported(String),
    /// A key of a kind that is known, which is broken or weak: it is refused at registration.
    #[error("{0}")]
    Invalid(String),
}

/// A response could not be encrypted. There is no further detail, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the response could not be encrypted")]
pub struct EncryptionError;
