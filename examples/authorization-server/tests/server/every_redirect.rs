//! Every place where the server sends a browser on, and that no answer to a client is plain in a JWT
//! mode.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use authorization_server::{Approval, Configuration, Keys, app};
use axum::Router;
use axum::http::header::LOCATION;
use jarm::jose::{Jwk, JwsSigner, SigningError};
use jarm::{BoxFuture, JwsAlgorithm, RequestParameters};
use serde_json::Value;

use crate::support::{Browser, CALLBACK, CLIENTS, Page, URL, claims, encode, keys};

/// File, how it sends the browser on, and in how many places: these are all there are.
const PLACES: [(&str, &str, usize); 6] = [
    // An answer to a client: refused by the library; decided by the server or the user.
    ("authorize.rs", "Answer(", 2),
    // The built-in client to the authorization endpoint.
    ("begin.rs", "Redirect::", 1),
    // Forms. An answer follows those of the consent page and of the page before an error.
    ("consent.rs", "form method", 1),
    ("inspect.rs", "form method", 2),
    ("interstitial.rs", "form method", 1),
    ("login.rs", "form method", 1),
];

/// What else could send it on.
const OTHERS: [&str; 9] = [
    "LOCATION",
    "\"location\"",
    ".location(",
    "EncodedResponse",
    "SEE_OTHER",
    "FOUND,",
    "http-equiv",
    "script {",
    "action=(",
];

const JWT_MODES: [&str; 5] = [
    "query.jwt",
    "fragment.jwt",
    "form_post.jwt",
    "web_message.jwt",
    "jwt",
];

/// All modes in force, and a client whose responses are signed with another algorithm than ID Tokens.
fn file(settings: &str) -> String {
    let modes = ["query", "fragment", "form_post", "web_message"].into_iter();
    let modes = modes.chain(JWT_MODES);
    let modes = modes.map(|name| format!("[[jarm.response_mode]]\nname = \"{name}\"\n"));
    let modes: String = modes.collect();
    let web = "client_id = \"web\"";
    let es256 = format!("{web}\nauthorization_signed_response_alg = \"ES256\"");
    format!("{settings}\n{modes}{}", CLIENTS.replacen(web, &es256, 1))
}

fn server(settings: &str, approval: Approval) -> Router {
    server_with(settings, approval, keys())
}

fn server_with(settings: &str, approval: Approval, keys: Keys) -> Router {
    let configuration = Configuration::parse(&file(settings), None, URL).unwrap();
    app(configuration.with_approval(approval), keys).unwrap()
}

#[test]
fn every_place_where_the_server_sends_a_browser_on_is_listed() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let text = text.replace("Refusal::Answer(", ""); // is matched, not sent
        for other in OTHERS {
            assert!(!text.contains(other), "{name}: {other}");
        }
        for way in ["Answer(", "Redirect::", "form method"] {
            let places = text.matches(way).count();
            if places > 0 {
                found.insert((name.clone(), way), places);
            }
        }
    }
    let listed = PLACES.map(|(name, way, places)| ((name.to_owned(), way), places));
    assert_eq!(found, listed.into());
}

#[tokio::test]
async fn no_answer_is_plain_in_a_jwt_mode() {
    for mode in JWT_MODES {
        let request = format!("response_type=code&response_mode={mode}");
        let mut answers = at_once(&request).await;
        answers.extend(after_pages(&request).await);
        answers.extend(pushed(&request).await);
        for (page, error) in answers {
            let claims = alone(&page, mode);
            assert_eq!(claims["iss"], URL, "{mode}, {error}");
            assert_eq!(claims["aud"], "web");
            assert_eq!(claims["state"], "canary-state");
            is_outcome(&claims, error);
        }
    }
}

#[tokio::test]
async fn no_error_that_the_user_agreed_to_is_plain_in_a_jwt_mode() {
    let mut browser = Browser::new(&server("ask_before_errors = true", Approval::ByUser));
    let metadata =
        format!(r#"{{"redirect_uris":["{CALLBACK}"],"token_endpoint_auth_method":"none"}}"#);
    let client = browser.post_json("/register", &metadata).await;
    let id = client.text("client_id");
    for mode in JWT_MODES {
        for (faulty, error) in [
            ("scope=none", "invalid_scope"),
            ("scope=email&scope=email", "invalid_request"),
        ] {
            let request = format!("response_type=code&response_mode={mode}&{faulty}");
            let request = format!("/authorize?client_id={id}&{request}");
            let sealed = browser.get(&request).await.input("request");
            let page = browser.post("/continue", &[("request", &sealed)]).await;
            let claims = alone(&page, mode);
            assert_eq!(claims["aud"], id);
            is_outcome(&claims, error);
        }
    }
}

/// A token is not asked for in the query.
#[tokio::test]
async fn no_error_of_what_cannot_be_issued_is_plain_in_a_jwt_mode() {
    let mut keys = keys();
    for signer in &mut keys.signers {
        if *signer.algorithm() == JwsAlgorithm::RS256 {
            *signer = Arc::new(Away(signer.clone()));
        }
    }
    let mut browser = Browser::new(&server_with("", Approval::Automatic, keys));
    for mode in ["fragment.jwt", "form_post.jwt", "web_message.jwt"] {
        let request = "response_type=id_token&scope=openid&nonce=n&response_mode=";
        let page = browser.authorize(&format!("{request}{mode}")).await;
        is_outcome(&alone(&page, mode), "server_error");
    }
}

#[tokio::test]
async fn the_built_in_client_sends_the_browser_to_the_authorization_endpoint_alone() {
    let mut browser = Browser::new(&server("", Approval::Automatic));
    for mode in JWT_MODES {
        let begun = browser
            .get(&format!("/begin?response_type=code&response_mode={mode}"))
            .await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        let (endpoint, request) = begun.header(LOCATION).split_once('?').unwrap();
        assert_eq!(endpoint, format!("{URL}/authorize"));
        let request = RequestParameters::from_urlencoded(request);
        assert_eq!(request.single("response_mode"), Ok(Some(mode)));
        for name in ["code", "response", "error"] {
            assert_eq!(request.single(name), Ok(None));
        }
    }
}

/// Answers of `/authorize` without a page, and what error each tells, if any.
async fn at_once(request: &str) -> Vec<(Page, &'static str)> {
    let mut answers = Vec::new();
    let mut browser = Browser::new(&server("", Approval::ByUser));
    for (more, error) in [
        ("scope=email&scope=email", "invalid_request"),
        ("scope=none", "invalid_scope"),
        ("registration=x", "registration_not_supported"),
        ("prompt=none", "login_required"),
    ] {
        let page = browser.authorize(&format!("{request}&{more}")).await;
        answers.push((page, error));
    }
    let mut browser = Browser::new(&server("", Approval::Automatic));
    for (more, error) in [("scope=openid", ""), ("login_hint=deny", "access_denied")] {
        let page = browser.authorize(&format!("{request}&{more}")).await;
        answers.push((page, error));
    }
    let settings = "require_pushed_requests = true";
    let mut browser = Browser::new(&server(settings, Approval::Automatic));
    answers.push((browser.authorize(request).await, "invalid_request"));
    answers
}

/// Answers to the consent page, and without it when it has been approved or not.
async fn after_pages(request: &str) -> Vec<(Page, &'static str)> {
    let mut browser = Browser::new(&server("", Approval::ByUser));
    let silent = format!("{request}&prompt=none");
    let login = browser.authorize(request).await;
    let consent = browser.log_in(&login).await;
    let denied = browser.decide(&consent, "deny").await;
    let not_approved = browser.authorize(&silent).await;
    let consent = browser.authorize(request).await;
    let approved = browser.decide(&consent, "approve").await;
    let again = browser.authorize(&silent).await;
    vec![
        (denied, "access_denied"),
        (not_approved, "consent_required"),
        (approved, ""),
        (again, ""),
    ]
}

/// The same by a handle, beside which another mode is asked for.
async fn pushed(request: &str) -> Vec<(Page, &'static str)> {
    let mut browser = Browser::new(&server("", Approval::Automatic));
    let mut answers = Vec::new();
    for (more, error) in [("", ""), ("&login_hint=deny", "access_denied")] {
        let pushed = browser.push(&format!("{request}{more}")).await;
        let handle = encode(&pushed.text("request_uri"));
        let url = format!("/authorize?client_id=web&request_uri={handle}&response_mode=query");
        answers.push((browser.get(&url).await, error));
    }
    answers
}

fn is_outcome(claims: &Value, error: &str) {
    let told = claims.get("error").and_then(Value::as_str);
    assert_eq!(told.unwrap_or_default(), error, "{claims}");
    assert_eq!(claims.get("code").is_some(), error.is_empty(), "{claims}");
}

/// The claims of the one parameter that there is.
fn alone(page: &Page, mode: &str) -> Value {
    let added = |start: &str| {
        assert_eq!(page.status, 303, "{}", page.body);
        let added = page.header(LOCATION).strip_prefix(CALLBACK).unwrap();
        let added = added.strip_prefix(start).unwrap();
        let parameters = RequestParameters::from_urlencoded(added);
        let pairs = parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        pairs.collect::<Vec<_>>()
    };
    let pairs = match mode {
        "fragment.jwt" => added("#"),
        "form_post.jwt" => {
            assert!(page.body.contains(&format!("action=\"{CALLBACK}\"")));
            assert_eq!(page.body.matches("<input").count(), 1, "{}", page.body);
            vec![("response".to_owned(), page.input("response"))]
        }
        "web_message.jwt" => {
            let (_, message) = page.body.split_once("data-response=\"").unwrap();
            let (message, _) = message.split_once('"').unwrap();
            let message: BTreeMap<String, String> =
                serde_json::from_str(&message.replace("&quot;", "\"")).unwrap();
            message.into_iter().collect()
        }
        _ => added("&"),
    };
    let [(name, jwt)] = pairs.as_slice() else {
        panic!("{mode}: {pairs:?}")
    };
    assert_eq!(name, "response");
    claims(jwt)
}

/// The key of ID Tokens, which is not that of responses.
#[derive(Debug)]
struct Away(Arc<dyn JwsSigner>);

impl JwsSigner for Away {
    fn algorithm(&self) -> &JwsAlgorithm {
        self.0.algorithm()
    }

    fn key_id(&self) -> &str {
        self.0.key_id()
    }

    fn public_key(&self) -> Jwk {
        self.0.public_key()
    }

    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        Box::pin(std::future::ready(Err(SigningError::opaque())))
    }
}
