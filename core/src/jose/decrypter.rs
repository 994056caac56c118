use std::fmt::Debug;

use super::{ClientSecret, ContentKey, IvAndTag, KeyManagementHeader};
use crate::future::BoxFuture;
use crate::vocabulary::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

/// Decrypts responses, for the client to whom they were encrypted.
///
/// `jarm-jose` implements it. The header is read and the serialisation taken apart outside, so an
/// implementation handles octets alone.
pub trait JweDecrypter: Debug + Send + Sync {
    /// The algorithms by which a content key can be had from the client's secret.
    fn secret_algorithms(&self) -> &[JweKeyManagementAlgorithm];

    /// The content encryption algorithms that can be decrypted.
    fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm];

    /// Gets at the content key with the client's secret; the counterpart of
    /// [`JweEncrypter::content_key_for_secret`](super::JweEncrypter::content_key_for_secret).
    ///
    /// # Errors
    ///
    /// [`DecryptionError`] when the key was not wrapped under that secret, or the algorithm is not
    /// one of [`secret_algorithms`](Self::secret_algorithms).
    fn content_key_from_secret(
        &self,
        secret: &ClientSecret,
        encrypted: &EncryptedKey<'_>,
    ) -> Result<ContentKey, DecryptionError>;

    /// Decrypts `content` in place, once its authentication tag is verified over it and
    /// `associated_data` ([RFC 7518 5]). Padding is cut off.
    ///
    /// # Errors
    ///
    /// [`DecryptionError`] when the tag is another one, or a size is not the algorithm's. Nothing
    /// in `content` is then to be looked at.
    ///
    /// [RFC 7518 5]: https://www.rfc-editor.org/rfc/rfc7518#section-5
    fn decrypt(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
        content_key: &ContentKey,
        authenticated: Authenticated<'_>,
        content: &mut Vec<u8>,
    ) -> Result<(), DecryptionError>;
}

/// One private key of a client, which gets at content keys.
///
/// `jarm-jose` implements it for keys in memory; implement it for a hardware security module or a
/// cloud key service, which may take its time.
pub trait JweDecryptionKey: Debug + Send + Sync {
    /// The `kid` of the public key as the client registered it.
    fn key_id(&self) -> Option<&str>;

    /// The key management algorithms that the key can be used with.
    fn algorithms(&self) -> &[JweKeyManagementAlgorithm];

    /// Gets at the content key of one message.
    ///
    /// # Errors
    ///
    /// [`DecryptionError`] when the key was encrypted to another key, or the ephemeral key is
    /// missing or not on the curve.
    fn content_key<'a>(
        &'a self,
        encrypted: &'a EncryptedKey<'a>,
    ) -> BoxFuture<'a, Result<ContentKey, DecryptionError>>;
}

const _: Option<(&dyn JweDecrypter, &dyn JweDecryptionKey)> = None;

/// A content key as a message brings it.
#[derive(Clone, Debug)]
pub struct EncryptedKey<'a> {
    alg: &'a JweKeyManagementAlgorithm,
    enc: &'a JweContentEncryptionAlgorithm,
    octets: &'a [u8],
    header: Option<KeyManagementHeader>,
    parties: [Vec<u8>; 2],
}

impl<'a> EncryptedKey<'a> {
    /// The encrypted key; no octets where it is agreed upon or derived.
    pub fn new(
        alg: &'a JweKeyManagementAlgorithm,
        enc: &'a JweContentEncryptionAlgorithm,
        octets: &'a [u8],
    ) -> Self {
        Self {
            alg,
            enc,
            octets,
            header: None,
            parties: [Vec::new(), Vec::new()],
        }
    }

    /// Adds the header parameters of the key management algorithm.
    #[must_use]
    pub fn with_header(mut self, header: KeyManagementHeader) -> Self {
        self.header = Some(header);
        self
    }

    /// Adds what `apu` and `apv` hold ([RFC 7518 4.6.1.2]).
    ///
    /// [RFC 7518 4.6.1.2]: https://www.rfc-editor.org/rfc/rfc7518#section-4.6.1.2
    #[must_use]
    pub fn with_parties(mut self, party_u: Vec<u8>, party_v: Vec<u8>) -> Self {
        self.parties = [party_u, party_v];
        self
    }

    /// The key management algorithm.
    pub fn alg(&self) -> &'a JweKeyManagementAlgorithm {
        self.alg
    }

    /// The algorithm that the content key is for.
    pub fn enc(&self) -> &'a JweContentEncryptionAlgorithm {
        self.enc
    }

    /// The encrypted key.
    pub fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// The header parameters of the key management algorithm.
    pub fn header(&self) -> Option<&KeyManagementHeader> {
        self.header.as_ref()
    }

    /// What `apu` holds; empty without it.
    pub fn party_u(&self) -> &[u8] {
        let [party_u, _] = &self.parties;
        party_u
    }

    /// What `apv` holds; empty without it.
    pub fn party_v(&self) -> &[u8] {
        let [_, party_v] = &self.parties;
        party_v
    }
}

/// What a message's tag covers beside its content.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated<'a> {
    /// The protected header in base64url, as it came.
    pub associated_data: &'a [u8],
    /// The initialization vector and the tag.
    pub iv_and_tag: &'a IvAndTag,
}

/// A response could not be decrypted. There is no further detail, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the response could not be decrypted")]
pub struct DecryptionError;
