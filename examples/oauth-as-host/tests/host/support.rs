//! A user's browser in front of the host.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use jarm::jose::JwsSigner;
use oauth_as_host::CLIENTS;
use serde_json::Value;
use small_host::Setup;
use tower::ServiceExt as _;

use crate::answer::Answer;
use crate::signer::key;

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

pub(crate) fn urlencoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
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

pub(crate) struct Browser {
    router: Router,
    cookie: Option<String>,
    /// Further headers of every request.
    pub(crate) headers: HeaderMap,
}

impl Browser {
    pub(crate) async fn new() -> Self {
        Self::in_front_of(key()).await
    }

    pub(crate) async fn in_front_of(signer: Arc<dyn JwsSigner>) -> Self {
        Self::of(host(ISSUER, signer).await)
    }

    pub(crate) fn of(router: Router) -> Self {
        Self {
            router,
            cookie: None,
            headers: HeaderMap::new(),
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

    pub(crate) async fn post(&mut self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(urlencoded(pairs))).unwrap())
            .await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Page {
        request.headers_mut().extend(self.headers.clone());
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

    /// Sends an authorization request.
    pub(crate) async fn authorize(&mut self, pairs: &[(&str, &str)]) -> Page {
        self.get(&format!("/authorize?{}", urlencoded(pairs))).await
    }

    /// Sends an authorization request that is answered at once.
    pub(crate) async fn answer(&mut self, pairs: &[(&str, &str)]) -> Answer {
        let page = self.authorize(pairs).await;
        self.read(&page).await
    }

    /// Sends an authorization request and has the user decide.
    pub(crate) async fn decide(&mut self, pairs: &[(&str, &str)], decision: &str) -> Page {
        let consent = self.authorize(pairs).await;
        assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
        let mut form = consent.inputs();
        form.push(("decision".to_owned(), decision.to_owned()));
        self.post("/consent", &borrowed(&form)).await
    }

    /// Reads an answer as the client does, with the keys that the host publishes.
    pub(crate) async fn read(&mut self, page: &Page) -> Answer {
        let jwks = self.get("/jwks").await.json();
        Answer::read(page, &jwks)
    }
}

pub(crate) fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// What the browser received.
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
        self.headers
            .get(LOCATION)
            .map(|value| value.to_str().unwrap())
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
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
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
