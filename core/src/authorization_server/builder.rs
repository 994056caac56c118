use std::sync::Arc;

use super::client_keys::RegisteredKeysOnly;
use super::encryption::ResponseEncryption;
use super::in_force::{InForce, ListedTypes};
use super::key_ring::KeyRing;
use super::long_redirect::RedirectLength;
use super::start_up::{
    check_encrypter, check_jti, check_jwks_max_age, check_lifetime, check_response_jwts,
};
use super::{
    AuthorizationServer, ClientKeySource, InMemoryOneTimeIds, InMemoryPushedRequests, Observer,
    OneTimeIds, PushedRequests,
};
use crate::clock::{Clock, SystemClock};
use crate::configuration::{Configuration, ConfigurationError, Problem, ResponseJwtTyp};
use crate::jose::{
    ClientSecretJws, ClientSecretMac, CompactJws, JweEncrypter, JwsSigner, JwsVerifier,
    RandomSource, Sealer,
};
use crate::policy::Policy;
use crate::provider::{EncodeSettings, ResponseModeRegistry, ResponseModes};
use crate::response::AdditionalClaims;
use crate::rules::ExtensionResponseType;
use crate::vocabulary::JwsAlgorithm;

/// A login with consent takes minutes; an hour leaves room for a lost phone.
const PENDING_LIFETIME: u64 = 3600;

/// A pushed request is followed by the browser within seconds.
const PUSHED_REQUEST_LIFETIME: u64 = 60;

/// Collects what an [`AuthorizationServer`] is made of; [`build`](Self::build) checks it all.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct AuthorizationServerBuilder {
    configuration: Configuration,
    root: String,
    registry: Option<ResponseModeRegistry>,
    extensions: Vec<ExtensionResponseType>,
    signers: Vec<Arc<dyn JwsSigner>>,
    client_secret_mac: Option<Arc<dyn ClientSecretMac>>,
    encrypter: Option<Arc<dyn JweEncrypter>>,
    client_keys: Arc<dyn ClientKeySource>,
    verifier: Option<Arc<dyn JwsVerifier>>,
    random: Option<Arc<dyn RandomSource>>,
    sealer: Option<Arc<dyn Sealer>>,
    clock: Arc<dyn Clock>,
    one_time_ids: Option<Arc<dyn OneTimeIds>>,
    pushed_requests: Option<Arc<dyn PushedRequests>>,
    pending_lifetime: u64,
    pushed_request_lifetime: u64,
    additional_claims: Vec<Arc<dyn AdditionalClaims>>,
    observers: Vec<Arc<dyn Observer>>,
    any_lifetime: bool,
}

impl AuthorizationServerBuilder {
    pub(super) fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            root: "jarm".to_owned(),
            registry: None,
            extensions: Vec::new(),
            signers: Vec::new(),
            client_secret_mac: None,
            encrypter: None,
            client_keys: Arc::new(RegisteredKeysOnly),
            verifier: None,
            random: None,
            sealer: None,
            clock: Arc::new(SystemClock),
            one_time_ids: None,
            pushed_requests: None,
            pending_lifetime: PENDING_LIFETIME,
            pushed_request_lifetime: PUSHED_REQUEST_LIFETIME,
            additional_claims: Vec::new(),
            observers: Vec::new(),
            any_lifetime: false,
        }
    }

    /// The key path under which the configuration stands in the host's file, for error messages;
    /// `jarm`, if not called.
    pub fn configured_at(mut self, path: impl Into<String>) -> Self {
        self.root = path.into();
        self
    }

    /// The kinds of response modes to choose from; all linked ones, if not called.
    pub fn registry(mut self, registry: ResponseModeRegistry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Adds a response type of an extension, in place of an earlier declaration of the same one.
    pub fn extension_response_type(mut self, extension: ExtensionResponseType) -> Self {
        self.extensions
            .retain(|own| own.response_type() != extension.response_type());
        self.extensions.push(extension);
        self
    }

    /// Adds a signer. Of those for an algorithm the first signs, in a server that replaces another one
    /// the first whose key has been published for long enough; the public keys of all are published.
    pub fn signer(mut self, signer: Arc<dyn JwsSigner>) -> Self {
        self.signers.push(signer);
        self
    }

    /// Adds several signers, in order.
    pub fn signers(mut self, signers: impl IntoIterator<Item = Arc<dyn JwsSigner>>) -> Self {
        self.signers.extend(signers);
        self
    }

    /// Allows clients to have their responses signed with their own secret (`HS*`).
    pub fn client_secret_mac(mut self, mac: Arc<dyn ClientSecretMac>) -> Self {
        self.client_secret_mac = Some(mac);
        self
    }

    /// Allows clients to have their responses encrypted, once they are signed ([JARM 3]).
    ///
    /// [JARM 3]: https://openid.net/specs/oauth-v2-jarm.html#section-3
    pub fn encrypter(mut self, encrypter: Arc<dyn JweEncrypter>) -> Self {
        self.encrypter = Some(encrypter);
        self
    }

    /// Where the public keys of clients come from that registered no `jwks`; such clients are refused,
    /// if not called. Nobody asks for them without an [`encrypter`](Self::encrypter) or a
    /// [`verifier`](Self::verifier).
    pub fn client_keys(mut self, source: Arc<dyn ClientKeySource>) -> Self {
        self.client_keys = source;
        self
    }

    /// Verifies request objects that clients sign ([RFC 9101]); without it they are not supported.
    /// Of its algorithms those count that `allowed_signing_algs` allows.
    ///
    /// [RFC 9101]: https://www.rfc-editor.org/rfc/rfc9101
    pub fn verifier(mut self, verifier: Arc<dyn JwsVerifier>) -> Self {
        self.verifier = Some(verifier);
        self
    }

    /// Where pushed requests wait; in memory, if not called.
    pub fn pushed_requests(mut self, pushed_requests: Arc<dyn PushedRequests>) -> Self {
        self.pushed_requests = Some(pushed_requests);
        self
    }

    /// For how many seconds a pushed request counts: 60, if not called; from 5 to 600
    /// ([RFC 9126 2.2](https://www.rfc-editor.org/rfc/rfc9126#section-2.2)).
    pub fn pushed_request_lifetime(mut self, seconds: u64) -> Self {
        self.pushed_request_lifetime = seconds.clamp(5, 600);
        self
    }

    /// The source of randomness, needed for stored pending responses and for `jti`.
    pub fn random(mut self, random: Arc<dyn RandomSource>) -> Self {
        self.random = Some(random);
        self
    }

    /// What seals pending responses.
    pub fn sealer(mut self, sealer: Arc<dyn Sealer>) -> Self {
        self.sealer = Some(sealer);
        self
    }

    /// The clock; the system's, if not called.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where the ids of answered pending responses are kept; in memory, if not called. A server that
    /// [replaces](super::CurrentServer::replace) another one goes on with that one's store.
    pub fn one_time_ids(mut self, ids: Arc<dyn OneTimeIds>) -> Self {
        self.one_time_ids = Some(ids);
        self
    }

    /// Adds a hook for further claims in response JWTs.
    pub fn additional_claims(mut self, hook: Arc<dyn AdditionalClaims>) -> Self {
        self.additional_claims.push(hook);
        self
    }

    /// Adds an observer: it is told of every negotiation, refusal, answer and failure.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observers.push(observer);
        self
    }

    /// How many seconds a pending response waits for its outcome: 3,600, if not called, and one at
    /// least. Where the request was pushed, they begin when its handle has expired.
    pub fn pending_lifetime(mut self, seconds: u64) -> Self {
        self.pending_lifetime = seconds.max(1);
        self
    }

    /// Accepts a `response_jwt_lifetime` above 600 seconds, against the recommendation of
    /// [JARM 2.1]. A leaked response can be replayed for as long.
    ///
    /// [JARM 2.1]: https://openid.net/specs/oauth-v2-jarm.html#section-2.1
    pub fn allow_response_jwt_lifetime_beyond_ten_minutes(mut self) -> Self {
        self.any_lifetime = true;
        self
    }

    /// Checks everything and makes the server.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] with the key path: for an unknown kind, option or shortcut target,
    /// a lifetime out of bounds, a default algorithm without a key, or two keys with one `kid`.
    pub fn build(self) -> Result<AuthorizationServer, ConfigurationError> {
        let Self {
            configuration,
            root,
            registry,
            extensions,
            signers,
            client_secret_mac,
            encrypter,
            client_keys,
            verifier,
            random,
            sealer,
            clock,
            one_time_ids,
            pushed_requests,
            pending_lifetime,
            pushed_request_lifetime,
            additional_claims,
            observers,
            any_lifetime,
        } = self;
        let Configuration {
            issuer,
            response_types,
            response_mode,
            response_jwt_lifetime,
            response_jwt_jti,
            response_jwt_typ,
            jwks_max_age,
            default_signing_alg,
            redirect_status,
            redirect_length_limit,
            long_redirects,
            unsupported_mode_error,
            profile: _, // expanded
            require_jarm,
            registration,
            refusal_delivery,
            allow,
            allowed_signing_algs,
            require_request_object_nbf,
            page,
        } = configuration
            .expanded()
            .map_err(|error| error.below(&root))?;
        let registry = told(registry.map_or_else(default_registry, Ok)?);
        let modes = ResponseModes::new(&registry, &response_mode, &root)?;
        check_encrypter(encrypter.as_deref())?;
        let listed = ListedTypes {
            listed: response_types,
            extensions,
        };
        let policy = Policy {
            require_jarm,
            registration: registration.require_jarm,
            refusal_delivery: refusal_delivery.unwrap_or_default(),
            allow,
            signing_algs: allowed_signing_algs,
        };
        let in_force = InForce::new(listed, modes, policy, encrypter.is_some(), &root)?;
        let lifetime = check_lifetime(response_jwt_lifetime, any_lifetime);
        let max_age = check_jwks_max_age(jwks_max_age);
        let jti = check_jti(response_jwt_jti, random.is_some());
        check_response_jwts(&root, [lifetime, max_age, jti])?;
        let typ = response_jwt_typ.as_ref().map(ResponseJwtTyp::as_str);
        let compact = |signer| CompactJws::new(signer, typ);
        let key_ring = KeyRing::new(signers.into_iter().map(compact).collect())?;
        let server = AuthorizationServer {
            issuer,
            in_force,
            encode: EncodeSettings {
                redirect_status,
                page,
            },
            redirect_length: RedirectLength::new(redirect_length_limit, long_redirects),
            unsupported_mode_error,
            default_signing_alg: default_signing_alg.unwrap_or(JwsAlgorithm::RS256),
            response_jwt_lifetime,
            response_jwt_jti,
            pending_lifetime,
            jwks_max_age,
            key_ring,
            client_secret_jws: client_secret_mac.map(|mac| ClientSecretJws::new(mac, typ)),
            response_jwt_typ,
            encryption: encrypter.map(|own| ResponseEncryption::new(own, client_keys.clone())),
            verifier,
            require_request_object_nbf,
            client_keys,
            clock,
            random,
            sealer,
            one_time_ids: one_time_ids.unwrap_or_else(|| Arc::new(InMemoryOneTimeIds::default())),
            pushed_requests: pushed_requests
                .unwrap_or_else(|| Arc::new(InMemoryPushedRequests::default())),
            pushed_request_lifetime,
            additional_claims,
            observers,
        };
        server.checked(&root)
    }
}

impl AuthorizationServerBuilder {
    /// The same for a server that takes the place of another: it goes on with the other's used ids.
    pub(super) fn build_in_place_of(
        mut self,
        old: &AuthorizationServer,
    ) -> Result<AuthorizationServer, ConfigurationError> {
        self.one_time_ids
            .get_or_insert_with(|| old.one_time_ids.clone());
        self.pushed_requests
            .get_or_insert_with(|| old.pushed_requests.clone());
        let issuer = format!("{}.issuer", self.root);
        let server = self.build()?;
        if server.issuer != old.issuer {
            let why = "a server is replaced by one with the same issuer: another issuer is another server";
            return Err(ConfigurationError::new(
                issuer,
                Problem::Invalid(why.into()),
            ));
        }
        Ok(server)
    }
}

/// Says which kinds there are to choose from.
fn told(registry: ResponseModeRegistry) -> ResponseModeRegistry {
    for (kind, origin) in registry.kinds() {
        tracing::debug!(kind, %origin, "response mode kind registered");
    }
    registry
}

#[cfg(feature = "link-time")]
fn default_registry() -> Result<ResponseModeRegistry, ConfigurationError> {
    ResponseModeRegistry::linked()
}

#[cfg(not(feature = "link-time"))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "with link-time registration it can fail"
)]
fn default_registry() -> Result<ResponseModeRegistry, ConfigurationError> {
    Ok(ResponseModeRegistry::new())
}
