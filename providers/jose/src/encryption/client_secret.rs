use jarm_core::jose::{ClientSecret, ContentKey, EncryptionError, IvAndTag, KeyManagementHeader};
use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};
use sha2::digest::generic_array::GenericArray;
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::algorithms::{KeyManagement, key_management};
use super::{content, gcm, key_wrap, moved, random};
use crate::format::Octets;

pub(crate) fn content_key(
    algorithm: &JweKeyManagementAlgorithm,
    encryption: &JweContentEncryptionAlgorithm,
    secret: &ClientSecret,
) -> Result<ContentKey, EncryptionError> {
    let what = key_management(algorithm).ok_or(EncryptionError)?;
    let octets = algorithm.derived_octets(encryption);
    let derived = derive(secret, octets.ok_or(EncryptionError)?)?;
    match what {
        KeyManagement::Secret => Ok(ContentKey::direct(moved(derived))),
        KeyManagement::SecretWrap => {
            let key = content::fresh_key(encryption)?;
            let wrapped = key_wrap::wrap(&derived, &key)?;
            Ok(ContentKey::transported(moved(key), wrapped))
        }
        KeyManagement::SecretGcmWrap => gcm_wrapped(&derived, content::fresh_key(encryption)?),
        KeyManagement::Oaep(_) | KeyManagement::Agreement | KeyManagement::AgreementAndWrap(_) => {
            Err(EncryptionError)
        }
    }
}

/// [RFC 7518 4.7](https://www.rfc-editor.org/rfc/rfc7518#section-4.7): the associated data is
/// empty.
fn gcm_wrapped(wrapping_key: &[u8], key: Octets) -> Result<ContentKey, EncryptionError> {
    let iv = random()?;
    let mut encrypted = key.to_vec();
    let tag = gcm::encrypt(wrapping_key, &iv, &[], &mut encrypted)?;
    let wrap = KeyManagementHeader::AesGcmKeyWrap(IvAndTag::new(&iv, &tag));
    Ok(ContentKey::transported(moved(key), encrypted).with_header(wrap))
}

/// The left octets of the secret's hash ([OpenID Connect Core 10.2]).
///
/// [OpenID Connect Core 10.2]: https://openid.net/specs/openid-connect-core-1_0.html#Encryption
pub(crate) fn derive(secret: &ClientSecret, octets: usize) -> Result<Octets, EncryptionError> {
    let secret = secret.as_bytes();
    let mut key = match octets {
        0..=32 => hash::<Sha256>(secret),
        33..=48 => hash::<Sha384>(secret),
        49..=64 => hash::<Sha512>(secret),
        _ => return Err(EncryptionError),
    };
    key.truncate(octets);
    Ok(key)
}

/// Hashes into memory that is wiped.
fn hash<D: Digest>(secret: &[u8]) -> Octets {
    let mut made = Zeroizing::new(GenericArray::<u8, D::OutputSize>::default().to_vec());
    D::new_with_prefix(secret).finalize_into(GenericArray::from_mut_slice(&mut made));
    made
}
