//! A [FAPI 2.0 Message Signing] authorization server: `oauth-as` judges, `jarm` answers, `jarm-oauth-as`
//! joins them.
//!
//! | where | what |
//! | --- | --- |
//! | `configuration.rs`, `keys.rs` | the file: clients, keys |
//! | `security.rs` | what FAPI asks for: algorithms, lifetimes, what is required |
//! | `par.rs` | the only door for requests: pushed, signed, by an authenticated client |
//! | `authorize.rs`, `consent.rs` | the user's decision, and every redirect |
//! | `token.rs`, `resource.rs` | codes for tokens, tokens for a resource; both with DPoP |
//! | `discovery.rs` | what it says about itself |
//! | `tls.rs` | TLS, where there is no proxy that has it |
//!
//! The user is always `alice`, and everything is kept in memory.
//!
//! [FAPI 2.0 Message Signing]: https://openid.net/specs/fapi-message-signing-2_0-final.html

mod authorize;
mod configuration;
mod consent;
mod discovery;
mod keys;
mod local_page;
mod par;
mod resource;
mod security;
mod sender;
mod session;
mod tls;
mod token;

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use jarm::clock::Clock;
use jarm::jose::JwsSigner;
use jarm::metadata::Client;
use jarm::{AuthorizationServer, RedirectUriPolicy};
use jarm_oauth_as::OauthAsHost;
use oauth_as::jwt::{JwsAlg, JwsVerifiers};
use oauth_as::store::{MemoryStorage, Storage as _};

pub use configuration::Configuration;
pub use keys::keys;
pub use tls::TlsListener;

/// Why the server does not start.
pub type StartError = Box<dyn Error + Send + Sync>;

/// The sample of the configuration file: what runs when none is given.
pub const SAMPLE: &str = include_str!("../fapi2-host.toml");

/// Bodies are small; the largest hold a signed request object.
const BODY_LIMIT: usize = 64 * 1024;

/// Who approves requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// The user, on a page.
    ByUser,
    /// Nobody is asked, for tests and demonstrations.
    Automatic,
}

/// What the file does not say.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The issuer where the file names none: where the server listens.
    pub url: String,
    /// What signs responses: see [`keys`].
    pub signers: Vec<Arc<dyn JwsSigner>>,
    /// Who approves requests.
    pub approval: Approval,
    /// The clock of `jarm` and of the resource; `oauth-as` has the system's.
    pub clock: Arc<dyn Clock>,
}

/// The server.
#[derive(Clone)]
pub struct Host(Arc<App>);

/// What every handler shares.
pub(crate) struct App {
    oauth: Oauth,
    jarm: AuthorizationServer,
    policy: RedirectUriPolicy,
    /// What `oauth-as` has no room for in its own clients.
    clients: HashMap<String, Client>,
    /// What checks DPoP proofs at the resource.
    proofs: JwsVerifiers,
    approval: Approval,
    clock: Arc<dyn Clock>,
}

pub(crate) type Oauth = oauth_as::server::AuthorizationServer<MemoryStorage>;

impl Host {
    /// Joins the two libraries by a configuration.
    ///
    /// # Errors
    ///
    /// [`StartError`] when the issuer, a key or a client cannot be used.
    pub async fn new(
        configuration: Configuration,
        environment: Environment,
    ) -> Result<Self, StartError> {
        // Metadata of oauth-as drop a trailing slash. `iss` is compared byte for byte, so neither
        // library may see one.
        let issuer = configuration.issuer.as_ref().unwrap_or(&environment.url);
        let issuer = issuer.trim_end_matches('/').to_owned();
        let approval = environment.approval;
        let clock = environment.clock.clone();
        let jarm = security::jarm(&issuer, &configuration, environment)?;
        let oauth = security::oauth(&issuer);
        let policy = RedirectUriPolicy::default();
        let mut clients = HashMap::new();
        for own in configuration.clients {
            let client = own.register(&jarm, &oauth, &policy).await?;
            let client_id = client.client_id().as_str().to_owned();
            if let Some(twice) = clients.insert(client_id, client) {
                return Err(format!("two clients are called {}", twice.client_id()).into());
            }
        }
        Ok(Self(Arc::new(App {
            oauth,
            jarm,
            policy,
            clients,
            proofs: security::proofs(),
            approval,
            clock,
        })))
    }

    /// The server as routes.
    pub fn router(&self) -> Router {
        // The form brings back what was pushed, in another encoding.
        let sealed = DefaultBodyLimit::max(4 * BODY_LIMIT);
        Router::new()
            .route("/par", post(par::push))
            .route(
                "/authorize",
                get(authorize::authorize).post(authorize::authorize),
            )
            .route("/consent", post(consent::decide).layer(sealed))
            .route("/token", post(token::token))
            .route("/resource", get(resource::resource))
            .route("/jwks", get(discovery::jwks))
            .route(
                "/.well-known/oauth-authorization-server",
                get(discovery::metadata),
            )
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(self.0.clone())
    }

    /// Throws away what has expired. `oauth-as` leaves it to the host when.
    pub async fn sweep(&self) {
        if let Err(error) = self.0.oauth.store().sweep_expired(self.0.now()).await {
            tracing::error!(%error, "what has expired could not be thrown away");
        }
    }

    /// The store of `oauth-as`, for an operator's changes while the server runs.
    pub fn store(&self) -> &MemoryStorage {
        self.0.oauth.store()
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("jarm", &self.0.jarm)
            .finish_non_exhaustive()
    }
}

impl App {
    pub(crate) fn host(&self) -> OauthAsHost<'_, MemoryStorage> {
        OauthAsHost::new(&self.oauth, &self.jarm, &self.policy)
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.get(client_id)
    }

    /// The time as `oauth-as` has it.
    pub(crate) fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.clock.now().as_seconds())
    }

    /// What `oauth-as` verifies: client assertions and DPoP proofs.
    pub(crate) fn algorithms(&self) -> Vec<&'static str> {
        self.proofs.installed().map(JwsAlg::jose_name).collect()
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.jarm.issuer())
    }
}
