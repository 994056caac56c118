//! Keeps an audit trail as JSON lines: `cargo run --example audit >trail`. Finds a response JWT in it
//! that turned up somewhere: `cargo run --example audit -- JWT <trail`.

use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

use jarm::authorization_server::{Event, Observer, Outcome};
use jarm::clock::{Clock, SystemClock};
use jarm::jose::{KeyKind, SigningKey, SystemRandom};
use jarm::metadata::Client;
use jarm::response::{AuthorizationResponse, EncodedResponse};
use jarm::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy, RequestParameters};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

type Failure = Box<dyn std::error::Error>;

/// Writes a line for every event. It holds no parameter of any response: of a JWT its hash alone.
#[derive(Debug, Default)]
pub(crate) struct AuditTrail<W>(pub(crate) Mutex<W>);

impl<W: Write + std::fmt::Debug + Send> Observer for AuditTrail<W> {
    fn observe(&self, event: &Event<'_>) {
        let (outcome, error, jwt) = match &event.outcome {
            Outcome::Negotiated { .. } => ("negotiated", None, None),
            Outcome::Refused { error, .. } => ("refused", Some(error.error().to_string()), None),
            Outcome::Answered {
                error,
                response_jwt,
                ..
            } => (
                "answered",
                error.map(|own| own.error().to_string()),
                *response_jwt,
            ),
            Outcome::Failed { error, .. } => ("failed", Some(error.to_string()), None),
            _ => ("other", None, None),
        };
        let line = json!({
            "at": SystemClock.now(),
            "issuer": event.issuer,
            "client_id": event.client_id,
            "response_mode": event.response_mode,
            "outcome": outcome,
            "error": error,
            "algorithm": jwt.map(|own| &own.algorithm),
            "key_id": jwt.map(|own| &own.key_id),
            "jti": jwt.map(|own| &own.jti),
            "sha256": jwt.map(|own| hex(&own.sha256)),
            "duration_us": u64::try_from(event.duration.as_micros()).unwrap_or(u64::MAX),
        });
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if writeln!(lines, "{line}")
            .and_then(|()| lines.flush())
            .is_err()
        {
            eprintln!("the audit trail cannot be written"); // yours: an alarm
        }
    }
}

fn hex(octets: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let digits = octets.iter().flat_map(|own| [own >> 4, own & 15]);
    digits.map(digit).collect()
}

/// The line about a response JWT in compact serialisation; of an encrypted one the JWS inside, which
/// whoever decrypts it has.
pub(crate) fn find(trail: impl BufRead, jws: &str) -> io::Result<Option<Value>> {
    let wanted = hex(&Sha256::digest(jws));
    for line in trail.lines() {
        let line: Value = serde_json::from_str(&line?)?;
        if line.get("sha256").and_then(Value::as_str) == Some(&wanted) {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

/// A server that is observed; every response JWT has a `jti`.
pub(crate) fn server(trail: Arc<dyn Observer>) -> Result<AuthorizationServer, Failure> {
    let mut configuration = Configuration::new("https://as.example".parse()?);
    configuration.default_signing_alg = Some("ES256".parse()?);
    configuration.response_jwt_jti = true;
    Ok(AuthorizationServer::builder(configuration)
        .signers(SigningKey::generate(KeyKind::P256)?.signers())
        .random(Arc::new(SystemRandom))
        .observer(trail)
        .build()?)
}

/// Your authorize handler in short: every request is approved.
pub(crate) async fn answer(
    server: &AuthorizationServer,
    query: &str,
) -> Result<EncodedResponse, Failure> {
    let client = Client::new(ClientId::try_new("web")?);
    let registered = ["https://client.example/cb".to_owned()];
    let target = RedirectUriPolicy::default().select(&registered, None)?;
    let request = RequestParameters::from_urlencoded(query);
    let outcome = AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA");
    Ok(match server.negotiate(&client, target, &request).await {
        Ok(pending) => server.respond(pending, &client, outcome).await?,
        Err(refusal) => server.refuse(refusal, &client).await?,
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    if let Some(jws) = std::env::args().nth(1) {
        println!("{:?}", find(io::stdin().lock(), &jws)?);
        return Ok(());
    }
    let server = server(Arc::new(AuditTrail(Mutex::new(io::stdout()))))?;
    answer(&server, "response_type=code&response_mode=jwt&state=x").await?;
    answer(&server, "response_type=code&response_mode=post").await?;
    Ok(())
}
