//! Verifies responses that are given as JSON, a line each: `cargo run --example verify < cases`.
//!
//! A line has the `issuer`, the `client` (its `client_id`, `client_secret` and registered metadata),
//! the server's `jwks`, the client's private `decryption_keys`, the `transaction` (`response_type`,
//! `response_mode`, `state`) and what `arrived` (`{"query": "…"}`, `{"fragment": "…"}` or
//! `{"form_post": "…"}`). For each there is a line of what was verified, or of where it ended.

use std::io::{self, BufRead as _, Write as _};
use std::sync::Arc;

use jarm::client::{ArrivedResponse, ResponseVerifier, Transaction};
use jarm::jose::{ClientSecret, DecryptionKey, JwaDecrypter, JwaVerifier, JwkSet, SystemRandom};
use jarm::metadata::{Client, ClientMetadata};
use jarm::{ClientId, Issuer, ResponseMode, ResponseType};
use serde::Deserialize;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

#[derive(Deserialize)]
struct Case {
    issuer: Issuer,
    client: Value,
    jwks: JwkSet,
    #[serde(default)]
    decryption_keys: Vec<Value>,
    transaction: AskedFor,
    arrived: Arrived,
}

#[derive(Deserialize)]
struct Identity {
    client_id: ClientId,
    client_secret: Option<String>,
}

#[derive(Deserialize)]
struct AskedFor {
    response_type: ResponseType,
    response_mode: Option<ResponseMode>,
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Arrived {
    Query(String),
    Fragment(String),
    FormPost(String),
}

async fn verify(line: &str) -> Result<Value, Failure> {
    let case: Case = serde_json::from_str(line)?;
    let identity = Identity::deserialize(&case.client)?;
    let metadata = ClientMetadata::read(&case.client)?;
    let mut client = Client::new(identity.client_id.clone()).with_metadata(metadata);
    if let Some(secret) = identity.client_secret {
        client = client.with_secret(ClientSecret::new(secret));
    }
    let mut verifier = ResponseVerifier::builder(case.issuer.clone(), client)
        .verifier(Arc::new(JwaVerifier))
        .decrypter(Arc::new(JwaDecrypter))
        .issuer_keys(Arc::new(case.jwks));
    for key in &case.decryption_keys {
        verifier = verifier.decryption_key(Arc::new(DecryptionKey::from_jwk_value(key)?));
    }
    let transaction = Transaction::begin(case.issuer, identity.client_id, &SystemRandom)?
        .response_type(case.transaction.response_type)
        .with_state(case.transaction.state);
    let transaction = match case.transaction.response_mode {
        Some(mode) => transaction.response_mode(mode),
        None => transaction.without_response_mode(),
    };
    let arrived = match case.arrived {
        Arrived::Query(query) => ArrivedResponse::query(&query),
        Arrived::Fragment(fragment) => ArrivedResponse::fragment(&fragment),
        Arrived::FormPost(body) => ArrivedResponse::form_post(body),
    };
    Ok(
        match verifier.build()?.verify(&transaction, &arrived).await {
            Ok(response) => {
                json!({ "verified": true, "parameters": serde_json::to_value(response.parameters())? })
            }
            Err(refused) => json!({
                "verified": false,
                "step": refused.step().as_str(),
                "reason": refused.reason().to_string(),
            }),
        },
    )
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let result = match verify(&line).await {
            Ok(result) => result,
            Err(error) => json!({ "verified": false, "step": "case", "reason": error.to_string() }),
        };
        writeln!(io::stdout(), "{result}")?;
    }
    Ok(())
}
