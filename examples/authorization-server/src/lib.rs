//! The demonstration server of `jarm`: an authorization server of the usual kind, as a host
//! author has one, whose authorize handler answers in every response mode.
//!
//! Read `authorize` first: the handler is ten lines around the library. `ticket` shows how a
//! pending response waits in the browser, `grants` when a code becomes valid, `clients` how the
//! library checks registrations, and `server` how it is all put together and replaced while it runs.
//!
//! The client's side is in `begin`, `callback` and `inspection`.
//!
//! It is an example. Users need no password, and everything but the keys ends with the process.

mod arguments;
mod arrived;
mod authorize;
mod begin;
mod callback;
mod client_authentication;
mod clients;
mod configuration;
mod consent;
mod cookie;
mod discovery;
mod error;
mod expiring;
mod fetching;
mod grants;
mod id_token;
mod inspect;
mod inspection;
mod interstitial;
mod keys;
mod login;
mod pages;
mod par;
mod playground;
mod registration;
mod request;
mod same_origin;
mod server;
mod session;
mod state;
mod ticket;
mod token;
mod verifier;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};

pub use arguments::{ArgumentError, Arguments, USAGE};
pub use configuration::{Approval, Configuration, ConfiguredClient};
pub use error::{InvalidRegistration, StartError};
pub use fetching::FetchSettings;
pub use keys::Keys;
pub use server::Server;

use state::Host;

/// Requests are small; the largest hold a long `state`.
const REQUEST_LIMIT: usize = 64 * 1024;

/// Tickets and answers hold what the request held, ten times as long at worst: a control character
/// is `\\u0001` in JSON within JSON, in base64url.
const BODY_LIMIT: usize = 1024 * 1024;

/// Registrations are kept, so they are smaller.
const REGISTRATION_LIMIT: usize = 16 * 1024;

/// The router of a server that is never told another configuration.
///
/// # Errors
///
/// [`StartError`] as of [`Server::new`].
pub fn app(configuration: Configuration, keys: Keys) -> Result<Router, StartError> {
    Ok(Server::new(configuration, keys)?.router())
}

fn router(host: Arc<Host>) -> Router {
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
        .merge(forms(&host))
        .route(
            "/par",
            post(par::push).layer(DefaultBodyLimit::max(REQUEST_LIMIT)),
        )
        .route("/token", post(token::token))
        .route(
            "/register",
            post(registration::register).layer(DefaultBodyLimit::max(REGISTRATION_LIMIT)),
        )
        .route("/", get(playground::index))
        .route("/begin", get(begin::begin))
        .route(
            "/callback",
            get(callback::callback).post(callback::callback),
        )
        .route("/inspect", get(inspect::form).post(inspect::inspect))
        .route(
            "/style.css",
            get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], pages::STYLE)),
        )
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(map_response(protect))
        .with_state(host)
}

/// Where the pages of this server post to.
fn forms(host: &Arc<Host>) -> Router<Arc<Host>> {
    Router::new()
        .route("/login", post(login::log_in))
        .route("/consent", post(consent::decide))
        .route("/continue", post(interstitial::go_on))
        .layer(from_fn_with_state(host.clone(), same_origin::required))
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
