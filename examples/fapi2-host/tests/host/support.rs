//! The host with a client, and a user's browser in front of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use fapi2_host::{Approval, Configuration, Environment, Host};
use jarm::JwsAlgorithm;
use jarm::clock::{Clock, SystemClock, UnixTime};
use jarm::jose::{JwsSigner, KeyKind, SigningKey};
use serde_json::{Map, Value};
use tower::ServiceExt as _;

use crate::client::{Client, verified};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback?tenant=7";

pub(crate) struct Setup {
    pub(crate) host: Host,
    pub(crate) client: Client,
    pub(crate) other: Client,
    router: Router,
    ahead: Arc<Ahead>,
    cookie: Option<String>,
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
            router: host.router(),
            host,
            client,
            other,
            ahead,
            cookie: None,
        }
    }

    /// Time goes by.
    pub(crate) fn wait(&self, seconds: u64) {
        self.ahead.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(String, String)]) -> Page {
        self.send(posted(path, form)).await
    }

    /// Posts with a DPoP proof of the client.
    pub(crate) async fn prove(&mut self, path: &str, form: &[(String, String)]) -> Page {
        let proof = self.client.proof("POST", path, None).await;
        let mut request = posted(path, form);
        request.headers_mut().insert("dpop", proof.parse().unwrap());
        self.send(request).await
    }

    /// Calls the resource.
    pub(crate) async fn call(&mut self, token: &str, proof: &str) -> Page {
        let request = Request::get("/resource")
            .header(AUTHORIZATION, format!("DPoP {token}"))
            .header("dpop", proof);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Page {
        if let Some(cookie) = &self.cookie {
            request
                .headers_mut()
                .insert(COOKIE, cookie.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Pushes a request object of the client.
    pub(crate) async fn push(&mut self, request: Map<String, Value>) -> Page {
        let form = self.client.pushed(request).await;
        self.post("/par", &form).await
    }

    /// Pushes it, and answers with the path to which the user goes.
    pub(crate) async fn pushed(&mut self, request: Map<String, Value>) -> String {
        let pushed = self.push(request).await;
        assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
        self.path_of(&pushed)
    }

    pub(crate) fn path_of(&self, pushed: &Page) -> String {
        let pushed = pushed.json();
        let request_uri = pushed["request_uri"].as_str().unwrap();
        authorize(&[("client_id", self.client.id), ("request_uri", request_uri)])
    }

    /// The user's decision on a page.
    pub(crate) async fn decide(&mut self, consent: &Page, decision: &str) -> Page {
        assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
        let mut form = consent.inputs();
        form.push(("decision".to_owned(), decision.to_owned()));
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
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("/authorize?{}", query.extend_pairs(pairs).finish())
}

fn posted(path: &str, form: &[(String, String)]) -> Request<Body> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    let body = body.extend_pairs(form).finish();
    Request::post(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

/// What the host sent.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn location(&self) -> Option<&str> {
        let location = self.headers.get(LOCATION)?;
        Some(location.to_str().unwrap())
    }

    /// Names and values of the hidden inputs.
    pub(crate) fn inputs(&self) -> Vec<(String, String)> {
        let inputs = self.body.split("<input ").skip(1);
        inputs
            .map(|input| (attribute(input, "name"), attribute(input, "value")))
            .collect()
    }

    /// Nothing goes to the client.
    pub(crate) fn stays_local(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.location(), None);
        assert!(!self.body.contains("<form"), "{}", self.body);
    }

    /// The client is told as JSON.
    pub(crate) fn is_json_error(&self, status: u16, error: &str) {
        assert_eq!(self.status, status, "{error}: {}", self.body);
        assert_eq!(self.headers[CONTENT_TYPE], "application/json");
        assert_eq!(self.headers["cache-control"], "no-store");
        assert_eq!(self.location(), None);
        assert_eq!(self.json()["error"], error, "{}", self.body);
    }
}

fn attribute(element: &str, name: &str) -> String {
    let (_, value) = element.split_once(&format!("{name}=\"")).unwrap();
    let (value, _) = value.split_once('"').unwrap();
    value.replace("&quot;", "\"").replace("&amp;", "&")
}
