use aes::cipher::consts::{U12, U16};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::AeadInPlace;
use aes_gcm::{AesGcm, KeyInit};
use jarm_core::jose::EncryptionError;

/// Encrypts in place with AES-GCM and returns the tag. The key's size picks the cipher
/// ([RFC 7518 5.3](https://www.rfc-editor.org/rfc/rfc7518#section-5.3)).
pub(super) fn encrypt(
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
