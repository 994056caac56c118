//! A whole client: registers itself, has its responses signed and encrypted, verifies them, and
//! redeems the code. `cargo run` in one terminal, `cargo run --package client` in another, then
//! <http://127.0.0.1:4002>. Arguments: issuer, where to listen, mode; in `AFTERWARDS`, where to go then.

use std::env;
use std::sync::{Arc, LazyLock};

use axum::http::{StatusCode, header::COOKIE, request::Parts};
use axum::response::{AppendHeaders, ErrorResponse, IntoResponse, Redirect, Response, Result};
use axum::{Router, extract::State, routing::get};
use jarm::axum::{Callback, ClientState};
use jarm::client::{InMemoryTransactions, ResponseVerifier, Transaction};
use jarm::jose::{ClientSecret, DecryptionKey, JwaDecrypter, JwaVerifier, SystemRandom};
use jarm::jwks::JwksFetcher;
use jarm::metadata::{Client, ClientMetadata};
use jarm::{Issuer, ResponseMode};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

struct App {
    verifier: Arc<ResponseVerifier>,
    transactions: InMemoryTransactions,
    server: Value,
    client: Value,
    uri: String,
    mode: ResponseMode,
}
impl ClientState for App {
    async fn take_transaction(&self, request: &Parts) -> Option<Transaction> {
        self.transactions.take(request.headers.get_all(COOKIE))
    }
    fn verifier(&self, _: &Transaction) -> Option<Arc<ResponseVerifier>> {
        Some(self.verifier.clone())
    }
}

/// Sends the browser to the server, and keeps what was asked for.
async fn login(State(app): State<Arc<App>>) -> Result<impl IntoResponse> {
    let begun = app.verifier.begin(&SystemRandom).map_err(failed)?;
    let begun = begun.response_mode(app.mode.clone());
    let own = [("scope", "openid"), ("redirect_uri", app.uri.as_str())];
    let url = begun.authorization_url(text(&app.server, "authorization_endpoint"), own);
    let cookie = AppendHeaders([app.transactions.keep(begun)]);
    Ok((cookie, Redirect::to(&url)))
}

/// Redeems the code of a verified response. What is not verified does not come here.
async fn callback(State(app): State<Arc<App>>, callback: Callback) -> Result<Response> {
    let success = callback.response.into_outcome().map_err(failed)?;
    let request = [
        ("grant_type", "authorization_code"),
        ("code", &success.code.unwrap_or_default()),
        ("redirect_uri", &app.uri),
        ("code_verifier", callback.transaction.code_verifier()),
        ("client_id", text(&app.client, "client_id")),
        ("client_secret", text(&app.client, "client_secret")),
    ];
    let redemption = HTTP.post(text(&app.server, "token_endpoint"));
    let tokens = json(redemption.form(&request)).await.map_err(failed)?;
    let page = format!("Logged in, with a {} token.\n", text(&tokens, "token_type"));
    let afterwards = env::var("AFTERWARDS").map(|url| Redirect::to(&url).into_response());
    Ok(afterwards.unwrap_or_else(|_| page.into_response()))
}

fn failed(error: impl Into<Failure>) -> ErrorResponse {
    (StatusCode::INTERNAL_SERVER_ERROR, error.into().to_string()).into()
}

static HTTP: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
async fn json(request: reqwest::RequestBuilder) -> reqwest::Result<Value> {
    request.send().await?.error_for_status()?.json().await
}

fn text<'a>(json: &'a Value, member: &str) -> &'a str {
    json.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let issuer = arguments.next().unwrap_or("http://127.0.0.1:4000".into());
    let listen = arguments.next().unwrap_or("127.0.0.1:4002".into());
    let host = listen.split(':').next().unwrap_or_default();
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    let uri = format!("http://{host}:{}/callback", listener.local_addr()?.port());
    let server = json(HTTP.get(format!("{issuer}/.well-known/openid-configuration"))).await?;
    let key = DecryptionKey::generate(jarm::jose::DecryptionKeyKind::P256)?.with_key_id("1");
    let wanted = json!({
        "redirect_uris": [uri], "token_endpoint_auth_method": "client_secret_post",
        "authorization_signed_response_alg": "ES256", "jwks": { "keys": [key.public_jwk()] },
        "authorization_encrypted_response_alg": "ECDH-ES+A128KW",
    });
    let registration = HTTP.post(text(&server, "registration_endpoint"));
    let client = json(registration.json(&wanted)).await?;
    let fetcher = JwksFetcher::with_native_roots()?.allow_private_host("127.0.0.1")?;
    let (issuer, jwks_uri): (Issuer, _) = (issuer.parse()?, text(&server, "jwks_uri").parse()?);
    let keys = fetcher.build().issuer_keys(issuer.clone(), &jwks_uri)?;
    let registered = Client::new(text(&client, "client_id").parse()?)
        .with_metadata(ClientMetadata::read(&client)?)
        .with_secret(ClientSecret::new(text(&client, "client_secret")));
    let verifier = ResponseVerifier::builder(issuer, registered)
        .verifier(Arc::new(JwaVerifier))
        .issuer_keys(Arc::new(keys))
        .decrypter(Arc::new(JwaDecrypter))
        .decryption_key(Arc::new(key));
    let app = App {
        verifier: Arc::new(verifier.build()?),
        transactions: InMemoryTransactions::without_https(),
        server,
        client,
        uri,
        mode: arguments.next().unwrap_or("jwt".into()).parse()?,
    };
    println!("{}", app.uri.trim_end_matches("/callback"));
    let router = Router::new().route("/", get(login));
    let router = router.route("/callback", get(callback).post(callback));
    Ok(axum::serve(listener, router.with_state(Arc::new(app))).await?)
}
