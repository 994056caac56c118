//! Decryption of responses, by the client to whom they were encrypted.

mod agreement;
mod client_secret;
mod key;
mod keys;

use jarm_core::jose::{
    Authenticated, ClientSecret, ContentKey, DecryptionError, EncryptedKey, JweDecrypter,
};
use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

pub use key::{DecryptionKey, DecryptionKeyKind};
pub use keys::DecryptionKeys;

use crate::encryption::{algorithms, content, moved};
use crate::format::Octets;

/// The JWE algorithms that a client decrypts with, but for those of its private keys, which are
/// each a [`DecryptionKey`] ([RFC 7518 4 and 5]).
///
/// Under its secret: `A128KW`, `A192KW`, `A256KW`, `A128GCMKW`, `A192GCMKW`, `A256GCMKW`, `dir`.
/// The content: `A128CBC-HS256`, `A192CBC-HS384`, `A256CBC-HS512`, `A128GCM`, `A192GCM`, `A256GCM`.
///
/// ```
/// use jarm_core::jose::{
///     Authenticated, ClientSecret, EncryptedKey, JweDecrypter as _, JweEncrypter as _,
/// };
/// use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};
/// use jarm_jose::{JwaDecrypter, JwaEncrypter};
///
/// let secret = ClientSecret::new("0123456789abcdef0123456789abcdef");
/// let (alg, enc) = (JweKeyManagementAlgorithm::A256KW, JweContentEncryptionAlgorithm::A256GCM);
///
/// // The server's side.
/// let content_key = JwaEncrypter.content_key_for_secret(&alg, &enc, &secret)?;
/// let mut content = b"a signed response".to_vec();
/// let added = JwaEncrypter.encrypt(&enc, &content_key, b"header", &mut content)?;
/// let sent = content_key.encrypted_key().unwrap_or_default();
///
/// // The client's.
/// let encrypted = EncryptedKey::new(&alg, &enc, sent);
/// let content_key = JwaDecrypter.content_key_from_secret(&secret, &encrypted)?;
/// let authenticated = Authenticated { associated_data: b"header", iv_and_tag: &added };
/// JwaDecrypter.decrypt(&enc, &content_key, authenticated, &mut content)?;
/// assert_eq!(content, b"a signed response");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [RFC 7518 4 and 5]: https://www.rfc-editor.org/rfc/rfc7518#section-4
#[derive(Clone, Copy, Debug, Default)]
pub struct JwaDecrypter;

impl JweDecrypter for JwaDecrypter {
    fn secret_algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        &algorithms::OF_SECRETS
    }

    fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm] {
        &content::ALGORITHMS
    }

    fn content_key_from_secret(
        &self,
        secret: &ClientSecret,
        encrypted: &EncryptedKey<'_>,
    ) -> Result<ContentKey, DecryptionError> {
        let key = client_secret::content_key(secret, encrypted)?;
        of_size(encrypted, key)
    }

    fn decrypt(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
        content_key: &ContentKey,
        authenticated: Authenticated<'_>,
        content: &mut Vec<u8>,
    ) -> Result<(), DecryptionError> {
        content::decrypt(encryption, content_key.key(), authenticated, content)
    }
}

/// A key of another size than the content's is none, whoever encrypted it.
fn of_size(encrypted: &EncryptedKey<'_>, key: Octets) -> Result<ContentKey, DecryptionError> {
    if Ok(key.len()) != content::key_octets(encrypted.enc()) {
        return Err(DecryptionError);
    }
    Ok(ContentKey::direct(moved(key)))
}
