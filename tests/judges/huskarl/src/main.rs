//! Verifies signed authorization responses with huskarl: a case a line in JSON on standard input, a
//! result a line on standard output.
//!
//! Every case goes through huskarl's whole authorization code flow, up to the token request. What
//! that asks for is the code that huskarl took out of the response.

mod authorization_server;

use std::error::Error;
use std::io::{self, BufRead as _, Write as _};

use huskarl::core::client_auth::NoAuth;
use huskarl::core::server_metadata::AuthorizationServerMetadata;
use huskarl::grant::authorization_code::{
    AuthorizationCodeGrant, CompleteInput, ResponseMode, StartInput,
};
use serde::Deserialize;
use serde_json::{Value, json};

use authorization_server::AuthorizationServer;

const REDIRECT_URI: &str = "https://client.example/callback";

/// A response, and what its client knows.
#[derive(Deserialize)]
struct Case {
    /// The server's metadata document, with the issuer that the client expects.
    metadata: AuthorizationServerMetadata,
    jwks: Value,
    client: Client,
    transaction: Transaction,
    arrived: Arrived,
}

#[derive(Deserialize)]
struct Client {
    client_id: String,
    authorization_signed_response_alg: String,
}

#[derive(Deserialize)]
struct Transaction {
    response_mode: ResponseMode,
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Arrived {
    Query(String),
    FormPost(String),
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let case = serde_json::from_str(&line?)?;
        let result = match runtime.block_on(verify(case)) {
            Ok(parameters) => json!({ "verified": true, "parameters": parameters }),
            Err(reason) => json!({ "verified": false, "reason": format!("{reason:#}") }),
        };
        writeln!(output, "{result}")?;
    }
    Ok(())
}

/// The response parameters that huskarl hands on: `code`, or those of an error.
async fn verify(case: Case) -> Result<Value, Box<dyn Error>> {
    let Case {
        mut metadata,
        jwks,
        client,
        transaction,
        arrived: Arrived::Query(parameters) | Arrived::FormPost(parameters),
    } = case;
    let registered = client.authorization_signed_response_alg;
    metadata.authorization_signing_alg_values_supported = Some(vec![registered]);
    let server = AuthorizationServer::new(&metadata, &jwks);
    let grant = AuthorizationCodeGrant::builder_from_metadata(&metadata)?
        .client_id(client.client_id)
        .http_client(server.clone())
        .client_auth(NoAuth)
        .redirect_uri(REDIRECT_URI)
        .response_mode(transaction.response_mode)
        .build()
        .await?;

    let mut pending = grant
        .start(StartInput::scope(Vec::new()))
        .await?
        .pending_state;
    pending.state = transaction.state;
    let arrived: CompleteInput = parameters.parse()?;
    match grant.complete(&pending, arrived).await {
        Ok(_) => Ok(json!({ "code": server.redeemed() })),
        Err(error) => match error.verdict() {
            Some(verdict) => Ok(json!({
                "error": verdict.code().as_str(),
                "error_description": verdict.description(),
            })),
            None => Err(error.into()),
        },
    }
}
