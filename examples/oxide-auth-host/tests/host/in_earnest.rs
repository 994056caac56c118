//! What `docs/oxide-auth.md` says of servers in earnest: keys and clients from outside, a login, pages of their own.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use host_testing::Pairs;
use jarm::authorization_server::Registration;
use jarm::client::{ArrivedResponse, ResponseVerifier, Transaction};
use jarm::jose::{Aes256GcmSealer, JwaEncrypter, SigningKey, SystemRandom};
use jarm::jose::{DecryptionKey, DecryptionKeyKind, JwaDecrypter, JwaVerifier, KeyKind};
use jarm::metadata::{ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, ClientId, Configuration};
use jarm_oxide_auth::{Answer, JarmFlow, JarmRequest, LocalError, Ticket};
use oxide_auth::endpoint::{OwnerConsent, Solicitation, WebRequest};
use oxide_auth::frontends::simple::endpoint::{Generic, Vacant};
use oxide_auth::primitives::prelude::{
    AuthMap, Client as Known, ClientMap, RandomGenerator, TokenMap,
};
use oxide_auth::primitives::registrar::ExactUrl;
use oxide_auth_axum::{OAuthRequest, OAuthResponse};

use crate::client::arrived;
use crate::support::{Browser, CLIENT_ID, ISSUER, REDIRECT_URI};

fn flow(
    configuration: Configuration,
    key: &[u8],
    store: Vec<(ClientId, ClientMetadata)>,
) -> Result<JarmFlow, Box<dyn Error>> {
    let server = AuthorizationServer::builder(configuration)
        .signers(SigningKey::from_pem(key)?.signers())
        .encrypter(Arc::new(JwaEncrypter))
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::generate()?))
        .build()?;
    let mut clients = HashMap::new();
    for (id, registered) in store {
        let registration = Registration::configured(registered, SecretAvailability::NoSecret);
        let metadata = server.register(registration)?;
        let client = jarm::metadata::Client::new(id.clone()).with_metadata(metadata);
        clients.insert(id, client);
    }
    Ok(JarmFlow::new(server, move |id| clients.get(id).cloned()))
}

async fn authorize(
    State(app): State<App>,
    headers: HeaderMap, // before the request, which takes the body
    req: JarmRequest<OAuthRequest>,
) -> Response {
    let Some(login) = login_of(&headers) else {
        return log_in();
    };
    let req = req.with_session(login.session_id);
    match app.flow.authorize(req, || app.endpoint(Vacant), ask).await {
        Ok(answer) => send(answer),
        Err(error) => sorry(&error),
    }
}

async fn consent(
    State(app): State<App>,
    headers: HeaderMap,
    req: JarmRequest<OAuthRequest>,
) -> Response {
    let Some(login) = login_of(&headers) else {
        return log_in();
    };
    let decide =
        |form: &mut OAuthRequest, _: Solicitation<'_>, _: &Ticket| decide(form, login.user);
    let req = req.with_session(login.session_id);
    match app.flow.resume(req, || app.endpoint(Vacant), decide).await {
        Ok(answer) => send(answer),
        Err(error) => sorry(&error),
    }
}

fn send(answer: Answer<OAuthResponse>) -> Response {
    let Some(ticket) = answer.ticket() else {
        return answer.into_response(); // the answer to the client brings its own
    };
    let client = ticket.csp_source();
    let policy = format!("default-src 'none'; frame-ancestors 'none'; form-action 'self' {client}");
    ([(CONTENT_SECURITY_POLICY, policy)], answer).into_response()
}

fn sorry<E>(error: &LocalError<E>) -> Response {
    tracing::info!(%error, "the user is told");
    let status = StatusCode::from_u16(error.http_status());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = format!(
        "<!DOCTYPE html><title>Sorry</title><p>{}</p>",
        error.public_message()
    );
    (status, [(CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

type App = Arc<Host>;

struct Host {
    flow: JarmFlow,
    registrar: Mutex<ClientMap>,
    authorizer: Mutex<AuthMap<RandomGenerator>>,
    issuer: Mutex<TokenMap<RandomGenerator>>,
}

type Primitives<'a> = Generic<
    MutexGuard<'a, ClientMap>,
    MutexGuard<'a, AuthMap<RandomGenerator>>,
    MutexGuard<'a, TokenMap<RandomGenerator>>,
>;

impl Host {
    fn endpoint(&self, solicitor: Vacant) -> Primitives<'_> {
        Generic {
            registrar: self.registrar.lock().unwrap(),
            authorizer: self.authorizer.lock().unwrap(),
            issuer: self.issuer.lock().unwrap(),
            solicitor,
            scopes: Vacant,
            response: Vacant,
        }
    }
}

struct Login {
    session_id: String,
    user: &'static str,
}

fn login_of(headers: &HeaderMap) -> Option<Login> {
    let session_id = jarm::cookie::values(headers.get_all(COOKIE), "login").next()?;
    let user = ["alice", "bob"];
    let user = user.into_iter().find(|own| session_id.starts_with(own))?;
    Some(Login { session_id, user })
}

fn log_in() -> Response {
    "log in first".into_response()
}

fn ask(_: &mut OAuthRequest, _: Solicitation<'_>, ticket: &Ticket) -> OwnerConsent<OAuthResponse> {
    OwnerConsent::InProgress(OAuthResponse::default().body(&ticket.hidden_input()))
}

fn decide(form: &mut OAuthRequest, user: &str) -> OwnerConsent<OAuthResponse> {
    match form.urlbody() {
        Ok(form) if form.unique_value("decision").is_some() => {
            OwnerConsent::Authorized(user.to_owned())
        }
        _ => OwnerConsent::Denied,
    }
}

/// A browser at such a host, and the client's side.
fn setup() -> (Browser, ResponseVerifier) {
    let decryption_key = DecryptionKey::generate(DecryptionKeyKind::P256).unwrap();
    let registered = serde_json::json!({
        "authorization_signed_response_alg": "ES256",
        "authorization_encrypted_response_alg": "ECDH-ES",
        "authorization_encrypted_response_enc": "A256GCM",
        "jwks": { "keys": [decryption_key.public_jwk()] },
        "token_endpoint_auth_method": "none",
    });
    let registered = ClientMetadata::read(registered).unwrap();

    let configuration = format!("issuer = \"{ISSUER}\"\ndefault_signing_alg = \"ES256\"");
    let configuration: toml::Table = configuration.parse().unwrap();
    let configuration = jarm::configuration::read(configuration).unwrap();
    let key = SigningKey::generate(KeyKind::P256).unwrap();
    let pem = key.to_pem().unwrap();
    let client_id = ClientId::try_new(CLIENT_ID).unwrap();
    let store = vec![(client_id.clone(), registered.clone())];
    let flow = flow(configuration, pem.as_bytes(), store).unwrap();
    let keys = flow.server().jwks().clone();

    let redirect_uri = ExactUrl::new(REDIRECT_URI.to_owned()).unwrap();
    let known = Known::public(CLIENT_ID, redirect_uri.into(), "read".parse().unwrap());
    let host = Host {
        flow,
        registrar: Mutex::new(ClientMap::from_iter([known])),
        authorizer: Mutex::new(AuthMap::new(RandomGenerator::new(16))),
        issuer: Mutex::new(TokenMap::new(RandomGenerator::new(16))),
    };
    let router = Router::new()
        .route("/authorize", get(authorize).post(consent))
        .with_state(Arc::new(host));
    let mut browser = Browser::of(router);
    browser.cookie = Some("login=alice-1".to_owned());

    let client = jarm::metadata::Client::new(client_id).with_metadata(registered);
    let verifier = ResponseVerifier::builder(ISSUER.parse().unwrap(), client)
        .verifier(Arc::new(JwaVerifier))
        .issuer_keys(Arc::new(keys))
        .decrypter(Arc::new(JwaDecrypter))
        .decryption_key(Arc::new(decryption_key))
        .build()
        .unwrap();
    (browser, verifier)
}

fn pairs(transaction: &Transaction) -> Pairs {
    let own = transaction.authorization_request();
    let own = own
        .into_iter()
        .chain([("redirect_uri", REDIRECT_URI.to_owned())]);
    own.map(|(name, value)| (name.to_owned(), value)).collect()
}

#[tokio::test]
async fn a_page_has_its_policy_and_the_answer_its_own() {
    let (mut browser, verifier) = setup();
    for mode in ["jwt", "form_post.jwt"] {
        let transaction = verifier.begin(&SystemRandom).unwrap();
        let transaction = transaction.response_mode(mode.parse().unwrap());
        let page = browser.authorize(&pairs(&transaction)).await;
        assert_eq!(
            page.headers["content-security-policy"],
            "default-src 'none'; frame-ancestors 'none'; form-action 'self' https://app.example"
        );
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(!page.headers.contains_key("set-cookie"), "there is a login");

        let answer = browser
            .post("/authorize", &page.consent_form("allow"))
            .await;
        if let Some(policy) = answer.headers.get("content-security-policy") {
            assert!(!policy.to_str().unwrap().contains("form-action 'self'"));
        }
        let (carrier, arrived) = arrived(&answer);
        let response = ArrivedResponse::from_pairs(carrier, arrived);
        let outcome = verifier.verify(&transaction, &response).await;
        assert!(outcome.unwrap().into_outcome().unwrap().code.is_some());
    }
}

#[tokio::test]
async fn a_page_is_answered_in_its_login_alone_and_failures_are_told_by_the_host() {
    let (mut browser, verifier) = setup();
    let transaction = verifier.begin(&SystemRandom).unwrap();
    let page = browser.authorize(&pairs(&transaction)).await;
    browser.cookie = Some("login=bob-2".to_owned());
    let refused = browser.post("/authorize", &page.inputs()).await;
    refused.stays_local(400);
    assert!(
        refused
            .body
            .starts_with("<!DOCTYPE html><title>Sorry</title>")
    );
    browser.cookie = None;
    let refused = browser.post("/authorize", &page.inputs()).await;
    assert_eq!(refused.body, "log in first");
    // None of this has used the page up.
    browser.cookie = Some("login=alice-1".to_owned());
    let answer = browser.post("/authorize", &page.inputs()).await;
    assert!(answer.location().is_some());
}
