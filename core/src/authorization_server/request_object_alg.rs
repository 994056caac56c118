//! What a client registers about its request objects.

use super::AuthorizationServer;
use super::register::{Checked, refuse, unsupported};
use crate::jose::{Jwk, JwkSet, JwsVerifier, Signed, VerificationError, is_for_verification};
use crate::metadata::{ClientMetadata, SecretAvailability};
use crate::vocabulary::JwsAlgorithm;

const ALG: &str = "request_object_signing_alg";

impl AuthorizationServer {
    /// The algorithms that request objects may be signed with: what can be verified, as far as
    /// `allowed_signing_algs` allows it.
    pub(super) fn request_object_algorithms(&self) -> impl Iterator<Item = &JwsAlgorithm> {
        let verifier = self.verifier.iter();
        let all = verifier.flat_map(|own| own.algorithms());
        all.filter(|own| self.in_force.policy.admits_algorithm(own))
    }

    /// Checks that the request objects of a client could be verified ([OpenID Connect Registration
    /// 2]).
    ///
    /// [OpenID Connect Registration 2]: https://openid.net/specs/openid-connect-registration-1_0.html#ClientMetadata
    pub(super) fn check_request_object_signing(
        &self,
        metadata: &ClientMetadata,
        secret: SecretAvailability<'_>,
    ) -> Checked {
        let Some(algorithm) = &metadata.request_object_signing_alg else {
            return Ok(());
        };
        let Some(verifier) = &self.verifier else {
            let why = "request objects are not supported on this server: leave it out";
            return refuse(ALG, why);
        };
        let supported: Vec<_> = self.request_object_algorithms().cloned().collect();
        if !supported.contains(algorithm) {
            return refuse(ALG, unsupported(algorithm, &supported));
        }
        if let Some(least) = algorithm.least_secret_octets() {
            return self
                .check_secret(metadata, secret, least)
                .or_else(|why| refuse(ALG, format!("`{algorithm}` needs {why}")));
        }
        match &metadata.jwks {
            Some(set) => check_keys(verifier.as_ref(), algorithm, set),
            None if metadata.jwks_uri.is_some() => self.client_keys.admits(metadata),
            None => {
                let why = "request objects are verified by a public key of the client's: send one";
                refuse("jwks", why)
            }
        }
    }
}

/// Whether a set has a key by which a signature can be verified.
fn check_keys(verifier: &dyn JwsVerifier, algorithm: &JwsAlgorithm, set: &JwkSet) -> Checked {
    // No signature is looked at before the key is read.
    let nothing = Signed {
        signing_input: &[],
        signature: &[],
    };
    let is_sound = |key: &Jwk| {
        let result = verifier.verify(algorithm, key, nothing);
        !matches!(result, Err(VerificationError::Key(_)))
    };
    let mut fitting = set
        .keys
        .iter()
        .filter(|key| is_for_verification(key, algorithm));
    if fitting.any(is_sound) {
        return Ok(());
    }
    refuse("jwks", format!("no key can be used with `{algorithm}`"))
}
