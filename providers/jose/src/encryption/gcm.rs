use aes::cipher::consts::{U12, U16};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::AeadInPlace;
use aes_gcm::{AesGcm, KeyInit};
use jarm_core::jose::{Authenticated, DecryptionError, EncryptionError};

/// Encrypts in place with AES-GCM and returns the tag. The key's size picks the cipher
/// ([RFC 7518 5.3](https://www.rfc-editor.org/rfc/rfc7518#section-5.3)).
pub(crate) fn encrypt(
    key: &[u8],
    iv: &[u8; 12],
    associated_data: &[u8],
    content: &mut [u8],
) -> Result<[u8; 16], EncryptionError> {
    let input = (iv, associated_data);
    match key.len() {
        16 => encrypt_with::<AesGcm<Aes128, U12>>(key, input, content),
        24 => encrypt_with::<AesGcm<Aes192, U12>>(key, input, content),
        32 => encrypt_with::<AesGcm<Aes256, U12>>(key, input, content),
        _ => Err(EncryptionError),
    }
}

fn encrypt_with<A: KeyInit + AeadInPlace<NonceSize = U12, TagSize = U16>>(
    key: &[u8],
    (iv, associated_data): (&[u8; 12], &[u8]),
    content: &mut [u8],
) -> Result<[u8; 16], EncryptionError> {
    let cipher = A::new_from_slice(key).map_err(|_| EncryptionError)?;
    let tag = cipher.encrypt_in_place_detached(iv.into(), associated_data, content);
    tag.map(Into::into).map_err(|_| EncryptionError)
}

/// Decrypts in place, once the tag is verified.
pub(crate) fn decrypt(
    key: &[u8],
    authenticated: Authenticated<'_>,
    content: &mut [u8],
) -> Result<(), DecryptionError> {
    match key.len() {
        16 => decrypt_with::<AesGcm<Aes128, U12>>(key, authenticated, content),
        24 => decrypt_with::<AesGcm<Aes192, U12>>(key, authenticated, content),
        32 => decrypt_with::<AesGcm<Aes256, U12>>(key, authenticated, content),
        _ => Err(DecryptionError),
    }
}

fn decrypt_with<A: KeyInit + AeadInPlace<NonceSize = U12, TagSize = U16>>(
    key: &[u8],
    authenticated: Authenticated<'_>,
    content: &mut [u8],
) -> Result<(), DecryptionError> {
    let Authenticated {
        associated_data,
        iv_and_tag,
    } = authenticated;
    let iv = <[u8; 12]>::try_from(iv_and_tag.iv()).map_err(|_| DecryptionError)?;
    // A shorter tag is a forgery that is easier to guess (RFC 7518 5.3 asks for 128 bits).
    let tag = <[u8; 16]>::try_from(iv_and_tag.tag()).map_err(|_| DecryptionError)?;
    let cipher = A::new_from_slice(key).map_err(|_| DecryptionError)?;
    cipher
        .decrypt_in_place_detached(&iv.into(), associated_data, content, &tag.into())
        .map_err(|_| DecryptionError)
}
