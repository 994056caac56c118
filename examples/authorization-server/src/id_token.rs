//! ID Tokens, signed by a key that signs responses.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::jose::{CompactJws, JwsSigner, RandomSourceError, SigningError};
use jarm::{AuthorizationServer, JwsAlgorithm};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::grants::Grant;
use crate::state::App;

const LIFETIME: u64 = 600;

/// The algorithms of ID Tokens; the first that there is a key for is used. Every client understands
/// RS256.
static ALGORITHMS: [JwsAlgorithm; 11] = [
    JwsAlgorithm::RS256,
    JwsAlgorithm::ES256,
    JwsAlgorithm::PS256,
    JwsAlgorithm::ED25519,
    JwsAlgorithm::EDDSA,
    JwsAlgorithm::ES384,
    JwsAlgorithm::ES512,
    JwsAlgorithm::RS384,
    JwsAlgorithm::RS512,
    JwsAlgorithm::PS384,
    JwsAlgorithm::PS512,
];

/// Whom an ID Token is about, and what it vouches for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdTokenRequest<'a> {
    pub(crate) grant: &'a Grant,
    pub(crate) code: Option<&'a str>,
    pub(crate) access_token: Option<&'a str>,
}

/// What signs ID Tokens now: they follow the rotation of keys. `None` when there is no key.
pub(crate) fn signer(server: &AuthorizationServer) -> Option<&Arc<dyn JwsSigner>> {
    ALGORITHMS.iter().find_map(|own| server.current_signer(own))
}

/// OpenID Connect Core 2, 3.2.2.10, 3.3.2.11.
pub(crate) async fn sign(app: &App, request: IdTokenRequest<'_>) -> Result<String, IdTokenError> {
    let IdTokenRequest {
        grant,
        code,
        access_token,
    } = request;
    let signer = signer(&app.server).ok_or_else(SigningError::opaque)?;
    let algorithm = signer.algorithm();
    let now = app.clock.now();
    let mut claims = json!({
        "iss": app.server.issuer(),
        "sub": grant.subject,
        "aud": grant.request.client_id,
        "exp": now.after(LIFETIME),
        "iat": now,
        "auth_time": grant.auth_time,
    });
    let optional = [
        ("nonce", grant.request.nonce.clone()),
        ("c_hash", code.map(|code| left_half(algorithm, code))),
        (
            "at_hash",
            access_token.map(|token| left_half(algorithm, token)),
        ),
    ];
    if let Value::Object(claims) = &mut claims {
        claims.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?.into()))),
        );
    }
    // Not by the `CompactJws` of response JWTs: an ID Token has not their `typ`.
    let jws = CompactJws::new(signer.clone(), None);
    Ok(jws.sign(claims.to_string().as_bytes()).await?)
}

/// The left half of the hash that belongs to the algorithm (OpenID Connect Core 3.3.2.11).
fn left_half(algorithm: &JwsAlgorithm, value: &str) -> String {
    let digest = match algorithm.as_str() {
        name if name.ends_with("256") => Sha256::digest(value).to_vec(),
        name if name.ends_with("384") => Sha384::digest(value).to_vec(),
        _ => Sha512::digest(value).to_vec(), // Ed25519 hashes with SHA-512, too
    };
    let (left, _) = digest.split_at(digest.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

/// An ID Token, or what it speaks of, cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdTokenError {
    #[error("the ID Token could not be signed")]
    Signing(#[from] SigningError),
    #[error(transparent)]
    Random(#[from] RandomSourceError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_openid_connect_core() {
        // The example of OpenID Connect Core A.4 (code and c_hash).
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        assert_eq!(
            left_half(&JwsAlgorithm::RS256, code),
            "LDktKdoQak3Pk0cnXxCltA"
        );
        assert_eq!(left_half(&JwsAlgorithm::ED25519, code).len(), 43);
    }
}
