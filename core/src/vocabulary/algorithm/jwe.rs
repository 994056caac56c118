use std::borrow::Cow;

use super::{algorithm_name, constants};
use crate::vocabulary::{InvalidValue, wire_form};

/// A JWE `alg` value: how the content encryption key reaches the client ([RFC 7518 4.1],
/// [RFC 8037]).
///
/// An open set with constants. `RSA1_5` and the `PBES2` names cannot be made: the first is broken
/// by padding oracles, the others are made for passwords ([RFC 8725 3.2]).
///
/// [RFC 7518 4.1]: https://www.rfc-editor.org/rfc/rfc7518#section-4.1
/// [RFC 8037]: https://www.rfc-editor.org/rfc/rfc8037
/// [RFC 8725 3.2]: https://www.rfc-editor.org/rfc/rfc8725#section-3.2
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JweKeyManagementAlgorithm(Cow<'static, str>);

impl JweKeyManagementAlgorithm {
    constants! {
        RSA_OAEP = "RSA-OAEP": "RSAES-OAEP with SHA-1, to the client's RSA key";
        RSA_OAEP_256 = "RSA-OAEP-256": "RSAES-OAEP with SHA-256, to the client's RSA key";
        RSA_OAEP_384 = "RSA-OAEP-384": "RSAES-OAEP with SHA-384, to the client's RSA key";
        RSA_OAEP_512 = "RSA-OAEP-512": "RSAES-OAEP with SHA-512, to the client's RSA key";
        ECDH_ES = "ECDH-ES": "The key that is agreed upon with the client's EC or X25519 key";
        ECDH_ES_A128KW = "ECDH-ES+A128KW": "The same, wrapping a key with AES-128";
        ECDH_ES_A192KW = "ECDH-ES+A192KW": "The same, wrapping a key with AES-192";
        ECDH_ES_A256KW = "ECDH-ES+A256KW": "The same, wrapping a key with AES-256";
        A128KW = "A128KW": "AES-128 key wrap under the client's secret";
        A192KW = "A192KW": "AES-192 key wrap under the client's secret";
        A256KW = "A256KW": "AES-256 key wrap under the client's secret";
        A128GCMKW = "A128GCMKW": "AES-128-GCM key wrap under the client's secret";
        A192GCMKW = "A192GCMKW": "AES-192-GCM key wrap under the client's secret";
        A256GCMKW = "A256GCMKW": "AES-256-GCM key wrap under the client's secret";
        DIR = "dir": "The key that is derived from the client's secret";
    }

    /// Makes an algorithm from its name.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the name is empty, longer than 64 characters, has anything but ASCII
    /// letters, digits, `-`, `_` and `+`, or is one that must not be used.
    pub fn try_new(name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidValue> {
        let name = name.into();
        let refuse = |why: &str| Err(InvalidValue(format!("`{name}` is refused: {why}")));
        let upper = name.to_ascii_uppercase();
        if upper.starts_with("RSA1_5") {
            return refuse("its padding can be attacked, use RSA-OAEP-256");
        }
        if upper.starts_with("PBES2") {
            return refuse("it is made for passwords, use A256KW with the client's secret");
        }
        algorithm_name(name).map(Self)
    }

    /// The name as it stands in headers and metadata.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the key comes from the client's secret rather than from the client's public key.
    pub fn uses_client_secret(&self) -> bool {
        *self == Self::DIR || self.wrapping_key_octets().is_some()
    }

    /// Whether an encrypted content key is transported, rather than agreed upon or derived
    /// ([RFC 7518 4.5 and 4.6]). `None` for names that are not known here.
    ///
    /// [RFC 7518 4.5 and 4.6]: https://www.rfc-editor.org/rfc/rfc7518#section-4.5
    pub fn transports_key(&self) -> Option<bool> {
        match self.as_str() {
            "dir" | "ECDH-ES" => Some(false),
            "RSA-OAEP" | "RSA-OAEP-256" | "RSA-OAEP-384" | "RSA-OAEP-512" | "ECDH-ES+A128KW"
            | "ECDH-ES+A192KW" | "ECDH-ES+A256KW" => Some(true),
            _ => self.wrapping_key_octets().map(|_| true),
        }
    }

    /// How many octets are derived from the client's secret: for `dir` as many as the content
    /// encryption needs ([OpenID Connect Core 10.2]). `None` for algorithms that use no secret,
    /// and for a content encryption whose key has an unknown size.
    ///
    /// [OpenID Connect Core 10.2]: https://openid.net/specs/openid-connect-core-1_0.html#Encryption
    pub fn derived_octets(&self, encryption: &JweContentEncryptionAlgorithm) -> Option<usize> {
        if *self == Self::DIR {
            encryption.key_octets()
        } else {
            self.wrapping_key_octets()
        }
    }

    /// How many octets the client's secret must have at least: as many as are derived from it, and
    /// no more than `HS256` asks for. A shorter one could be guessed ([RFC 8725 3.5]). `None` as
    /// with [`derived_octets`](Self::derived_octets).
    ///
    /// [RFC 8725 3.5]: https://www.rfc-editor.org/rfc/rfc8725#section-3.5
    pub fn least_secret_octets(&self, encryption: &JweContentEncryptionAlgorithm) -> Option<usize> {
        const ENOUGH: usize = 32;
        let derived = self.derived_octets(encryption)?;
        Some(derived.min(ENOUGH))
    }

    fn wrapping_key_octets(&self) -> Option<usize> {
        match self.as_str() {
            "A128KW" | "A128GCMKW" => Some(16),
            "A192KW" | "A192GCMKW" => Some(24),
            "A256KW" | "A256GCMKW" => Some(32),
            _ => None,
        }
    }
}

wire_form!(JweKeyManagementAlgorithm);

/// A JWE `enc` value: how the content is encrypted ([RFC 7518 5.1]).
///
/// An open set with constants. Its default is that of `authorization_encrypted_response_enc`
/// ([JARM 3]).
///
/// [RFC 7518 5.1]: https://www.rfc-editor.org/rfc/rfc7518#section-5.1
/// [JARM 3]: https://openid.net/specs/oauth-v2-jarm.html#section-3
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JweContentEncryptionAlgorithm(Cow<'static, str>);

impl JweContentEncryptionAlgorithm {
    constants! {
        A128CBC_HS256 = "A128CBC-HS256": "AES-128-CBC with HMAC SHA-256, the default";
        A192CBC_HS384 = "A192CBC-HS384": "AES-192-CBC with HMAC SHA-384";
        A256CBC_HS512 = "A256CBC-HS512": "AES-256-CBC with HMAC SHA-512";
        A128GCM = "A128GCM": "AES-128-GCM";
        A192GCM = "A192GCM": "AES-192-GCM";
        A256GCM = "A256GCM": "AES-256-GCM";
    }

    /// Makes an algorithm from its name.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the name is empty, longer than 64 characters or has anything but
    /// ASCII letters, digits, `-`, `_` and `+`.
    pub fn try_new(name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidValue> {
        algorithm_name(name.into()).map(Self)
    }

    /// The name as it stands in headers and metadata.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The size of the content encryption key, for the names known here.
    pub fn key_octets(&self) -> Option<usize> {
        match self.as_str() {
            "A128GCM" => Some(16),
            "A192GCM" => Some(24),
            "A128CBC-HS256" | "A256GCM" => Some(32),
            "A192CBC-HS384" => Some(48),
            "A256CBC-HS512" => Some(64),
            _ => None,
        }
    }
}

impl JweContentEncryptionAlgorithm {
    /// The default, to be borrowed.
    pub(crate) const DEFAULT: &'static Self = &Self::A128CBC_HS256;
}

impl Default for JweContentEncryptionAlgorithm {
    fn default() -> Self {
        Self::DEFAULT.clone()
    }
}

wire_form!(JweContentEncryptionAlgorithm);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rsa1_5_and_pbes2_cannot_be_made() {
        for (name, instead) in [
            ("RSA1_5", "RSA-OAEP-256"),
            ("rsa1_5", "RSA-OAEP-256"),
            ("PBES2-HS256+A128KW", "A256KW"),
            ("PBES2-HS512+A256KW", "A256KW"),
        ] {
            let error = JweKeyManagementAlgorithm::try_new(name).unwrap_err();
            assert!(error.0.contains(instead), "{error}");
            let json = format!("\"{name}\"");
            assert!(serde_json::from_str::<JweKeyManagementAlgorithm>(&json).is_err());
        }
    }

    #[test]
    fn the_size_of_a_derived_key_follows_from_alg_or_for_dir_from_enc() {
        let enc = JweContentEncryptionAlgorithm::A192CBC_HS384;
        let octets = |alg: JweKeyManagementAlgorithm| alg.derived_octets(&enc);
        assert_eq!(octets(JweKeyManagementAlgorithm::A192GCMKW), Some(24));
        assert_eq!(octets(JweKeyManagementAlgorithm::DIR), Some(48));
        assert_eq!(octets(JweKeyManagementAlgorithm::ECDH_ES_A128KW), None);
        assert!(!JweKeyManagementAlgorithm::RSA_OAEP.uses_client_secret());
    }
}
