use jarm_core::JweContentEncryptionAlgorithm;
use jarm_core::jose::{Authenticated, DecryptionError, EncryptionError, IvAndTag};
use zeroize::Zeroizing;

use super::{cbc_hmac, gcm, random};
use crate::backend;
use crate::format::Octets;

/// Every algorithm, in the order in which they are published.
pub(crate) static ALGORITHMS: [JweContentEncryptionAlgorithm; 6] = [
    JweContentEncryptionAlgorithm::A128CBC_HS256,
    JweContentEncryptionAlgorithm::A192CBC_HS384,
    JweContentEncryptionAlgorithm::A256CBC_HS512,
    JweContentEncryptionAlgorithm::A128GCM,
    JweContentEncryptionAlgorithm::A192GCM,
    JweContentEncryptionAlgorithm::A256GCM,
];

/// Encrypts in place, with a fresh initialization vector.
pub(crate) fn encrypt(
    encryption: &JweContentEncryptionAlgorithm,
    key: &[u8],
    associated_data: &[u8],
    content: &mut Vec<u8>,
) -> Result<IvAndTag, EncryptionError> {
    if key.len() != key_octets(encryption)? {
        return Err(EncryptionError);
    }
    match encryption.as_str() {
        "A128GCM" | "A192GCM" | "A256GCM" => {
            let iv = random()?;
            let tag = gcm::encrypt(key, &iv, associated_data, content)?;
            Ok(IvAndTag::new(&iv, &tag))
        }
        "A128CBC-HS256" | "A192CBC-HS384" | "A256CBC-HS512" => {
            let iv = random()?;
            let tag = cbc_hmac::encrypt(key, &iv, associated_data, content)?;
            Ok(IvAndTag::new(&iv, &tag))
        }
        _ => Err(EncryptionError),
    }
}

/// Decrypts in place, once the tag is verified.
pub(crate) fn decrypt(
    encryption: &JweContentEncryptionAlgorithm,
    key: &[u8],
    authenticated: Authenticated<'_>,
    content: &mut Vec<u8>,
) -> Result<(), DecryptionError> {
    if Ok(key.len()) != key_octets(encryption) {
        return Err(DecryptionError);
    }
    match encryption.as_str() {
        "A128GCM" | "A192GCM" | "A256GCM" => gcm::decrypt(key, authenticated, content),
        "A128CBC-HS256" | "A192CBC-HS384" | "A256CBC-HS512" => {
            cbc_hmac::decrypt(key, authenticated, content)
        }
        _ => Err(DecryptionError),
    }
}

/// Makes a content key of the algorithm's size.
pub(crate) fn fresh_key(
    encryption: &JweContentEncryptionAlgorithm,
) -> Result<Octets, EncryptionError> {
    let mut key = Zeroizing::new(vec![0; key_octets(encryption)?]);
    backend::fill(&mut key).map_err(|_| EncryptionError)?;
    Ok(key)
}

/// The size of a content key, for the algorithms that are offered.
pub(crate) fn key_octets(
    encryption: &JweContentEncryptionAlgorithm,
) -> Result<usize, EncryptionError> {
    let offered = ALGORITHMS.iter().find(|own| *own == encryption);
    offered
        .and_then(JweContentEncryptionAlgorithm::key_octets)
        .ok_or(EncryptionError)
}
