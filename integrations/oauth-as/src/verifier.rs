//! Signatures that `oauth-as` has to check are checked by `jarm`'s verifier.

use std::sync::Arc;

use jarm_core::JwsAlgorithm;
use jarm_core::jose::{Jwk, JwsVerifier, Signed};
use oauth_as::jwt::JwsAlg;
use serde_json::Value;

/// `jarm`'s verifier in the place of one of `oauth-as`, for one algorithm.
#[derive(Clone, Debug)]
pub struct JoseVerifier {
    alg: JwsAlg,
    algorithm: JwsAlgorithm,
    verifier: Arc<dyn JwsVerifier>,
}

/// One for each algorithm that both libraries know and `verifier` has.
///
/// Give them to `oauth_as::server::AuthorizationServer::with_jws_verifier`, for client assertions and
/// DPoP proofs, and to the `JwsVerifiers` of a resource server.
pub fn verifiers(verifier: &Arc<dyn JwsVerifier>) -> Vec<Arc<JoseVerifier>> {
    let pairs = JwsAlg::ALL.iter().map(|alg| {
        let algorithm = match alg {
            JwsAlg::Es256 => JwsAlgorithm::ES256,
            JwsAlg::Rs256 => JwsAlgorithm::RS256,
            JwsAlg::EdDsa => JwsAlgorithm::EDDSA,
            JwsAlg::Ps256 => JwsAlgorithm::PS256,
        };
        (*alg, algorithm)
    });
    let known = pairs.filter(|(_, algorithm)| verifier.algorithms().contains(algorithm));
    known
        .map(|(alg, algorithm)| {
            Arc::new(JoseVerifier {
                alg,
                algorithm,
                verifier: verifier.clone(),
            })
        })
        .collect()
}

impl oauth_as::jwt::JwsVerifier for JoseVerifier {
    fn alg(&self) -> JwsAlg {
        self.alg
    }

    fn verify(&self, key: &oauth_as::jwt::Jwk, signing_input: &[u8], signature: &[u8]) -> bool {
        let Ok(Value::Object(members)) = serde_json::to_value(key) else {
            return false;
        };
        let signed = Signed {
            signing_input,
            signature,
        };
        Jwk::try_new(members)
            .is_ok_and(|key| self.verifier.verify(&self.algorithm, &key, signed).is_ok())
    }
}
