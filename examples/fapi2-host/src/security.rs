//! What FAPI 2.0 asks for, as settings of the two libraries.

use std::sync::Arc;
use std::time::Duration;

use jarm::jose::{
    Aes256GcmSealer, ClientSecret, JwaVerifier, Jwk, JwsVerifier, Signed, SystemRandom,
    VerificationError,
};
use jarm::{AuthorizationServer, JwsAlgorithm};
use jarm_oauth_as::verifiers;
use oauth_as::jwt::{AlgAllowList, JwsAlg, JwsVerifiers};
use oauth_as::par::ParConfig;
use oauth_as::server::{AssertionAudience, ServerConfig};
use oauth_as::store::MemoryStorage;

use crate::{Configuration, Environment, Oauth, StartError};

/// What clients sign request objects, client assertions and DPoP proofs with ([FAPI 2.0 Security
/// Profile 5.4.1](https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.4.1)).
const ALGORITHMS: [JwsAlgorithm; 4] = [
    JwsAlgorithm::PS256,
    JwsAlgorithm::ES256,
    JwsAlgorithm::ED25519,
    JwsAlgorithm::EDDSA,
];

/// Codes live as long as FAPI allows them at most.
const CODE_LIFETIME: Duration = Duration::from_secs(60);

const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(300);

/// The modes in force. Responses are not encrypted, which Message Signing does not recommend.
const RESPONSES: &str = r#"
profile = "fapi2-message-signing"
response_types = ["code"]
default_signing_alg = "PS256"

[[response_mode]]
name = "query.jwt"

[[response_mode]]
name = "form_post.jwt"

[[response_mode]]
name = "jwt"
"#;

/// What answers.
pub(crate) fn jarm(
    issuer: &str,
    configuration: &Configuration,
    environment: Environment,
) -> Result<AuthorizationServer, StartError> {
    let mut responses: toml::Table = RESPONSES.parse()?;
    responses.insert("issuer".to_owned(), issuer.into());
    Ok(
        AuthorizationServer::builder(jarm::configuration::read(responses)?)
            .signers(environment.signers)
            .clock(environment.clock)
            .verifier(Arc::new(FapiVerifier))
            .pushed_request_lifetime(configuration.request_uri_lifetime)
            .random(Arc::new(SystemRandom))
            .sealer(Arc::new(Aes256GcmSealer::generate()?))
            .build()?,
    )
}

/// What judges.
pub(crate) fn oauth(issuer: &str) -> Oauth {
    let mut config = ServerConfig::new(issuer, format!("{issuer}/device"))
        .with_assertion_audience(AssertionAudience::IssuerOnly)
        .with_jws_alg_allow_list(AlgAllowList::only(&[
            JwsAlg::Es256,
            JwsAlg::Ps256,
            JwsAlg::EdDsa,
        ]));
    config.jwks_uri = Some(format!("{issuer}/jwks"));
    config.require_dpop = true;
    config.authorization_code_ttl = CODE_LIFETIME;
    config.access_token_ttl = ACCESS_TOKEN_LIFETIME;
    config.issue_refresh_tokens = false;
    // That requests are pushed is checked where they are resolved: see `authorize.rs`.
    let mut par = ParConfig::new();
    par.require_redirect_uri = true;
    config.par = Some(Box::new(par));

    let oauth = Oauth::new(config, MemoryStorage::new());
    verifiers(&fapi())
        .into_iter()
        .fold(oauth, |oauth, own| oauth.with_jws_verifier(own))
}

/// What checks DPoP proofs at the resource.
pub(crate) fn proofs() -> JwsVerifiers {
    let mut proofs = JwsVerifiers::new();
    for own in verifiers(&fapi()) {
        proofs.install(own);
    }
    proofs
}

fn fapi() -> Arc<dyn JwsVerifier> {
    Arc::new(FapiVerifier)
}

/// The verifier of `jarm`, for the algorithms of FAPI 2.0 alone.
#[derive(Clone, Copy, Debug)]
struct FapiVerifier;

impl JwsVerifier for FapiVerifier {
    fn algorithms(&self) -> &[JwsAlgorithm] {
        &ALGORITHMS
    }

    fn verify(
        &self,
        algorithm: &JwsAlgorithm,
        key: &Jwk,
        signed: Signed<'_>,
    ) -> Result<(), VerificationError> {
        if !ALGORITHMS.contains(algorithm) {
            return Err(VerificationError::Signature);
        }
        JwaVerifier.verify(algorithm, key, signed)
    }

    fn verify_mac(
        &self,
        _: &JwsAlgorithm,
        _: &ClientSecret,
        _: Signed<'_>,
    ) -> Result<(), VerificationError> {
        Err(VerificationError::Signature)
    }
}
