//! A user's browser in front of the host.

use std::sync::{Arc, LazyLock};

use host_testing::{Page, Pairs};
use jarm::JwsAlgorithm;
use jarm::jose::{JwsSigner, KeyKind, SigningKey};
use oxide_auth_host::CLIENTS;
use small_host::Setup;

pub(crate) use host_testing::{Browser, urlencoded};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const CLIENT_ID: &str = "web-app";
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback?tenant=%7e7";

/// The pairs with one changed, added or, without a value, removed.
pub(crate) fn with(mut pairs: Pairs, name: &str, value: Option<&str>) -> Pairs {
    pairs.retain(|(own, _)| own != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    pairs
}

static KEY: LazyLock<Arc<dyn JwsSigner>> = LazyLock::new(|| {
    let key = SigningKey::generate(KeyKind::Rsa2048).unwrap();
    key.signer(&JwsAlgorithm::RS256).unwrap()
});

pub(crate) fn key() -> Arc<dyn JwsSigner> {
    KEY.clone()
}

/// A browser in front of this host.
pub(crate) trait HostBrowser: Sized {
    fn new() -> Self {
        Self::in_front_of(key())
    }

    fn in_front_of(signer: Arc<dyn JwsSigner>) -> Self;

    /// Sends an authorization request, and has the user decide.
    async fn decide(&mut self, pairs: &Pairs, decision: &str) -> Page;

    /// Redeems a code.
    async fn redeem(&mut self, code: &str, code_verifier: &str) -> Page;
}

impl HostBrowser for Browser {
    fn in_front_of(signer: Arc<dyn JwsSigner>) -> Self {
        let setup = Setup {
            issuer: ISSUER.to_owned(),
            signers: vec![signer],
            clients: small_host::read(CLIENTS).unwrap(),
        };
        Self::of(oxide_auth_host::app(setup).unwrap())
    }

    async fn decide(&mut self, pairs: &Pairs, decision: &str) -> Page {
        let consent = self.authorize(pairs).await;
        let form = consent.consent_form(decision);
        self.post("/authorize", &form).await
    }

    async fn redeem(&mut self, code: &str, code_verifier: &str) -> Page {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("code", code),
            ("code_verifier", code_verifier),
        ];
        self.post("/token", &form).await
    }
}

/// The code is unknown. oxide-auth calls that `invalid_request`.
pub(crate) fn redeems_nothing(page: &Page) {
    assert_eq!(page.status, 400, "{}", page.body);
    assert_eq!(page.json()["error"], "invalid_request");
}
