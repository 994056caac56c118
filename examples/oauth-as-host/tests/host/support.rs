//! A user's browser in front of the host.

use std::sync::Arc;

use axum::Router;
use host_testing::{Browser, Page};
use jarm::JwsAlgorithm;
use jarm::jose::{JwsSigner, KeyKind, SigningKey};
use oauth_as_host::CLIENTS;
use small_host::Setup;

use crate::answer::Answer;

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const CLIENT_ID: &str = "web-app";
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback?tenant=7";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A request that is granted when the user approves.
pub(crate) const GOOD: [(&str, &str); 7] = [
    ("response_type", "code"),
    ("client_id", CLIENT_ID),
    ("redirect_uri", REDIRECT_URI),
    ("scope", "read write"),
    ("state", "a+b c&d"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// The good request in a mode.
pub(crate) fn good<'a>(response_mode: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut pairs: Vec<(&'a str, &'a str)> = GOOD.to_vec();
    pairs.push(("response_mode", response_mode));
    pairs
}

/// The same with a parameter changed, added or, for an empty value, removed.
pub(crate) fn with<'a>(
    mut pairs: Vec<(&'a str, &'a str)>,
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    pairs.retain(|(own, _)| *own != name);
    if !value.is_empty() {
        pairs.push((name, value));
    }
    pairs
}

/// The host with its own clients.
pub(crate) async fn host(issuer: &str, signer: Arc<dyn JwsSigner>) -> Router {
    let setup = Setup {
        issuer: issuer.to_owned(),
        signers: vec![signer],
        clients: small_host::read(CLIENTS).unwrap(),
    };
    oauth_as_host::app(setup).await.unwrap()
}

pub(crate) fn key() -> Arc<dyn JwsSigner> {
    let key = SigningKey::generate(KeyKind::P256).unwrap();
    key.signer(&JwsAlgorithm::ES256).unwrap()
}

/// A browser in front of this host.
pub(crate) trait HostBrowser: Sized {
    async fn new() -> Self {
        Self::in_front_of(key()).await
    }

    async fn in_front_of(signer: Arc<dyn JwsSigner>) -> Self;

    /// Sends an authorization request and has the user decide.
    async fn decide(&mut self, pairs: &[(&str, &str)], decision: &str) -> Page;

    /// Sends an authorization request that is answered at once.
    async fn answer(&mut self, pairs: &[(&str, &str)]) -> Answer;

    /// Reads an answer as the client does, with the keys that the host publishes.
    async fn read(&mut self, page: &Page) -> Answer;
}

impl HostBrowser for Browser {
    async fn in_front_of(signer: Arc<dyn JwsSigner>) -> Self {
        Self::of(host(ISSUER, signer).await)
    }

    async fn decide(&mut self, pairs: &[(&str, &str)], decision: &str) -> Page {
        let consent = self.authorize(pairs).await;
        self.post("/consent", &consent.consent_form(decision)).await
    }

    async fn answer(&mut self, pairs: &[(&str, &str)]) -> Answer {
        let page = self.authorize(pairs).await;
        self.read(&page).await
    }

    async fn read(&mut self, page: &Page) -> Answer {
        let jwks = self.get("/jwks").await.json();
        Answer::read(page, &jwks)
    }
}
