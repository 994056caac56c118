use aes_kw::{KekAes128, KekAes192, KekAes256};
use jarm_core::jose::{DecryptionError, EncryptionError};
use zeroize::Zeroizing;

use crate::format::Octets;

/// Wraps a key under another with AES key wrap, whose size picks the cipher ([RFC 3394 2.2.1]).
///
/// [RFC 3394 2.2.1]: https://www.rfc-editor.org/rfc/rfc3394#section-2.2.1
pub(crate) fn wrap(wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, EncryptionError> {
    let wrapped = match wrapping_key.len() {
        16 => KekAes128::try_from(wrapping_key).and_then(|kek| kek.wrap_vec(key)),
        24 => KekAes192::try_from(wrapping_key).and_then(|kek| kek.wrap_vec(key)),
        32 => KekAes256::try_from(wrapping_key).and_then(|kek| kek.wrap_vec(key)),
        _ => return Err(EncryptionError),
    };
    wrapped.map_err(|_| EncryptionError)
}

/// Unwraps a key, if it was wrapped under this one ([RFC 3394 2.2.2]).
///
/// [RFC 3394 2.2.2]: https://www.rfc-editor.org/rfc/rfc3394#section-2.2.2
pub(crate) fn unwrap(wrapping_key: &[u8], wrapped: &[u8]) -> Result<Octets, DecryptionError> {
    // What is shorter than two blocks and the check value wraps no key (RFC 3394 2).
    if wrapped.len() < 24 {
        return Err(DecryptionError);
    }
    let key = match wrapping_key.len() {
        16 => KekAes128::try_from(wrapping_key).and_then(|kek| kek.unwrap_vec(wrapped)),
        24 => KekAes192::try_from(wrapping_key).and_then(|kek| kek.unwrap_vec(wrapped)),
        32 => KekAes256::try_from(wrapping_key).and_then(|kek| kek.unwrap_vec(wrapped)),
        _ => return Err(DecryptionError),
    };
    key.map(Zeroizing::new).map_err(|_| DecryptionError)
}
