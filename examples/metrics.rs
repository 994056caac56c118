//! Counts what an authorization server does, for Prometheus: `cargo run --example metrics --features axum`,
//! then <http://127.0.0.1:4008/metrics>.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::{Router, routing::get};
use jarm::authorization_server::{Error, Event, Observer, Outcome};
use jarm::axum::{Answer, ErrorPage, Parameters};
use jarm::jose::{KeyKind, SigningKey};
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse};
use jarm::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy};

type Failure = Box<dyn std::error::Error>;

/// How often something happened, by outcome, mode and error. All three are the server's own words:
/// nobody can make up a label by what they send.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    events: Mutex<BTreeMap<[String; 3], u64>>,
}

impl Observer for Metrics {
    fn observe(&self, event: &Event<'_>) {
        let told = |error: Option<&AuthorizationError>| {
            error.map_or(String::new(), |error| error.error().to_string())
        };
        let (outcome, error) = match &event.outcome {
            Outcome::Negotiated { .. } => ("negotiated", String::new()),
            Outcome::Refused { error, .. } => ("refused", told(Some(error))),
            Outcome::Answered { error, .. } => ("answered", told(*error)),
            Outcome::Failed { error, .. } => ("failed", format!("status_{}", error.http_status())),
            _ => ("other", String::new()),
        };
        let mode = event.response_mode.map_or("none", |mode| mode.as_str());
        let labels = [outcome.to_owned(), mode.to_owned(), error];
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        *events.entry(labels).or_default() += 1;
    }
}

impl Metrics {
    /// The text that Prometheus reads.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::from(
            "# HELP jarm_events_total What came of authorization requests.\n\
             # TYPE jarm_events_total counter\n",
        );
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        for ([outcome, mode, error], count) in &*events {
            // Modes and codes are ASCII without quotes, backslashes and line ends: nothing to escape.
            let labels =
                format!("outcome=\"{outcome}\",response_mode=\"{mode}\",error=\"{error}\"");
            let _ = writeln!(text, "jarm_events_total{{{labels}}} {count}");
        }
        text
    }
}

/// The routes of a server that is observed.
pub(crate) fn router(metrics: Arc<Metrics>) -> Result<Router, Failure> {
    let mut configuration = Configuration::new("http://127.0.0.1:4008".parse()?);
    configuration.response_types = Some(vec!["code".parse()?]);
    configuration.default_signing_alg = Some("ES256".parse()?);
    let server = AuthorizationServer::builder(configuration)
        .signers(SigningKey::generate(KeyKind::P256)?.signers())
        .observer(metrics.clone())
        .build()?;
    let scrape = async move || {
        let version = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
        (version, metrics.to_text()).into_response()
    };
    let authorize = get(authorize).post(authorize);
    let routes = Router::new().route("/authorize", authorize);
    Ok(routes
        .with_state(Arc::new(server))
        .route("/metrics", get(scrape)))
}

/// Yours, with login and consent; here everybody approves, and `deny` is a user who does not.
async fn authorize(
    State(server): State<Arc<AuthorizationServer>>,
    Parameters(request): Parameters,
) -> Result<Answer, ErrorPage> {
    let client_id = request.single("client_id")?.filter(|own| *own == "web");
    let client_id = client_id.and_then(|own| ClientId::try_new(own.to_owned()).ok());
    let client = Client::new(client_id.ok_or(Error::UnknownClient)?);
    let registered = ["https://client.example/cb".to_owned()];
    let target =
        RedirectUriPolicy::default().select(&registered, request.single("redirect_uri")?)?;
    let pending = match server.negotiate(&client, target, &request).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Answer(server.refuse(refusal, &client).await?)),
    };
    let outcome: AuthorizationResponse = match request.single("login_hint")? {
        Some("deny") => AuthorizationError::access_denied().into(),
        _ => AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA"),
    };
    Ok(Answer(server.respond(pending, &client, outcome).await?))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4008").await?;
    Ok(axum::serve(listener, router(Arc::default())?).await?)
}
