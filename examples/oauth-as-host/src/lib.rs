//! A small authorization server on the crate `oauth-as` that answers its authorization requests
//! through `jarm`: `query`, `query.jwt`, `form_post.jwt` and `jwt`, success and error alike, the JWTs encrypted
//! for clients that registered that.
//!
//! `oauth-as` decides: which client asks, where the answer may go, whether the request is granted,
//! and what its codes are worth. `jarm` answers. `jarm-oauth-as` joins them; what else it takes stands
//! in these places:
//!
//! | where | what |
//! | --- | --- |
//! | `jarm_server.rs` | the modes in force, the keys, the clients as `jarm` knows them |
//! | `authorize.rs` | one handler: validated by `oauth-as`, negotiated and answered by `jarm` |
//! | `consent.rs` | the pending response across the consent page |
//! | `discovery.rs` | the members of the metadata that follow from the modes |
//!
//! The rest would be there without it: the token endpoint, the session, the pages, and in `small-host` how it
//! starts. The user is always `alice`, and everything is kept in memory.

mod authorize;
mod consent;
mod discovery;
mod errors;
mod jarm_server;
mod session;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use jarm_oauth_as::OauthAsHost;
use oauth_as::client::{ClientAuth, ClientId};
use oauth_as::grant::GrantType;
use oauth_as::scope::ScopeSet;
use oauth_as::server::ServerConfig;
use oauth_as::store::MemoryStorage;
use small_host::{ClientEntry, Setup, StartError};

use crate::jarm_server::Responses;

/// What every handler shares.
#[derive(Clone)]
struct App {
    oauth: Arc<oauth_as::server::AuthorizationServer<MemoryStorage>>,
    responses: Arc<Responses>,
}

/// The clients of a host that is given no others.
pub const CLIENTS: &str = include_str!("../clients.toml");

/// The largest form brings back a whole authorization request.
const BODY_LIMIT: usize = 256 * 1024;

/// The scopes that the clients may ask for.
pub const SCOPES: &str = "read write";

/// The server as routes.
///
/// One of the signers signs ES256, for clients that registered nothing.
///
/// # Errors
///
/// [`StartError`] when the issuer, a key or a client cannot be used.
pub async fn app(setup: Setup) -> Result<Router, StartError> {
    let app = App::new(setup).await?;
    Ok(Router::new()
        .route(
            "/authorize",
            get(authorize::authorize).post(authorize::authorize),
        )
        .route("/consent", post(consent::decide))
        .route("/token", post(token::token))
        .route("/jwks", get(discovery::jwks))
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::metadata),
        )
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(app))
}

impl App {
    fn host(&self) -> OauthAsHost<'_, MemoryStorage> {
        let Responses { server, policy, .. } = &*self.responses;
        OauthAsHost::new(&self.oauth, server, policy)
    }

    async fn new(setup: Setup) -> Result<Self, StartError> {
        let Setup {
            issuer,
            signers,
            clients,
        } = setup;
        // Metadata of oauth-as drop a trailing slash. `iss` is compared byte for byte, so neither
        // library may see one.
        let issuer = issuer.trim_end_matches('/');
        let responses = Responses::new(issuer, signers, &clients)?;

        let mut config = ServerConfig::new(issuer, format!("{issuer}/device"));
        config.jwks_uri = Some(format!("{issuer}/jwks"));
        config.scopes_supported = Some(SCOPES.split(' ').map(str::to_owned).collect());
        config.issue_refresh_tokens = false;
        let oauth = oauth_as::server::AuthorizationServer::new(config, MemoryStorage::new());
        for own in clients {
            oauth.register_client(client(own)?).await?;
        }

        Ok(Self {
            oauth: Arc::new(oauth),
            responses: Arc::new(responses),
        })
    }
}

fn client(own: ClientEntry) -> Result<oauth_as::client::Client, StartError> {
    Ok(oauth_as::client::Client {
        client_id: ClientId::new(own.client_id.as_str()),
        auth: ClientAuth::Public,
        grant_types: vec![GrantType::AuthorizationCode],
        redirect_uris: own.redirect_uris,
        allowed_scopes: ScopeSet::parse(SCOPES)?,
        default_scopes: ScopeSet::parse("read")?,
        name: None,
        registration: None,
    })
}
