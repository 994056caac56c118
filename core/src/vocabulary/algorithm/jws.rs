use std::borrow::Cow;

use super::{algorithm_name, constants};
use crate::vocabulary::{InvalidValue, wire_form};

/// A JWS `alg` value ([RFC 7518 3.1], [RFC 8037], [RFC 9864]).
///
/// An open set with constants. The name `none` cannot be made, in whatever case it is written ([JARM 3]).
///
/// [RFC 7518 3.1]: https://www.rfc-editor.org/rfc/rfc7518#section-3.1
/// [RFC 8037]: https://www.rfc-editor.org/rfc/rfc8037
/// [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864
/// [JARM 3]: https://openid.net/specs/oauth-v2-jarm.html#section-3
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JwsAlgorithm(Cow<'static, str>);

impl JwsAlgorithm {
    constants! {
        RS256 = "RS256": "RSASSA-PKCS1-v1_5 with SHA-256, the default of `authorization_signed_response_alg`";
        RS384 = "RS384": "RSASSA-PKCS1-v1_5 with SHA-384";
        RS512 = "RS512": "RSASSA-PKCS1-v1_5 with SHA-512";
        PS256 = "PS256": "RSASSA-PSS with SHA-256";
        PS384 = "PS384": "RSASSA-PSS with SHA-384";
        PS512 = "PS512": "RSASSA-PSS with SHA-512";
        ES256 = "ES256": "ECDSA on P-256 with SHA-256";
        ES384 = "ES384": "ECDSA on P-384 with SHA-384";
        ES512 = "ES512": "ECDSA on P-521 with SHA-512";
        ED25519 = "Ed25519": "Ed25519 under its fully specified name";
        EDDSA = "EdDSA": "Ed25519 under its older, deprecated name";
        HS256 = "HS256": "HMAC with SHA-256 and the client's secret";
        HS384 = "HS384": "HMAC with SHA-384 and the client's secret";
        HS512 = "HS512": "HMAC with SHA-512 and the client's secret";
    }

    /// Those with a constant.
    pub const STANDARD: [Self; 14] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::ED25519,
        Self::EDDSA,
        Self::HS256,
        Self::HS384,
        Self::HS512,
    ];

    /// Makes an algorithm from its name.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the name is empty, longer than 64 characters, has anything but ASCII
    /// letters, digits, `-`, `_` and `+`, or is `none`.
    pub fn try_new(name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidValue> {
        let name = name.into();
        if name.eq_ignore_ascii_case("none") {
            return Err(InvalidValue(
                "`none` is not a signing algorithm: every response JWT is signed, and every request object".into(),
            ));
        }
        algorithm_name(name).map(Self)
    }

    /// The name as it stands in headers and metadata.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the key is the client's secret rather than one of the server's keys: `HS*`.
    pub fn uses_client_secret(&self) -> bool {
        self.least_secret_octets().is_some()
    }

    /// How many octets a client's secret must have at least: as many as the MAC ([RFC 7518 3.2]).
    /// `None` for algorithms that use no secret.
    ///
    /// [RFC 7518 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
    pub fn least_secret_octets(&self) -> Option<usize> {
        match self.as_str() {
            "HS256" => Some(32),
            "HS384" => Some(48),
            "HS512" => Some(64),
            _ => None,
        }
    }
}

wire_form!(JwsAlgorithm);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_cannot_be_made() {
        for none in ["none", "None", "NONE", "nOnE"] {
            assert!(JwsAlgorithm::try_new(none).is_err());
            let json = format!("\"{none}\"");
            assert!(serde_json::from_str::<JwsAlgorithm>(&json).is_err());
        }
    }

    #[test]
    fn only_hmac_uses_the_client_secret() {
        assert!(JwsAlgorithm::HS512.uses_client_secret());
        assert!(!JwsAlgorithm::RS256.uses_client_secret());
    }
}
