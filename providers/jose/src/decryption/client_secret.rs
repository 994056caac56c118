use jarm_core::jose::{
    Authenticated, ClientSecret, DecryptionError, EncryptedKey, KeyManagementHeader,
};
use zeroize::Zeroizing;

use crate::encryption::algorithms::{KeyManagement, key_management};
use crate::encryption::{client_secret, gcm, key_wrap};
use crate::format::Octets;

/// Gets at the content key with the secret; of whatever size it is.
pub(super) fn content_key(
    secret: &ClientSecret,
    encrypted: &EncryptedKey<'_>,
) -> Result<Octets, DecryptionError> {
    let what = key_management(encrypted.alg()).ok_or(DecryptionError)?;
    let octets = encrypted.alg().derived_octets(encrypted.enc());
    let derived = client_secret::derive(secret, octets.ok_or(DecryptionError)?);
    let derived = derived.map_err(|_| DecryptionError)?;
    match what {
        // RFC 7516 5.2, step 10: there is no encrypted key with `dir`.
        KeyManagement::Secret if encrypted.octets().is_empty() => Ok(derived),
        KeyManagement::SecretWrap => key_wrap::unwrap(&derived, encrypted.octets()),
        KeyManagement::SecretGcmWrap => gcm_unwrapped(&derived, encrypted),
        KeyManagement::Secret
        | KeyManagement::Oaep(_)
        | KeyManagement::Agreement
        | KeyManagement::AgreementAndWrap(_) => Err(DecryptionError),
    }
}

/// [RFC 7518 4.7](https://www.rfc-editor.org/rfc/rfc7518#section-4.7): the associated data is
/// empty.
fn gcm_unwrapped(
    wrapping_key: &[u8],
    encrypted: &EncryptedKey<'_>,
) -> Result<Octets, DecryptionError> {
    let Some(KeyManagementHeader::AesGcmKeyWrap(iv_and_tag)) = encrypted.header() else {
        return Err(DecryptionError);
    };
    let authenticated = Authenticated {
        associated_data: &[],
        iv_and_tag,
    };
    let mut key = Zeroizing::new(encrypted.octets().to_vec());
    gcm::decrypt(wrapping_key, authenticated, &mut key)?;
    Ok(key)
}
