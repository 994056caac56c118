//! The host with a client, and a user's browser in front of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use fapi2_host::{Approval, Configuration, Environment, Host};
use host_testing::{Browser, Page, urlencoded};
use jarm::JwsAlgorithm;
use jarm::clock::{Clock, SystemClock, UnixTime};
use jarm::jose::{JwsSigner, KeyKind, SigningKey};
use serde_json::{Map, Value};

use crate::client::{Client, verified};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback?tenant=7";

pub(crate) struct Setup {
    pub(crate) host: Host,
    pub(crate) client: Client,
    pub(crate) other: Client,
    browser: Browser,
    ahead: Arc<Ahead>,
}

impl Setup {
    /// A host that asks the user.
    pub(crate) async fn new() -> Self {
        Self::of(Approval::ByUser).await
    }

    pub(crate) async fn of(approval: Approval) -> Self {
        Self::signing_with(key(KeyKind::P256, &JwsAlgorithm::ES256), approval).await
    }

    /// A host whose ES256 signer is this.
    pub(crate) async fn signing_with(signer: Arc<dyn JwsSigner>, approval: Approval) -> Self {
        let clients = [Client::new("client"), Client::new("other")];
        let mut file = toml::Table::new();
        let entries = clients.iter().map(|own| own.entry().into());
        file.insert("client".into(), toml::Value::Array(entries.collect()));
        let configuration = Configuration::parse(&file.to_string()).unwrap();
        let ahead = Arc::new(Ahead::default());
        let environment = Environment {
            url: ISSUER.to_owned(),
            signers: vec![
                key(KeyKind::Rsa2048, &JwsAlgorithm::PS256),
                signer,
                key(KeyKind::Ed25519, &JwsAlgorithm::ED25519),
            ],
            approval,
            clock: ahead.clone(),
        };
        let host = Host::new(configuration, environment).await.unwrap();
        let [client, other] = clients;
        Self {
            browser: Browser::of(host.router()),
            host,
            client,
            other,
            ahead,
        }
    }

    /// Time goes by.
    pub(crate) fn wait(&self, seconds: u64) {
        self.ahead.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.browser.get(path).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(String, String)]) -> Page {
        self.browser.post(path, form).await
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Page {
        self.browser.send(request).await
    }

    /// Posts with a DPoP proof of the client.
    pub(crate) async fn prove(&mut self, path: &str, form: &[(String, String)]) -> Page {
        let proof = self.client.proof("POST", path, None).await;
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("dpop", proof);
        let request = request.body(Body::from(urlencoded(form)));
        self.send(request.unwrap()).await
    }

    /// Calls the resource.
    pub(crate) async fn call(&mut self, token: &str, proof: &str) -> Page {
        let request = Request::get("/resource")
            .header(AUTHORIZATION, format!("DPoP {token}"))
            .header("dpop", proof);
        let request = request.body(Body::empty());
        self.send(request.unwrap()).await
    }

    /// Pushes a request object of the client.
    pub(crate) async fn push(&mut self, request: Map<String, Value>) -> Page {
        let form = self.client.pushed(request).await;
        self.post("/par", &form).await
    }

    /// Pushes it, and answers with the path to which the user goes.
    pub(crate) async fn pushed(&mut self, request: Map<String, Value>) -> String {
        let pushed = self.push(request).await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        self.path_of(&pushed)
    }

    pub(crate) fn path_of(&self, pushed: &Page) -> String {
        let pushed = pushed.json();
        let request_uri = pushed["request_uri"].as_str().unwrap();
        authorize(&[("client_id", self.client.id), ("request_uri", request_uri)])
    }

    /// The user's decision on a page.
    pub(crate) async fn decide(&mut self, consent: &Page, decision: &str) -> Page {
        let form = consent.consent_form(decision);
        self.post("/consent", &form).await
    }

    /// Reads an answer as the client does, with the keys that the host publishes.
    pub(crate) async fn read(&mut self, page: &Page) -> std::collections::BTreeMap<String, Value> {
        let jwks = self.get("/jwks").await.json();
        verified(page, &jwks, &self.client)
    }
}

/// A clock that can be put forward.
#[derive(Debug, Default)]
struct Ahead(AtomicU64);

impl Clock for Ahead {
    fn now(&self) -> UnixTime {
        SystemClock.now().after(self.0.load(Ordering::Relaxed))
    }
}

pub(crate) fn key(kind: KeyKind, algorithm: &JwsAlgorithm) -> Arc<dyn JwsSigner> {
    let key = SigningKey::generate(kind).unwrap();
    key.signer(algorithm).unwrap()
}

/// The path of the authorization endpoint with a query.
pub(crate) fn authorize(pairs: &[(&str, &str)]) -> String {
    format!("/authorize?{}", urlencoded(pairs))
}
