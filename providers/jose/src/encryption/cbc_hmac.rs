use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{
    BlockCipher, BlockDecrypt, BlockDecryptMut, BlockEncrypt, BlockEncryptMut, KeyInit, KeyIvInit,
};
use aes::{Aes128, Aes192, Aes256};
use cbc::{Decryptor, Encryptor};
use hmac::{Hmac, Mac};
use jarm_core::jose::{Authenticated, DecryptionError, EncryptionError};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;

const BLOCK: usize = 16;

/// Pads and encrypts in place with AES-CBC, and returns the tag. The key's size picks cipher and
/// hash ([RFC 7518 5.2](https://www.rfc-editor.org/rfc/rfc7518#section-5.2)).
pub(crate) fn encrypt(
    key: &[u8],
    iv: &[u8; BLOCK],
    associated_data: &[u8],
    content: &mut Vec<u8>,
) -> Result<Vec<u8>, EncryptionError> {
    // 1. The first half is the MAC key, the second the encryption key.
    let (mac_key, key) = key.split_at_checked(key.len() / 2).ok_or(EncryptionError)?;
    // 2., 3. The content is encrypted under the initialization vector.
    // 4., 5. The tag covers it, the vector and the associated data.
    let input = (associated_data, iv.as_slice());
    match key.len() {
        16 => {
            encrypt_content::<Aes128>(key, iv, content)?;
            tag::<Hmac<Sha256>>(mac_key, input, content)
        }
        24 => {
            encrypt_content::<Aes192>(key, iv, content)?;
            tag::<Hmac<Sha384>>(mac_key, input, content)
        }
        32 => {
            encrypt_content::<Aes256>(key, iv, content)?;
            tag::<Hmac<Sha512>>(mac_key, input, content)
        }
        _ => Err(EncryptionError),
    }
}

fn encrypt_content<C: BlockCipher + BlockEncrypt + KeyInit>(
    key: &[u8],
    iv: &[u8; BLOCK],
    content: &mut Vec<u8>,
) -> Result<(), EncryptionError>
where
    Encryptor<C>: KeyIvInit + BlockEncryptMut,
{
    let cipher = Encryptor::<C>::new_from_slices(key, iv).map_err(|_| EncryptionError)?;
    let length = content.len();
    content.resize(length - length % BLOCK + BLOCK, 0);
    let encrypted = cipher.encrypt_padded_mut::<Pkcs7>(content, length);
    encrypted.map(|_| ()).map_err(|_| EncryptionError)
}

/// Verifies the tag, and then decrypts in place and cuts the padding off
/// ([RFC 7518 5.2.2.2](https://www.rfc-editor.org/rfc/rfc7518#section-5.2.2.2)).
pub(crate) fn decrypt(
    key: &[u8],
    authenticated: Authenticated<'_>,
    content: &mut Vec<u8>,
) -> Result<(), DecryptionError> {
    // 1. The first half is the MAC key, the second the encryption key.
    let (mac_key, key) = key.split_at_checked(key.len() / 2).ok_or(DecryptionError)?;
    let keys = (mac_key, key);
    match key.len() {
        16 => decrypt_with::<Aes128, Hmac<Sha256>>(keys, authenticated, content),
        24 => decrypt_with::<Aes192, Hmac<Sha384>>(keys, authenticated, content),
        32 => decrypt_with::<Aes256, Hmac<Sha512>>(keys, authenticated, content),
        _ => Err(DecryptionError),
    }
}

fn decrypt_with<C: BlockCipher + BlockDecrypt + KeyInit, M: Mac + KeyInit>(
    (mac_key, key): (&[u8], &[u8]),
    authenticated: Authenticated<'_>,
    content: &mut Vec<u8>,
) -> Result<(), DecryptionError>
where
    Decryptor<C>: KeyIvInit + BlockDecryptMut,
{
    let Authenticated {
        associated_data,
        iv_and_tag,
    } = authenticated;
    let iv = iv_and_tag.iv();
    // 2. Nothing is decrypted before the tag is verified: an error about the padding of a changed
    // ciphertext would give the content away (RFC 7518 8.3). A tag of another size is another one.
    let made = tag::<M>(mac_key, (associated_data, iv), content).map_err(|_| DecryptionError)?;
    if !bool::from(made.ct_eq(iv_and_tag.tag())) {
        return Err(DecryptionError);
    }
    // 3., 4. The content is decrypted, and the padding cut off.
    let cipher = Decryptor::<C>::new_from_slices(key, iv).map_err(|_| DecryptionError)?;
    let decrypted = cipher.decrypt_padded_mut::<Pkcs7>(content);
    let length = decrypted.map_err(|_| DecryptionError)?.len();
    content.truncate(length);
    Ok(())
}

/// The left of the MAC, as long as the MAC key.
fn tag<M: Mac + KeyInit>(
    key: &[u8],
    (associated_data, iv): (&[u8], &[u8]),
    encrypted: &[u8],
) -> Result<Vec<u8>, EncryptionError> {
    let mut mac = <M as Mac>::new_from_slice(key).map_err(|_| EncryptionError)?;
    let bits = u64::try_from(associated_data.len()).map_err(|_| EncryptionError)?;
    let bits = bits.checked_mul(8).ok_or(EncryptionError)?;
    for part in [associated_data, iv, encrypted, &bits.to_be_bytes()] {
        mac.update(part);
    }
    let mut tag = mac.finalize().into_bytes().to_vec();
    tag.truncate(key.len());
    Ok(tag)
}
