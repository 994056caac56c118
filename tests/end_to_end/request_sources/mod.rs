//! From which place a request's parameters are: a request object, a pushed request, or the request
//! itself.

mod envelope;
mod once;
mod pushed;
mod registration;
mod request_object;
mod signature;
mod store;

use std::sync::Arc;

use jarm::authorization_server::{AuthorizationServerBuilder, Error, PushedResponse, Refusal};
use jarm::jose::JwaVerifier;
use jarm::metadata::Client;
use jarm::{AuthorizationServer, JwsAlgorithm, RequestParameters};
use serde_json::{Value, json};

use crate::client::{changed, header_of, sign_with};
use crate::fixture::{self, ISSUER, NOW, REDIRECT_URI, client_with, jwks, key, run, target};

fn builder() -> AuthorizationServerBuilder {
    fixture::builder("").verifier(Arc::new(JwaVerifier))
}

fn server() -> AuthorizationServer {
    builder().build().unwrap()
}

/// A client that registered the public half of the fixture's key.
fn client() -> Client {
    client_of(&[json!({})])
}

/// The same with what its keys say of themselves.
fn client_of(keys: &[Value]) -> Client {
    let named = |members: &Value| changed(json!({ "kid": key().key_id(), "use": "sig" }), members);
    let keys: Vec<_> = keys.iter().map(named).collect();
    client_with(|metadata| metadata.jwks = Some(jwks(&keys)))
}

/// The claims of a sound request object, changed; `null` takes one away.
fn claims(changes: impl Into<Value>) -> Value {
    let sound = json!({
        "iss": "cid", "aud": ISSUER, "exp": NOW + 300, "client_id": "cid",
        "response_type": "code", "response_mode": "jwt", "redirect_uri": REDIRECT_URI, "state": "inner",
    });
    changed(sound, &changes.into())
}

/// A request object with the fixture's key.
fn sign(claims: &Value) -> String {
    sign_by(&json!({}), claims)
}

/// The same with a header that is changed.
fn sign_by(header: &Value, claims: &Value) -> String {
    let signer = key().signer(&JwsAlgorithm::ES256).unwrap();
    let header = header_of(key(), "ES256", header.clone());
    sign_with(&signer, &header, &claims.to_string())
}

fn by_value(request_object: &str) -> String {
    format!("client_id=cid&request={request_object}")
}

fn by_handle(pushed: &PushedResponse) -> String {
    format!("client_id=cid&request_uri={}", pushed.request_uri)
}

fn resolve(
    server: &AuthorizationServer,
    client: &Client,
    query: &str,
) -> Result<RequestParameters, Error> {
    run(server.resolve(client, &RequestParameters::from_urlencoded(query)))
}

/// Why a request is refused before anything is known of where the client may be told.
fn refused(server: &AuthorizationServer, client: &Client, query: &str) -> String {
    match resolve(server, client, query) {
        Err(Error::Local(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Why a request object of the client is refused.
fn refused_object(claims: &Value) -> String {
    refused_object_by(&server(), claims)
}

fn refused_object_by(server: &AuthorizationServer, claims: &Value) -> String {
    let why = refused(server, &client(), &by_value(&sign(claims)));
    let why = why.strip_prefix("invalid_request_object: the request object is refused: ");
    why.unwrap().to_owned()
}

fn is_accepted(claims: &Value) -> bool {
    is_accepted_by(&server(), claims)
}

fn is_accepted_by(server: &AuthorizationServer, claims: &Value) -> bool {
    resolve(server, &client(), &by_value(&sign(claims))).is_ok()
}

fn push(
    server: &AuthorizationServer,
    client: &Client,
    body: &str,
) -> Result<PushedResponse, Refusal> {
    let request = resolve(server, client, body).unwrap();
    run(server.push(client, target(REDIRECT_URI), &request))
}

/// Resolves a request, grants it, and reads the answer.
fn grant(server: &AuthorizationServer, client: &Client, query: &str) -> fixture::Answer {
    let request = resolve(server, client, query).unwrap();
    fixture::grant_request(server, client, &request, REDIRECT_URI)
}
