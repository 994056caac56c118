use jsonwebtoken::{AlgorithmFamily, EncodingKey};

use super::SigningKey;
use crate::KeyError;
use crate::format::der::{read_pkcs1, read_pkcs8, read_sec1};

/// Takes over a key that the host has in the `jsonwebtoken` crate.
///
/// An `EncodingKey` made from PEM or DER is accepted, in whatever of the usual structures it is.
/// One made from a secret is [`KeyError::SharedSecret`]: `HS*` responses are signed with the
/// client's own `ClientSecret`.
impl TryFrom<&EncodingKey> for SigningKey {
    type Error = KeyError;

    fn try_from(key: &EncodingKey) -> Result<Self, KeyError> {
        let der = key.as_bytes();
        let material = match key.family() {
            AlgorithmFamily::Hmac => return Err(KeyError::SharedSecret),
            AlgorithmFamily::Rsa => either(read_pkcs8(der), || read_pkcs1(der)),
            AlgorithmFamily::Ec => either(read_pkcs8(der), || read_sec1(der)),
            AlgorithmFamily::Ed => read_pkcs8(der),
        };
        Self::from_material(&material?)
    }
}

/// The second structure, if the octets are not the first one at all.
fn either<T>(
    first: Result<T, KeyError>,
    second: impl FnOnce() -> Result<T, KeyError>,
) -> Result<T, KeyError> {
    match first {
        Err(KeyError::Der) => second(),
        other => other,
    }
}
