//! A small authorization server on oxide-auth and its axum front end, with PKCE, that answers its
//! authorization requests through `jarm`: in every standard response mode, success and error alike, the JWTs
//! encrypted for clients that registered that.
//!
//! `host.rs` is what `docs/oxide-auth.md` makes of `tests/host/plain.rs`, the same server without
//! it. The user is always `alice`, and everything is kept in memory.

mod discovery;
#[expect(
    clippy::needless_pass_by_value,
    reason = "a solicitor receives what oxide-auth solicits by value"
)]
mod host;

use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use jarm::AuthorizationServer;
use jarm::jose::{Aes256GcmSealer, JwaEncrypter, SystemRandom};
use jarm_oxide_auth::JarmFlow;
use oxide_auth::primitives::prelude::{Client, ClientMap};
use oxide_auth::primitives::registrar::{ExactUrl, RegisteredUrl};
use small_host::{ClientEntry, Setup, StartError};

pub use host::router;

/// The clients of a host that is given no others.
pub const CLIENTS: &str = include_str!("../clients.toml");

/// The scope that the clients may ask for.
pub const SCOPE: &str = "read";

/// The server as routes.
///
/// One of the signers signs RS256, for clients that registered nothing.
///
/// # Errors
///
/// [`StartError`] when the issuer, a key or a client cannot be used.
pub fn app(setup: Setup) -> Result<Router, StartError> {
    let Setup {
        issuer,
        signers,
        clients,
    } = setup;
    let mut configuration = jarm::Configuration::new(issuer.parse()?);
    configuration.response_types = Some(vec![jarm::ResponseType::CODE]); // oxide-auth has no other
    let registrar = registrar(&clients)?;

    let server = AuthorizationServer::builder(configuration)
        .signers(signers)
        .encrypter(Arc::new(JwaEncrypter))
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::generate()?))
        .build()?;
    let clients = small_host::register(&clients, &server)?;
    let metadata = discovery::metadata(&server);
    let flow = JarmFlow::new(server, move |id| clients.get(id.as_str()).cloned());

    let metadata_url = "/.well-known/oauth-authorization-server";
    Ok(router(registrar, flow).route(metadata_url, get(Json(metadata))))
}

/// The clients as oxide-auth knows them. Their redirect URIs are compared, and answered, as they are written.
fn registrar(clients: &[ClientEntry]) -> Result<ClientMap, StartError> {
    clients.iter().map(client).collect()
}

fn client(own: &ClientEntry) -> Result<Client, StartError> {
    let redirect_uris = own.redirect_uris.iter();
    let mut redirect_uris = redirect_uris
        .map(|redirect_uri| ExactUrl::new(redirect_uri.clone()).map(RegisteredUrl::from))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter();
    let first = redirect_uris.next().ok_or("redirect_uris is empty")?;
    let client = Client::public(own.client_id.as_str(), first, SCOPE.parse()?);
    Ok(client.with_additional_redirect_uris(redirect_uris.collect()))
}
