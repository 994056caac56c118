//! The client: jarm's own, with the keys that the host publishes.

use std::sync::Arc;

use host_testing::{Browser, Page, Pairs, attribute};
use jarm::client::{ArrivedResponse, ResponseVerifier, Transaction, VerifiedResponse};
use jarm::jose::{JwaVerifier, JwkSet, SystemRandom};
use jarm::metadata::{Client as Registered, ClientMetadata};
use jarm::{Carrier, ClientId, Issuer, Protection, ResponseMode};

use crate::support::{CLIENT_ID, ISSUER, REDIRECT_URI};

pub(crate) struct Client {
    verifier: ResponseVerifier,
    transaction: Transaction,
}

impl Client {
    /// Begins a login in a mode, or in none.
    pub(crate) async fn asking_for(response_mode: Option<&str>, browser: &mut Browser) -> Self {
        let issuer: Issuer = ISSUER.parse().unwrap();
        let client_id = ClientId::try_new(CLIENT_ID).unwrap();
        let jwks: JwkSet = serde_json::from_value(browser.get("/jwks").await.json()).unwrap();
        let client = Registered::new(client_id).with_metadata(ClientMetadata::default());
        let verifier = ResponseVerifier::builder(issuer, client)
            .verifier(Arc::new(JwaVerifier))
            .issuer_keys(Arc::new(jwks))
            .build()
            .unwrap();
        let transaction = verifier.begin(&SystemRandom).unwrap();
        let transaction = transaction.with_state("a+b c&d=é \"<");
        let transaction = match response_mode {
            Some(mode) => transaction.response_mode(mode.parse::<ResponseMode>().unwrap()),
            None => transaction.without_response_mode(),
        };
        Self {
            verifier,
            transaction,
        }
    }

    /// The request that is granted when the user allows it.
    pub(crate) fn request(&self) -> Pairs {
        let own = [
            ("redirect_uri", REDIRECT_URI.to_owned()),
            ("scope", "read".to_owned()),
        ];
        let own = own
            .into_iter()
            .chain(self.transaction.authorization_request());
        own.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    pub(crate) fn code_verifier(&self) -> &str {
        self.transaction.code_verifier()
    }

    /// Verifies what arrived, in every step; `state` is among them.
    pub(crate) async fn verified(&self, page: &Page) -> VerifiedResponse {
        let (carrier, pairs) = arrived(page);
        let response = ArrivedResponse::from_pairs(carrier, pairs.clone());
        let response = self.verifier.verify(&self.transaction, &response).await;
        let response = response.unwrap_or_else(|refused| panic!("{refused}: {page:?}"));
        if response.protection() == Protection::Jwt {
            assert_eq!(pairs.len(), 1, "nothing is beside the JWT");
        }
        response
    }

    /// Verifies, and returns the code.
    pub(crate) async fn code(&self, page: &Page) -> String {
        let outcome = self.verified(page).await.into_outcome();
        outcome.unwrap().code.unwrap()
    }

    /// Verifies, and returns the error.
    pub(crate) async fn error(&self, page: &Page) -> String {
        let outcome = self.verified(page).await.into_outcome();
        outcome.unwrap_err().error().to_string()
    }
}

/// What was added to the redirect URI, which stays byte for byte.
pub(crate) fn arrived(page: &Page) -> (Carrier, Pairs) {
    let Some(location) = page.location() else {
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(attribute(&page.body, "action"), REDIRECT_URI);
        return (Carrier::Body, page.inputs());
    };
    assert_eq!(page.status, 303);
    let added = location.strip_prefix(REDIRECT_URI).unwrap();
    let (carrier, added) = match added.strip_prefix('#') {
        Some(fragment) => (Carrier::Fragment, fragment),
        None => (Carrier::Query, added.strip_prefix('&').unwrap()),
    };
    let pairs = form_urlencoded::parse(added.as_bytes());
    (carrier, pairs.into_owned().collect())
}
