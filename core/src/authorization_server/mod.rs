//! The authorization server's role: negotiate a request's answer at the door, keep it while the
//! user logs in and consents, and respond.

mod asked;
mod builder;
mod client_keys;
mod current;
mod decide;
mod encryption;
mod error;
mod explanation;
mod in_force;
mod key_ring;
mod long_redirect;
mod negotiate;
mod observer;
mod one_time;
mod pending;
mod push;
mod pushed;
mod refusal;
mod register;
mod request_object;
mod request_object_alg;
mod resolve;
mod respond;
mod response_jwt;
mod start_up;
mod store;
mod tenants;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use crate::policy::PolicySetting;
pub use builder::AuthorizationServerBuilder;
pub use client_keys::{ClientKeySource, ClientKeysRequest};
pub use current::CurrentServer;
pub use encryption::EncryptionFailure;
pub use error::Error;
pub use explanation::{Explanation, Reason};
pub use long_redirect::LongRedirect;
pub use observer::{Event, Observer, Outcome, ResponseEncryptionDetails, ResponseJwtDetails};
pub use one_time::{InMemoryOneTimeIds, OneTimeIds};
pub use pending::{PendingError, PendingId, PendingResponse};
pub use push::NotPushed;
pub use pushed::{
    InMemoryPushedRequests, PushedRequest, PushedRequests, PushedRequestsFull, PushedResponse,
};
pub use refusal::{Refusal, RefusedRequest};
pub use register::Registration;
pub use tenants::Tenants;

use encryption::ResponseEncryption;
use in_force::InForce;
use key_ring::KeyRing;
use long_redirect::RedirectLength;

use crate::clock::Clock;
use crate::configuration::{Configuration, ResponseJwtTyp, UnsupportedModeError};
use crate::jose::{
    ClientSecretJws, CompactJws, JwkSet, JwsSigner, JwsVerifier, RandomSource, Sealer,
};
use crate::metadata::AuthorizationServerMetadata;
use crate::provider::{EncodeSettings, ResponseModes};
use crate::response::AdditionalClaims;
use crate::vocabulary::{Issuer, JwsAlgorithm};

/// One issuer with its response modes, rules and keys: what a host's authorize handler calls.
///
/// Many live side by side in one process, one a tenant. It is made once, by
/// [`builder`](Self::builder), and shared; replace it as a whole to change keys or modes.
#[derive(Debug)]
pub struct AuthorizationServer {
    issuer: Issuer,
    in_force: InForce,
    encode: EncodeSettings,
    redirect_length: RedirectLength,
    unsupported_mode_error: UnsupportedModeError,
    default_signing_alg: JwsAlgorithm,
    response_jwt_lifetime: u64,
    response_jwt_jti: bool,
    pending_lifetime: u64,
    jwks_max_age: u64,
    response_jwt_typ: Option<ResponseJwtTyp>,
    key_ring: KeyRing,
    client_secret_jws: Option<ClientSecretJws>,
    encryption: Option<ResponseEncryption>,
    verifier: Option<Arc<dyn JwsVerifier>>,
    require_request_object_nbf: bool,
    client_keys: Arc<dyn ClientKeySource>,
    clock: Arc<dyn Clock>,
    random: Option<Arc<dyn RandomSource>>,
    sealer: Option<Arc<dyn Sealer>>,
    one_time_ids: Arc<dyn OneTimeIds>,
    pushed_requests: Arc<dyn PushedRequests>,
    pushed_request_lifetime: u64,
    additional_claims: Vec<Arc<dyn AdditionalClaims>>,
    observers: Vec<Arc<dyn Observer>>,
}

impl AuthorizationServer {
    /// Starts from a configuration.
    pub fn builder(configuration: Configuration) -> AuthorizationServerBuilder {
        AuthorizationServerBuilder::new(configuration)
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The response modes in force.
    pub fn response_modes(&self) -> &ResponseModes {
        &self.in_force.modes
    }

    /// The public keys, to be published at the server's `jwks_uri`: those of all signers, and of a
    /// server that this one has replaced those that are still needed.
    ///
    /// They may be cached for [`jwks_max_age`](Self::jwks_max_age) seconds.
    pub fn jwks(&self) -> JwkSet {
        self.key_ring.jwks(self.clock.now())
    }

    /// For how many seconds published keys may be kept: the `max-age` of the `Cache-Control` with
    /// which the host serves them.
    pub fn jwks_max_age(&self) -> u64 {
        self.jwks_max_age
    }

    /// The signer that is current for an algorithm: of those given, the first that signs now. Use it
    /// for the host's other JWTs, so that they follow the same rotation of keys.
    pub fn current_signer(&self, algorithm: &JwsAlgorithm) -> Option<&Arc<dyn JwsSigner>> {
        self.signer(algorithm).map(CompactJws::signer)
    }

    /// The same with the header of responses.
    fn signer(&self, algorithm: &JwsAlgorithm) -> Option<&CompactJws> {
        self.key_ring.current(algorithm, self.clock.now())
    }

    /// The metadata members that follow from modes and keys.
    pub fn metadata(&self) -> AuthorizationServerMetadata {
        let (mut signing, mut algorithms, mut encryptions) = (Vec::new(), Vec::new(), Vec::new());
        if self.in_force.modes.has_jwt() {
            signing = self.signing_algorithms();
            if let Some(ResponseEncryption { encrypter, .. }) = &self.encryption {
                algorithms = encrypter.key_management_algorithms().to_vec();
                encryptions = encrypter.content_encryption_algorithms().to_vec();
            }
        }
        AuthorizationServerMetadata {
            issuer: self.issuer.clone(),
            response_types_supported: self.in_force.response_types().cloned().collect(),
            response_modes_supported: self.in_force.response_modes().cloned().collect(),
            authorization_signing_alg_values_supported: signing,
            authorization_encryption_alg_values_supported: algorithms,
            authorization_encryption_enc_values_supported: encryptions,
            request_object_signing_alg_values_supported: self
                .request_object_algorithms()
                .cloned()
                .collect(),
            request_parameter_supported: self.verifier.is_some(),
            authorization_response_iss_parameter_supported: true,
        }
    }

    /// The algorithms that response JWTs can and may be signed with: those of the keys in order,
    /// then those with the client's secret.
    fn signing_algorithms(&self) -> Vec<JwsAlgorithm> {
        let mut algorithms: Vec<JwsAlgorithm> = Vec::new();
        let own = self.key_ring.algorithms();
        let secret = self
            .client_secret_jws
            .iter()
            .flat_map(ClientSecretJws::algorithms);
        for algorithm in own.chain(secret) {
            if self.in_force.policy.admits_algorithm(algorithm) && !algorithms.contains(algorithm) {
                algorithms.push(algorithm.clone());
            }
        }
        algorithms
    }

    /// 128 random bits in base64url.
    fn random_id(&self) -> Result<String, Error> {
        let mut bytes = [0; 16];
        let random = self.random.as_ref().ok_or(Error::NoRandomSource)?;
        random.fill(&mut bytes)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }
}

const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<AuthorizationServer>();
    shareable::<PendingResponse>();
};
