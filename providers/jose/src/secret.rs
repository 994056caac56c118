use jarm_core::JwsAlgorithm;
use jarm_core::jose::{ClientSecret, ClientSecretMac, SigningError};

use crate::KeyError;
use crate::backend::{self, Hash};

static ALGORITHMS: [JwsAlgorithm; 3] = [
    JwsAlgorithm::HS256,
    JwsAlgorithm::HS384,
    JwsAlgorithm::HS512,
];

/// `HS256`, `HS384` and `HS512` under clients' secrets ([RFC 7518 3.2]).
///
/// The MAC key is the secret's UTF-8 octets ([OpenID Connect Core 10.1]). A secret shorter than
/// the MAC, which is 32, 48 or 64 octets, is refused; the error's source says which.
///
/// ```
/// use jarm_core::JwsAlgorithm;
/// use jarm_core::jose::{ClientSecret, ClientSecretMac as _};
/// use jarm_jose::HmacClientSecrets;
///
/// let secret = ClientSecret::new("0123456789abcdef0123456789abcdef");
/// let mac = HmacClientSecrets.mac(&JwsAlgorithm::HS256, &secret, b"header.payload")?;
/// assert_eq!(mac.len(), 32);
/// assert!(HmacClientSecrets.mac(&JwsAlgorithm::HS384, &secret, b"header.payload").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [RFC 7518 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
/// [OpenID Connect Core 10.1]: https://openid.net/specs/openid-connect-core-1_0.html#Signing
#[derive(Clone, Copy, Debug, Default)]
pub struct HmacClientSecrets;

impl ClientSecretMac for HmacClientSecrets {
    fn algorithms(&self) -> &[JwsAlgorithm] {
        &ALGORITHMS
    }

    fn mac(
        &self,
        algorithm: &JwsAlgorithm,
        secret: &ClientSecret,
        signing_input: &[u8],
    ) -> Result<Vec<u8>, SigningError> {
        let hash = match algorithm.as_str() {
            "HS256" => Hash::Sha256,
            "HS384" => Hash::Sha384,
            "HS512" => Hash::Sha512,
            _ => return Err(SigningError::opaque()),
        };
        let minimum = algorithm
            .least_secret_octets()
            .ok_or_else(SigningError::opaque)?;
        if secret.as_bytes().len() < minimum {
            let algorithm = algorithm.clone();
            return Err(SigningError::from_source(KeyError::ShortClientSecret {
                algorithm,
                minimum,
            }));
        }
        backend::hmac(hash, secret.as_bytes(), signing_input)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::Value;

    use super::*;

    /// Here and not with the other vectors, because the RFC's key is not UTF-8 and so no client
    /// secret.
    #[test]
    fn hs256_is_that_of_rfc_7515_a_1() {
        let vectors: Value =
            serde_json::from_str(include_str!("../tests/vectors/rfc.json")).unwrap();
        let text = |member| vectors["rfc7515_a1"][member].as_str().unwrap();
        let key = URL_SAFE_NO_PAD.decode(text("key_base64url")).unwrap();
        let made = backend::hmac(Hash::Sha256, &key, text("signing_input").as_bytes()).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(made), text("signature"));
    }
}
