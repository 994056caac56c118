//! Two issuers in one process, each with its own keys, modes and policy, at
//! <http://127.0.0.1:4002/blue> and `…/red`: `cargo run --example tenants --features axum`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::{StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use jarm::authorization_server::{Error, Tenants};
use jarm::axum::{Answer, ErrorPage, Parameters};
use jarm::jose::{Aes256GcmSealer, KeyKind, SigningKey, SystemRandom};
use jarm::metadata::Client;
use jarm::response::AuthorizationResponse;
use jarm::{AuthorizationServer, Configuration, RedirectUriPolicy};
use serde_json::{Map, Value, json};

type Failure = Box<dyn std::error::Error>;
type Shared = Arc<Host>;

/// What the host shares: the tenants in use, and where others are found.
pub(crate) struct Host {
    pub(crate) tenants: Tenants,
    rows: HashMap<&'static str, (Configuration, SigningKey)>,
    /// One will do for all: what it seals names its issuer.
    sealer: Arc<Aes256GcmSealer>,
}

const REDIRECT_URI: &str = "https://client.example/cb";
/// Yours: rows of a table.
const BLUE: &str = r#"{"issuer": "http://127.0.0.1:4002/blue", "default_signing_alg": "ES256"}"#;
const RED: &str = r#"{
    "issuer": "http://127.0.0.1:4002/red", "default_signing_alg": "PS256",
    "response_mode": [{"name": "query.jwt"}, {"name": "form_post.jwt"}, {"name": "jwt"}],
    "response_types": ["code"], "require_jarm": true
}"#;

pub(crate) fn host() -> Result<Shared, Failure> {
    let row = |row, kind| -> Result<(Configuration, SigningKey), Failure> {
        Ok((serde_json::from_str(row)?, SigningKey::generate(kind)?))
    };
    let rows = [
        ("blue", row(BLUE, KeyKind::P256)?),
        ("red", row(RED, KeyKind::Rsa2048)?),
    ];
    Ok(Arc::new(Host {
        tenants: Tenants::new(),
        rows: HashMap::from(rows),
        sealer: Arc::new(Aes256GcmSealer::generate()?),
    }))
}

impl Host {
    /// A tenant's server, made when it is first asked for. Yours may wait for a database.
    pub(crate) fn server(&self, name: &str) -> Result<Option<Arc<AuthorizationServer>>, Failure> {
        if let Some(server) = self.tenants.get(name) {
            return Ok(Some(server));
        }
        let Some((configuration, key)) = self.rows.get(name) else {
            return Ok(None);
        };
        let builder = AuthorizationServer::builder(configuration.clone()).signers(key.signers());
        let builder = builder
            .random(Arc::new(SystemRandom))
            .sealer(self.sealer.clone());
        Ok(Some(self.tenants.insert(name, builder)?))
    }
}

pub(crate) fn router(host: Shared) -> Router {
    // OpenID Connect Discovery puts the well-known part behind the issuer's path, RFC 8414 before.
    const RFC_8414: &str = "/.well-known/oauth-authorization-server/{tenant}";
    Router::new()
        .route("/{tenant}/authorize", get(authorize).post(authorize))
        .route("/{tenant}/jwks", get(jwks))
        .route("/{tenant}/.well-known/openid-configuration", get(metadata))
        .route(RFC_8414, get(metadata))
        .with_state(host)
}

/// The server that a request's path names.
struct Tenant(Arc<AuthorizationServer>);

impl FromRequestParts<Shared> for Tenant {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, host: &Shared) -> Result<Self, StatusCode> {
        let name = Path::<String>::from_request_parts(parts, host).await;
        let Path(name) = name.map_err(|_| StatusCode::NOT_FOUND)?;
        let broken = StatusCode::INTERNAL_SERVER_ERROR; // yours: log what is wrong with its row
        let found = host.server(&name).or(Err(broken))?;
        found.map(Self).ok_or(StatusCode::NOT_FOUND)
    }
}

/// Yours, with login and consent. Both tenants have a client of the same name.
async fn authorize(
    Tenant(server): Tenant,
    Parameters(request): Parameters,
) -> Result<Answer, ErrorPage> {
    let client = request.single("client_id")?.filter(|own| *own == "web");
    let client = client.and_then(|own| Some(Client::new(own.parse().ok()?)));
    let client = client.ok_or(Error::UnknownClient)?;
    let (policy, registered) = (RedirectUriPolicy::default(), [REDIRECT_URI.to_owned()]);
    let target = policy.select(&registered, request.single("redirect_uri")?)?;
    let pending = match server.negotiate(&client, target, &request).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Answer(server.refuse(refusal, &client).await?)),
    };
    let outcome = AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA");
    Ok(Answer(server.respond(pending, &client, outcome).await?))
}

async fn jwks(Tenant(server): Tenant) -> Response {
    let keep = format!("max-age={}", server.jwks_max_age());
    ([(header::CACHE_CONTROL, keep)], json(&json!(server.jwks()))).into_response()
}

async fn metadata(Tenant(server): Tenant) -> Response {
    let mut document = Map::new();
    let url = |path| format!("{}/{path}", server.issuer()).into();
    document.insert("authorization_endpoint".to_owned(), url("authorize"));
    document.insert("jwks_uri".to_owned(), url("jwks"));
    server.metadata().merge_into(&mut document);
    json(&document.into())
}

fn json(value: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, value.to_string()).into_response()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4002").await?;
    Ok(axum::serve(listener, router(host()?)).await?)
}
