use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use jarm_core::jose::{Signed, VerificationError};

use crate::backend::{Hash, Scheme};
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
    let verified = match (scheme, key) {
        (Scheme::RsaPkcs1(hash), PublicKey::Rsa { n, e }) => {
            RsaPublicKeyComponents { n, e }.verify(pkcs1(hash), signing_input, signature)
        }
        (Scheme::RsaPss(hash), PublicKey::Rsa { n, e }) => {
            RsaPublicKeyComponents { n, e }.verify(pss(hash), signing_input, signature)
        }
        (Scheme::Ecdsa(curve), PublicKey::Ec { point, .. }) => {
            ParsedPublicKey::new(ecdsa(curve), point)
                .map_err(|_| public_jwk::not_on_curve(curve.crv()))?
                .verify_sig(signing_input, signature)
        }
        (Scheme::Ed25519, PublicKey::Ed25519 { x }) => {
            UnparsedPublicKey::new(&signature::ED25519, x).verify(signing_input, signature)
        }
        _ => return Err(VerificationError::Signature),
    };
    verified.map_err(|_| VerificationError::Signature)
}

fn pkcs1(hash: Hash) -> &'static RsaParameters {
    match hash {
        Hash::Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Hash::Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
    }
}

/// The salt is as long as the hash ([RFC 7518 3.5](https://www.rfc-editor.org/rfc/rfc7518#section-3.5)).
fn pss(hash: Hash) -> &'static RsaParameters {
    match hash {
        Hash::Sha256 => &signature::RSA_PSS_2048_8192_SHA256,
        Hash::Sha384 => &signature::RSA_PSS_2048_8192_SHA384,
        Hash::Sha512 => &signature::RSA_PSS_2048_8192_SHA512,
    }
}

fn ecdsa(curve: Curve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED,
    }
}
