//! Whose key it is that verifies a signature: of a set, the one with the header's `kid`, or the only
//! one that fits where there is none.

use super::{
    ClientSecret, Jwk, JwkSet, JwsVerifier, UnverifiedJws, VerificationError, is_for_verification,
};
use crate::vocabulary::JwsAlgorithm;

/// How many keys with one `kid` are tried.
const TRIED: usize = 4;

/// Why no key of a set verifies a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unverified {
    /// None fits.
    NoKey,
    /// Several fit, and there is no `kid` to tell.
    SeveralKeys,
    /// One fits, and the signature is another one.
    Signature,
}

impl UnverifiedJws {
    /// Verifies the MAC with any of the client's secrets that may have been used.
    pub(crate) fn verify_with_secrets<'a>(
        &self,
        verifier: &dyn JwsVerifier,
        algorithm: &JwsAlgorithm,
        mut secrets: impl Iterator<Item = &'a ClientSecret>,
    ) -> Result<(), Unverified> {
        let is_by = |secret| {
            verifier
                .verify_mac(algorithm, secret, self.signed())
                .is_ok()
        };
        let is_known = secrets.any(is_by);
        is_known.then_some(()).ok_or(Unverified::Signature)
    }

    /// Verifies the signature with a key of a set. Several keys with one `kid` are told apart by
    /// `kty`, `crv`, `use` and `alg`, and then tried.
    pub(crate) fn verify_with(
        &self,
        verifier: &dyn JwsVerifier,
        algorithm: &JwsAlgorithm,
        set: &JwkSet,
    ) -> Result<(), Unverified> {
        let kid = self.header.kid();
        let fitting =
            |key: &&Jwk| (kid.is_none() || key.kid() == kid) && is_for_verification(key, algorithm);
        let keys: Vec<_> = set.keys.iter().filter(fitting).take(TRIED).collect();
        if kid.is_none() && keys.len() > 1 {
            return Err(Unverified::SeveralKeys);
        }
        let mut why = Unverified::NoKey;
        for key in keys {
            match verifier.verify(algorithm, key, self.signed()) {
                Ok(()) => return Ok(()),
                Err(VerificationError::Signature) => why = Unverified::Signature,
                Err(VerificationError::Key(_)) => {}
            }
        }
        Err(why)
    }
}
