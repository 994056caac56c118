use aes_kw::{KekAes128, KekAes192, KekAes256};
use jarm_core::jose::EncryptionError;

/// Wraps a key under another with AES key wrap, whose size picks the cipher ([RFC 3394 2.2.1]).
///
/// [RFC 3394 2.2.1]: https://www.rfc-editor.org/rfc/rfc3394#section-2.2.1
pub(super) fn wrap(wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, EncryptionError> {
    let wrapped = match wrapping_key.len() {
        16 => KekAes128::try_from(wrapping_key).and_then(|kek| kek.wrap_vec(key)),
        24 => KekAes192::try_from(wrapping_key).and_then(|kek| kek.wrap_vec(key)),
        32 => KekAes256::try_from(wrapping_key).and_then(|kek| kek.wrap_vec(key)),
        _ => return Err(EncryptionError),
    };
    wrapped.map_err(|_| EncryptionError)
}
