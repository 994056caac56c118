//! A user's browser in front of the host.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request};
use jarm::jose::JwsSigner;
use oxide_auth_host::CLIENTS;
use serde_json::Value;
use small_host::Setup;
use tower::ServiceExt as _;

use crate::signer::key;

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const CLIENT_ID: &str = "web-app";
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback?tenant=%7e7";

pub(crate) type Pairs = Vec<(String, String)>;

/// The pairs with one changed, added or, without a value, removed.
pub(crate) fn with(mut pairs: Pairs, name: &str, value: Option<&str>) -> Pairs {
    pairs.retain(|(own, _)| own != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    pairs
}

pub(crate) fn urlencoded(pairs: &Pairs) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

pub(crate) struct Browser {
    router: Router,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self::in_front_of(key())
    }

    pub(crate) fn in_front_of(signer: Arc<dyn JwsSigner>) -> Self {
        let setup = Setup {
            issuer: ISSUER.to_owned(),
            signers: vec![signer],
            clients: small_host::read(CLIENTS).unwrap(),
        };
        Self::of(oxide_auth_host::app(setup).unwrap())
    }

    pub(crate) fn of(router: Router) -> Self {
        Self {
            router,
            cookie: None,
        }
    }

    /// The same host, another browser.
    pub(crate) fn another(&self) -> Self {
        Self::of(self.router.clone())
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&mut self, path: &str, pairs: &Pairs) -> Page {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(urlencoded(pairs))).unwrap())
            .await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Page {
        if let Some(cookie) = &self.cookie {
            let cookie = cookie.parse().unwrap();
            request.headers_mut().insert(COOKIE, cookie);
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Page {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Sends an authorization request.
    pub(crate) async fn authorize(&mut self, pairs: &Pairs) -> Page {
        self.get(&format!("/authorize?{}", urlencoded(pairs))).await
    }

    /// Sends an authorization request, and has the user decide.
    pub(crate) async fn decide(&mut self, pairs: &Pairs, decision: &str) -> Page {
        let consent = self.authorize(pairs).await;
        let form = consent.consent_form(decision);
        self.post("/authorize", &form).await
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&mut self, code: &str, code_verifier: &str) -> Page {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("code", code),
            ("code_verifier", code_verifier),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.post("/token", &form.to_vec()).await
    }
}

/// What the browser received.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn location(&self) -> Option<&str> {
        let location = self.headers.get(LOCATION);
        location.map(|value| value.to_str().unwrap())
    }

    /// The form of a consent page, as a decision sends it.
    pub(crate) fn consent_form(&self, decision: &str) -> Pairs {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.location(), None);
        let form = self.inputs();
        assert_eq!(form.len(), 1);
        with(form, "decision", Some(decision))
    }

    /// Names and values of the hidden inputs.
    pub(crate) fn inputs(&self) -> Pairs {
        let inputs = self.body.split("<input ").skip(1);
        inputs
            .map(|input| (attribute(input, "name"), attribute(input, "value")))
            .collect()
    }

    /// The code is unknown. oxide-auth calls that `invalid_request`.
    pub(crate) fn redeems_nothing(&self) {
        assert_eq!(self.status, 400, "{}", self.body);
        assert_eq!(self.json()["error"], "invalid_request");
    }

    /// Nothing goes to the client.
    pub(crate) fn stays_local(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.location(), None);
        assert!(!self.body.contains("<form"), "{}", self.body);
    }
}

pub(crate) fn attribute(element: &str, name: &str) -> String {
    let (_, value) = element.split_once(&format!("{name}=\"")).unwrap();
    let (value, _) = value.split_once('"').unwrap();
    value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
