use std::fmt::Debug;

use super::{ClientSecret, Jwk, PublicKeyError};
use crate::vocabulary::JwsAlgorithm;

/// Verifies the signatures of responses: the JWS algorithms that a client accepts.
///
/// `jarm-jose` implements it. It answers at once, because what it needs is public or in memory.
/// Which key and which algorithm it is given is decided outside, by what the client registered and
/// never by a header alone.
pub trait JwsVerifier: Debug + Send + Sync {
    /// The algorithms that can be verified.
    fn algorithms(&self) -> &[JwsAlgorithm];

    /// Verifies a signature by an authorization server's public key, which is read and checked in
    /// full.
    ///
    /// # Errors
    ///
    /// [`VerificationError::Key`] when the key is of another kind than the algorithm's, or broken;
    /// [`VerificationError::Signature`] when the signature is not that key's, not of the
    /// algorithm's form ([RFC 7518 3]), or the algorithm takes no public key.
    ///
    /// [RFC 7518 3]: https://www.rfc-editor.org/rfc/rfc7518#section-3
    fn verify(
        &self,
        algorithm: &JwsAlgorithm,
        key: &Jwk,
        signed: Signed<'_>,
    ) -> Result<(), VerificationError>;

    /// Verifies an `HS*` signature under the client's secret, comparing in constant time.
    ///
    /// # Errors
    ///
    /// [`VerificationError::Signature`] when it is another one, when the secret is shorter than
    /// the MAC ([RFC 7518 3.2]), or the algorithm uses no secret.
    ///
    /// [RFC 7518 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
    fn verify_mac(
        &self,
        algorithm: &JwsAlgorithm,
        secret: &ClientSecret,
        signed: Signed<'_>,
    ) -> Result<(), VerificationError>;
}

const _: Option<&dyn JwsVerifier> = None;

/// What was signed, and the signature.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The JWS signing input, `BASE64URL(header) '.' BASE64URL(payload)` in ASCII.
    pub signing_input: &'a [u8],
    /// The signature octets; for ECDSA `R || S`.
    pub signature: &'a [u8],
}

/// A signature was not verified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerificationError {
    /// The key cannot be used with the algorithm.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// The signature is another one. There is no further detail, on purpose.
    #[error("the signature is not the key's")]
    Signature,
}
