use jarm_core::jose::{Signed, VerificationError};
use p256::ecdsa::signature::Verifier as _;
use rsa::{BigUint, RsaPublicKey};

use super::signing::{digest, pkcs1, pss};
use crate::backend::Scheme;
use crate::format::rsa::LARGEST_MODULUS;
use crate::format::{Curve, PublicKey, public_jwk};

/// Verifies by a key that `format` has read.
pub(crate) fn verify(
    scheme: Scheme,
    key: &PublicKey,
    signed: Signed<'_>,
) -> Result<(), VerificationError> {
    let Signed {
        signing_input,
        signature,
    } = signed;
    macro_rules! ecdsa {
        ($curve:ident, $crv:expr, $point:expr) => {{
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes($point)
                .map_err(|_| public_jwk::not_on_curve($crv))?;
            let signature = $curve::ecdsa::Signature::from_slice(signature);
            signature.is_ok_and(|signature| key.verify(signing_input, &signature).is_ok())
        }};
    }
    let verified = match (scheme, key) {
        (Scheme::RsaPkcs1(hash), PublicKey::Rsa { n, e }) => {
            let digest = digest(hash, signing_input);
            let verified = rsa_key(n, e)?.verify(pkcs1(hash), &digest, signature);
            verified.is_ok() && is_reduced(signature, n)
        }
        (Scheme::RsaPss(hash), PublicKey::Rsa { n, e }) => {
            let digest = digest(hash, signing_input);
            let verified = rsa_key(n, e)?.verify(pss(hash), &digest, signature);
            verified.is_ok() && is_reduced(signature, n)
        }
        (Scheme::Ecdsa(Curve::P256), PublicKey::Ec { point, .. }) => ecdsa!(p256, "P-256", point),
        (Scheme::Ecdsa(Curve::P384), PublicKey::Ec { point, .. }) => ecdsa!(p384, "P-384", point),
        (Scheme::Ecdsa(Curve::P521), PublicKey::Ec { point, .. }) => ecdsa!(p521, "P-521", point),
        (Scheme::Ed25519, PublicKey::Ed25519 { x }) => ed25519(x, signed).is_some(),
        _ => false,
    };
    verified.then_some(()).ok_or(VerificationError::Signature)
}

/// The `rsa` crate reduces a signature that is the modulus or more, which is to be refused
/// (RFC 8017 5.2.2, step 1). Numbers of one length are ordered as their octets are.
fn is_reduced(signature: &[u8], n: &[u8]) -> bool {
    signature.len() == n.len() && signature < n
}

fn rsa_key(n: &[u8], e: &[u8]) -> Result<RsaPublicKey, VerificationError> {
    let [n, e] = [n, e].map(BigUint::from_bytes_be);
    RsaPublicKey::new_with_max_size(n, e, LARGEST_MODULUS).map_err(|_| VerificationError::Signature)
}

fn ed25519(x: &[u8], signed: Signed<'_>) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::try_from(x).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signed.signature).ok()?;
    key.verify_strict(signed.signing_input, &signature).ok()
}
