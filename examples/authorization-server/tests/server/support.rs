//! A browser without a network: it keeps cookies and reads hidden inputs.

use std::sync::LazyLock;

use authorization_server::{Approval, Configuration, Keys, app};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::RequestParameters;
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) const URL: &str = "http://127.0.0.1:4000";
pub(crate) const CALLBACK: &str = "https://client.example/cb?keep=1";

/// One client that may do everything, by a password of 64 characters.
pub(crate) const CLIENTS: &str = r#"
[[client]]
client_id = "web"
client_name = "The <web> client"
client_secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
token_endpoint_auth_method = "client_secret_post"
redirect_uris = ["https://client.example/cb?keep=1"]
response_types = ["code", "id_token", "code id_token token", "none", "token"]

[[client]]
client_id = "other"
redirect_uris = ["https://other.example/cb"]
"#;

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::generate().unwrap());

pub(crate) fn keys() -> Keys {
    KEYS.clone()
}

pub(crate) fn server(approval: Approval) -> Router {
    server_with(approval, keys())
}

pub(crate) fn server_with(approval: Approval, keys: Keys) -> Router {
    let configuration = Configuration::parse(CLIENTS, None, URL).unwrap();
    app(configuration.with_approval(approval), keys).unwrap()
}

/// Asks the user before an error takes them to a client that registered itself.
pub(crate) fn server_that_asks() -> Router {
    server_of(&format!("ask_before_errors = true\n{CLIENTS}"))
}

/// Asks the user, with the clients of this file and the keys of every other server here.
pub(crate) fn server_of(file: &str) -> Router {
    app(Configuration::parse(file, None, URL).unwrap(), keys()).unwrap()
}

/// A browser at the consent page.
pub(crate) async fn at_consent(router: &Router, request: &str) -> (Browser, Page) {
    let mut browser = Browser::new(router);
    let login = browser.authorize(request).await;
    let consent = browser.log_in(&login).await;
    (browser, consent)
}

#[derive(Clone, Debug)]
pub(crate) struct Browser {
    router: Router,
    /// All cookies, as the header `Cookie` has them.
    pub(crate) cookie: Option<String>,
    /// Further headers of every request.
    pub(crate) headers: HeaderMap,
}

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(router: &Router) -> Self {
        Self {
            router: router.clone(),
            cookie: None,
            headers: HeaderMap::new(),
        }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Page {
        self.send(Request::get(url), Body::empty()).await
    }

    /// An authorization request of the client `web`.
    pub(crate) async fn authorize(&mut self, more: &str) -> Page {
        self.get(&format!(
            "/authorize?client_id=web&state=canary-state&{more}"
        ))
        .await
    }

    pub(crate) async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Page {
        let body = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)));
        let body = body.collect::<Vec<_>>().join("&");
        self.post_encoded(url, body).await
    }

    pub(crate) async fn post_encoded(&mut self, url: &str, body: String) -> Page {
        self.send(
            Request::post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded"),
            body.into(),
        )
        .await
    }

    pub(crate) async fn post_json(&mut self, url: &str, json: &str) -> Page {
        self.send(
            Request::post(url).header(CONTENT_TYPE, "application/json"),
            json.to_owned().into(),
        )
        .await
    }

    /// Submits a page's form with its hidden inputs and `more`.
    pub(crate) async fn submit(&mut self, page: &Page, url: &str, more: (&str, &str)) -> Page {
        let (client_id, pending) = (page.input("client_id"), page.input("pending"));
        self.post(
            url,
            &[("client_id", &client_id), ("pending", &pending), more],
        )
        .await
    }

    /// Goes from the login page to the consent page.
    pub(crate) async fn log_in(&mut self, login: &Page) -> Page {
        let consent = self.submit(login, "/login", ("username", "bob")).await;
        assert!(
            consent.body.contains("value=\"approve\""),
            "{}",
            consent.body
        );
        consent
    }

    pub(crate) async fn decide(&mut self, consent: &Page, decision: &str) -> Page {
        self.submit(consent, "/consent", ("decision", decision))
            .await
    }

    /// Pushes a request of the client `web`, of which these are more parameters.
    pub(crate) async fn push(&mut self, more: &str) -> Page {
        let secret = "0123456789abcdef".repeat(4);
        let body = format!("client_id=web&client_secret={secret}&state=canary-state&{more}");
        self.post_encoded("/par", body).await
    }

    pub(crate) async fn exchange(&mut self, code: &str) -> Page {
        let secret = "0123456789abcdef".repeat(4);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", "web"),
            ("client_secret", &secret),
        ];
        self.post("/token", &form).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Page {
        let mut request = request.body(body).unwrap();
        assert!(!request.headers().contains_key(AUTHORIZATION));
        request.headers_mut().extend(self.headers.clone());
        if let Some(cookie) = &self.cookie {
            request
                .headers_mut()
                .insert(COOKIE, cookie.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Page {
            status,
            headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

impl Browser {
    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        let (name, _) = pair.split_once('=').unwrap();
        let expected = if name.starts_with("__Host-") {
            "Path=/; HttpOnly; SameSite=Lax; Secure"
        } else {
            "Path=/; HttpOnly; SameSite=Lax"
        };
        assert_eq!(attributes, expected);
        let is_another = |own: &&str| own.split_once('=').is_none_or(|(own, _)| own != name);
        let kept = self.cookie.as_deref().unwrap_or_default();
        let kept = kept
            .split("; ")
            .filter(|own| !own.is_empty() && is_another(own));
        self.cookie = Some(kept.chain([pair]).collect::<Vec<_>>().join("; "));
    }
}

impl Page {
    pub(crate) fn header(&self, name: impl axum::http::header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// The value of a hidden input.
    pub(crate) fn input(&self, name: &str) -> String {
        let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
        let (_, rest) = self
            .body
            .split_once(&start)
            .unwrap_or_else(|| panic!("no {name} in {}", self.body));
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// A parameter of the redirect to the client, in its query or fragment.
    pub(crate) fn parameter(&self, name: &'static str) -> Option<String> {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        let added = self.header(LOCATION).strip_prefix(CALLBACK).unwrap();
        let parameters = RequestParameters::from_urlencoded(&added[1..]);
        parameters.single(name).unwrap().map(str::to_owned)
    }

    /// A text in the JSON.
    pub(crate) fn text(&self, name: &str) -> String {
        let json = self.json();
        let text = json.get(name).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no {name} in {json}"))
            .to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A local page with this status: nothing goes to a client.
    pub(crate) fn assert_local(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(!self.headers.contains_key(LOCATION));
        assert!(
            !self.body.contains("<form") && !self.body.contains("canary"),
            "{}",
            self.body
        );
    }
}

/// The claims of a JWT, unverified.
pub(crate) fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

pub(crate) fn encode(value: &str) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    value.bytes().map(escape).collect()
}
