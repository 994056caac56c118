//! A small authorization server on the crate `oauth-as` that answers its authorization requests
//! through `jarm`: `query`, `query.jwt`, `form_post.jwt` and `jwt`, success and error alike.
//!
//! `oauth-as` decides: which client asks, where the answer may go, whether the request is granted,
//! and what its codes are worth. `jarm` answers. `jarm-oauth-as` joins them; what else it takes stands
//! in these places:
//!
//! | where | what |
//! | --- | --- |
//! | `jarm_server.rs` | the modes in force, the key, the clients as `jarm` knows them |
//! | `authorize.rs` | one handler: validated by `oauth-as`, negotiated and answered by `jarm` |
//! | `consent.rs` | the pending response across the consent page |
//! | `discovery.rs` | the members of the metadata that follow from the modes |
//!
//! The rest would be there without it: the token endpoint, the session, the pages. The user is
//! always `alice`, and everything is kept in memory.

mod authorize;
mod consent;
mod discovery;
mod errors;
mod jarm_server;
mod session;
mod token;

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use jarm::jose::JwsSigner;
use jarm_oauth_as::OauthAsHost;
use oauth_as::client::{ClientAuth, ClientId};
use oauth_as::grant::GrantType;
use oauth_as::scope::ScopeSet;
use oauth_as::server::ServerConfig;
use oauth_as::store::MemoryStorage;

use crate::jarm_server::Responses;

/// Why the server does not start.
pub type StartError = Box<dyn Error + Send + Sync>;

/// What every handler shares.
#[derive(Clone)]
struct App {
    oauth: Arc<oauth_as::server::AuthorizationServer<MemoryStorage>>,
    responses: Arc<Responses>,
}

/// The registered clients: identifier and redirect URI. Both are public and use PKCE.
pub const CLIENTS: [(&str, &str); 2] = [
    // The port may be another one: a native application listens where it can (RFC 8252 7.3).
    ("native-app", "http://127.0.0.1:4002/callback"),
    ("web-app", "https://app.example/callback?tenant=7"),
];

/// The scopes that the clients may ask for.
pub const SCOPES: &str = "read write";

/// The server as routes.
///
/// `issuer` is the URL under which it is reached, `signer` the ES256 key that signs responses.
///
/// # Errors
///
/// [`StartError`] when the issuer, the key or a registered client cannot be used.
pub async fn app(issuer: &str, signer: Arc<dyn JwsSigner>) -> Result<Router, StartError> {
    let app = App::new(issuer, signer).await?;
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
        .with_state(app))
}

impl App {
    fn host(&self) -> OauthAsHost<'_, MemoryStorage> {
        let Responses { server, policy, .. } = &*self.responses;
        OauthAsHost::new(&self.oauth, server, policy)
    }

    async fn new(issuer: &str, signer: Arc<dyn JwsSigner>) -> Result<Self, StartError> {
        // Metadata of oauth-as drop a trailing slash. `iss` is compared byte for byte, so neither
        // library may see one.
        let issuer = issuer.trim_end_matches('/');
        let clients = CLIENTS.map(|(client_id, redirect_uri)| client(client_id, redirect_uri));
        let clients = clients.into_iter().collect::<Result<Vec<_>, _>>()?;
        let responses = Responses::new(issuer, signer, &clients)?;

        let mut config = ServerConfig::new(issuer, format!("{issuer}/device"));
        config.jwks_uri = Some(format!("{issuer}/jwks"));
        config.scopes_supported = Some(SCOPES.split(' ').map(str::to_owned).collect());
        config.issue_refresh_tokens = false;
        let oauth = oauth_as::server::AuthorizationServer::new(config, MemoryStorage::new());
        for client in clients {
            oauth.register_client(client).await?;
        }

        Ok(Self {
            oauth: Arc::new(oauth),
            responses: Arc::new(responses),
        })
    }
}

fn client(client_id: &str, redirect_uri: &str) -> Result<oauth_as::client::Client, StartError> {
    Ok(oauth_as::client::Client {
        client_id: ClientId::new(client_id),
        auth: ClientAuth::Public,
        grant_types: vec![GrantType::AuthorizationCode],
        redirect_uris: vec![redirect_uri.to_owned()],
        allowed_scopes: ScopeSet::parse(SCOPES)?,
        default_scopes: ScopeSet::parse("read")?,
        name: None,
        registration: None,
    })
}
