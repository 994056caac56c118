//! The demonstration server of `jarm`: an authorization server of the usual kind, as a host
//! author has one, whose authorize handler answers in every response mode.
//!
//! Read `authorize` first: the handler is ten lines around the library. `ticket` shows how a
//! pending response waits in the browser, `grants` when a code becomes valid, `clients` how the
//! library checks registrations, and [`app`] how it is all put together.
//!
//! It is an example. Users need no password, and everything but the keys ends with the process.

mod arguments;
mod authorize;
mod callback;
mod client_authentication;
mod clients;
mod configuration;
mod consent;
mod discovery;
mod error;
mod expiring;
mod grants;
mod id_token;
mod interstitial;
mod keys;
mod login;
mod pages;
mod playground;
mod registration;
mod request;
mod same_origin;
mod session;
mod state;
mod ticket;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use jarm::AuthorizationServer;
use jarm::clock::SystemClock;
use jarm::configuration::ConfigurationError;
use jarm::jose::{ClientSecret, HmacClientSecrets, SystemRandom};
use jarm::provider::ResponseModeRegistry;

pub use arguments::{ArgumentError, Arguments, USAGE};
pub use configuration::{Approval, Configuration, ConfiguredClient};
pub use error::{InvalidRegistration, StartError};
pub use keys::Keys;

use clients::{Clients, Registration, Trust};
use expiring::Expiring;
use id_token::IdTokens;
use state::App;

// Naming the crate links its registration.
#[cfg(feature = "link-time")]
use jarm_web_message as _;

/// How many sessions and codes there may be.
const CAPACITY: usize = 10_000;

/// Requests are small; the largest hold a long `state`.
const REQUEST_LIMIT: usize = 64 * 1024;

/// Tickets and answers hold what the request held, ten times as long at worst: a control character
/// is `\\u0001` in JSON within JSON, in base64url.
const BODY_LIMIT: usize = 1024 * 1024;

/// Registrations are kept, so they are smaller.
const REGISTRATION_LIMIT: usize = 16 * 1024;

/// Puts the server together.
///
/// # Errors
///
/// [`StartError`] when the configuration or a configured client is refused.
pub fn app(configuration: Configuration, keys: Keys) -> Result<Router, StartError> {
    let Configuration {
        jarm,
        clients,
        approval,
        ask_before_errors,
    } = configuration;
    let Keys {
        signers,
        sealer,
        encrypter,
        client_keys,
    } = keys;
    let id_tokens = IdTokens::new(&signers);
    let random = Arc::new(SystemRandom);
    let mut builder = AuthorizationServer::builder(jarm)
        .registry(registry()?)
        .signers(signers)
        .client_secret_mac(Arc::new(HmacClientSecrets))
        .encrypter(encrypter)
        .sealer(sealer.clone())
        .random(random.clone());
    if let Some(source) = client_keys {
        builder = builder.client_keys(source);
    }
    let server = builder.build()?;
    let app = Arc::new(App {
        server,
        clients: Clients::default(),
        sessions: Expiring::new(CAPACITY),
        codes: Expiring::new(CAPACITY),
        id_tokens,
        sealer,
        random,
        clock: Arc::new(SystemClock),
        approval,
        ask_before_errors,
    });
    for (index, client) in clients.into_iter().enumerate() {
        register(&app, client).map_err(|refused| StartError::Client { index, refused })?;
    }
    playground::register(&app).map_err(StartError::BuiltInClient)?;
    Ok(router(app))
}

/// The kinds of response modes that linked crates registered. A host that leaves the builder
/// without a registry has the same.
#[cfg(feature = "link-time")]
fn registry() -> Result<ResponseModeRegistry, ConfigurationError> {
    ResponseModeRegistry::linked()
}

/// The same kinds, named one by one: nothing runs before `main`.
#[cfg(not(feature = "link-time"))]
fn registry() -> Result<ResponseModeRegistry, ConfigurationError> {
    let mut registry = ResponseModeRegistry::new();
    registry.register_all(jarm::response_modes::registrations())?;
    registry.register(jarm_web_message::WEB_MESSAGE)?;
    Ok(registry)
}

fn register(app: &App, client: ConfiguredClient) -> Result<(), InvalidRegistration> {
    let ConfiguredClient {
        client_id,
        client_secret,
        client_name,
        redirect_uris,
        response_types,
        response_modes,
        require_jarm,
        token_endpoint_auth_method,
        authorization_signed_response_alg,
        authorization_encrypted_response_alg,
        authorization_encrypted_response_enc,
        jwks,
    } = client;
    let public = || client_secret.is_none().then(|| "none".to_owned());
    let mut registration = Registration {
        redirect_uris,
        name: client_name,
        trust: Trust::Configured,
        require_jarm,
        ..Registration::default()
    };
    let metadata = &mut registration.metadata;
    metadata.response_types = response_types;
    metadata.response_modes = response_modes;
    metadata.token_endpoint_auth_method = token_endpoint_auth_method.or_else(public);
    metadata.authorization_signed_response_alg = authorization_signed_response_alg;
    metadata.authorization_encrypted_response_alg = authorization_encrypted_response_alg;
    metadata.authorization_encrypted_response_enc = authorization_encrypted_response_enc;
    metadata.jwks = jwks;
    let secret = client_secret.map(ClientSecret::new);
    app.clients
        .register(&app.server, &client_id, secret, registration)
        .map(drop)
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(discovery::metadata),
        )
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::metadata),
        )
        .route("/jwks", get(discovery::jwks))
        .route(
            "/authorize",
            get(authorize::authorize)
                .post(authorize::authorize)
                .layer(DefaultBodyLimit::max(REQUEST_LIMIT)),
        )
        .merge(forms(&app))
        .route("/token", post(token::token))
        .route(
            "/register",
            post(registration::register).layer(DefaultBodyLimit::max(REGISTRATION_LIMIT)),
        )
        .route("/", get(playground::index))
        .route(
            "/callback",
            get(callback::callback).post(callback::callback),
        )
        .route(
            "/style.css",
            get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], pages::STYLE)),
        )
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(map_response(protect))
        .with_state(app)
}

/// Where the pages of this server post to.
fn forms(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/login", post(login::log_in))
        .route("/consent", post(consent::decide))
        .route("/continue", post(interstitial::go_on))
        .layer(from_fn_with_state(app.clone(), same_origin::required))
}

/// Nothing is cached or taken for another type. No CORS header is sent anywhere.
async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    response
}
