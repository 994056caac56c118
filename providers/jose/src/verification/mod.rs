//! Verification of responses, by public keys and under clients' secrets.

use std::sync::LazyLock;

use jarm_core::JwsAlgorithm;
use jarm_core::jose::{
    ClientSecret, ClientSecretMac as _, Jwk, JwsVerifier, PublicKeyError, Signed, VerificationError,
};
use subtle::ConstantTimeEq as _;

use crate::backend::{self, Scheme};
use crate::format::{PublicKey, public_jwk};
use crate::{HmacClientSecrets, schemes};

static ALGORITHMS: LazyLock<Vec<JwsAlgorithm>> = LazyLock::new(|| {
    let macs = HmacClientSecrets.algorithms();
    schemes::ALL.iter().chain(macs).cloned().collect()
});

/// The signature algorithms that a client verifies ([RFC 7518 3], [RFC 8037 3.1], [RFC 9864]).
///
/// By the server's RSA key: `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`. By its key on
/// P-256, P-384 or P-521: `ES256`, `ES384`, `ES512`. By its key on Curve25519: `Ed25519` and
/// `EdDSA`. Under the client's own secret: `HS256`, `HS384`, `HS512`.
///
/// ```
/// use jarm_core::JwsAlgorithm;
/// use jarm_core::jose::{ClientSecret, ClientSecretMac as _, JwsVerifier as _, Signed};
/// use jarm_jose::{HmacClientSecrets, JwaVerifier};
///
/// let secret = ClientSecret::new("0123456789abcdef0123456789abcdef");
/// let signing_input = b"header.payload";
/// let mac = HmacClientSecrets.mac(&JwsAlgorithm::HS256, &secret, signing_input)?;
///
/// let signed = |signature| Signed { signing_input, signature };
/// JwaVerifier.verify_mac(&JwsAlgorithm::HS256, &secret, signed(&mac))?;
/// assert!(JwaVerifier.verify_mac(&JwsAlgorithm::HS256, &secret, signed(&mac[1..])).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [RFC 7518 3]: https://www.rfc-editor.org/rfc/rfc7518#section-3
/// [RFC 8037 3.1]: https://www.rfc-editor.org/rfc/rfc8037#section-3.1
/// [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864#section-2.2
#[derive(Clone, Copy, Debug, Default)]
pub struct JwaVerifier;

impl JwsVerifier for JwaVerifier {
    fn algorithms(&self) -> &[JwsAlgorithm] {
        &ALGORITHMS
    }

    fn verify(
        &self,
        algorithm: &JwsAlgorithm,
        key: &Jwk,
        signed: Signed<'_>,
    ) -> Result<(), VerificationError> {
        let scheme = schemes::scheme(algorithm).ok_or(VerificationError::Signature)?;
        let key = read(scheme, key)?;
        // The first half of an Ed25519 signature is a point. One of low order is nobody's, and only
        // one of the two builds looks at it (RFC 8032 5.1.7 leaves it open).
        if scheme == Scheme::Ed25519 {
            let point = signed.signature.get(..32).unwrap_or_default();
            if !public_jwk::is_strong_edwards(point) {
                return Err(VerificationError::Signature);
            }
        }
        backend::verify(scheme, &key, signed)
    }

    fn verify_mac(
        &self,
        algorithm: &JwsAlgorithm,
        secret: &ClientSecret,
        signed: Signed<'_>,
    ) -> Result<(), VerificationError> {
        let refused = |_| VerificationError::Signature;
        let made = HmacClientSecrets.mac(algorithm, secret, signed.signing_input);
        let same = made.map_err(refused)?.ct_eq(signed.signature);
        bool::from(same)
            .then_some(())
            .ok_or(VerificationError::Signature)
    }
}

/// Reads a key of the one kind that the algorithm takes.
fn read(scheme: Scheme, key: &Jwk) -> Result<PublicKey, PublicKeyError> {
    Ok(match scheme {
        Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => {
            let (n, e) = public_jwk::rsa(key)?;
            PublicKey::Rsa { n, e }
        }
        Scheme::Ecdsa(curve) => {
            let point = public_jwk::ecdsa(key, curve)?;
            PublicKey::Ec { curve, point }
        }
        Scheme::Ed25519 => {
            let x = public_jwk::ed25519(key)?;
            PublicKey::Ed25519 { x }
        }
    })
}
