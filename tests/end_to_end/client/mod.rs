//! The client's role: what arrives is refused at the right step, or verified.

mod arrival;
mod claims;
mod decryption;
mod keys;
mod log;
mod mutations;
mod oracle;
mod parameters;
mod round_trip;
mod signature;
mod transaction;

use std::borrow::Cow;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::client::{
    ArrivedResponse, IssuerKeySource, Reason, ResponseVerifier, ResponseVerifierBuilder, Step,
    Transaction, VerifiedResponse,
};
use jarm::jose::{
    JwaDecrypter, JwaVerifier, JwkSet, JwsSigner, KeyLookup, KeySourceError, SigningKey,
};
use jarm::metadata::Client;
use jarm::testing::{FixedClock, FixedRandom};
use jarm::{BoxFuture, Carrier, ClientId, Issuer, JwsAlgorithm};
use serde_json::{Value, json};

use crate::fixture::{ISSUER, NOW, client_with, key, run};

/// Gives these sets one after the other, the last for ever, and counts.
#[derive(Debug)]
struct Keys {
    sets: Vec<Option<JwkSet>>,
    asked: AtomicUsize,
    after_misses: AtomicUsize,
}

impl Keys {
    fn new(sets: impl IntoIterator<Item = Option<JwkSet>>) -> Arc<Self> {
        Arc::new(Self {
            sets: sets.into_iter().collect(),
            asked: AtomicUsize::new(0),
            after_misses: AtomicUsize::new(0),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl IssuerKeySource for Keys {
    fn keys<'a>(
        &'a self,
        issuer: &'a Issuer,
        lookup: KeyLookup,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
        assert_eq!(issuer.as_str(), ISSUER);
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        if lookup == KeyLookup::AfterMiss {
            self.after_misses.fetch_add(1, Ordering::Relaxed);
        }
        let set = self.sets.get(turn).or(self.sets.last()).unwrap().as_ref();
        let set = set.map(Cow::Borrowed);
        Box::pin(ready(set.ok_or_else(|| KeySourceError::new("away"))))
    }
}

/// An object with these members instead of its own; `null` takes one away.
pub(crate) fn changed(mut object: Value, changes: &Value) -> Value {
    let members = object.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    members.retain(|_, own| !own.is_null());
    object
}

/// The public half of the fixture's key, as the server publishes it, changed.
fn published(changes: &[Value]) -> JwkSet {
    let own = json!({ "kid": key().key_id(), "use": "sig", "alg": "ES256" });
    let public = serde_json::to_value(key().public_jwk()).unwrap();
    let public = changed(public, &own);
    let keys: Vec<_> = changes
        .iter()
        .map(|changes| changed(public.clone(), changes))
        .collect();
    serde_json::from_value(json!({ "keys": keys })).unwrap()
}

/// A client whose responses are signed with ES256.
fn client() -> Client {
    client_with(|own| own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256))
}

fn builder(client: Client, keys: Arc<Keys>) -> ResponseVerifierBuilder {
    ResponseVerifier::builder(ISSUER.parse().unwrap(), client)
        .verifier(Arc::new(JwaVerifier))
        .decrypter(Arc::new(JwaDecrypter))
        .issuer_keys(keys)
        .clock(Arc::new(FixedClock(NOW)))
}

fn verifier() -> ResponseVerifier {
    let keys = Keys::new([Some(published(&[json!({})]))]);
    builder(client(), keys).build().unwrap()
}

/// A transaction for a code in mode `jwt`.
fn transaction() -> Transaction {
    let client_id = ClientId::try_new("cid").unwrap();
    let transaction = Transaction::begin(ISSUER.parse().unwrap(), client_id, &FixedRandom(1));
    transaction.unwrap().with_state("st")
}

/// The claims of a good response, changed; `null` takes one away.
fn claims(changes: impl Into<Value>) -> Value {
    let good = json!({
        "iss": ISSUER, "aud": "cid", "exp": NOW + 120, "iat": NOW, "code": "c0de", "state": "st",
    });
    changed(good, &changes.into())
}

pub(crate) fn encode(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// Signs whatever text, with the fixture's key.
fn sign_text(header: &str, payload: &str) -> String {
    sign_with(
        &key().signer(&JwsAlgorithm::ES256).unwrap(),
        header,
        payload,
    )
}

pub(crate) fn sign_with(signer: &Arc<dyn JwsSigner>, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", encode(header), encode(payload));
    let signature = run(signer.sign(input.as_bytes())).unwrap();
    format!("{input}.{}", encode(signature))
}

/// A response with the header that the server writes.
fn sign(claims: &Value) -> String {
    sign_text(&header(json!({})), &claims.to_string())
}

fn header(changes: impl Into<Value>) -> String {
    header_of(key(), "ES256", changes)
}

pub(crate) fn header_of(key: &SigningKey, alg: &str, changes: impl Into<Value>) -> String {
    let header = json!({ "alg": alg, "kid": key.key_id() });
    changed(header, &changes.into()).to_string()
}

fn verify(verifier: &ResponseVerifier, response: &str) -> Result<VerifiedResponse, (Step, Reason)> {
    arrive(verifier, &transaction(), &in_query(response))
}

fn in_query(response: &str) -> ArrivedResponse {
    ArrivedResponse::response(Carrier::Query, response)
}

fn arrive(
    verifier: &ResponseVerifier,
    transaction: &Transaction,
    arrived: &ArrivedResponse,
) -> Result<VerifiedResponse, (Step, Reason)> {
    let outcome = run(verifier.verify(transaction, arrived));
    outcome.map_err(|refused| {
        assert_eq!(
            refused.to_string(),
            "the authorization response is not valid"
        );
        let step = refused.step();
        (step, refused.into_reason())
    })
}

/// The step at which a response is refused, and the reason in words.
fn refused(verifier: &ResponseVerifier, response: &str) -> (Step, String) {
    let (step, reason) = verify(verifier, response).unwrap_err();
    (step, reason.to_string())
}

fn code_of(verified: Result<VerifiedResponse, (Step, Reason)>) -> String {
    let verified = verified.unwrap();
    verified.outcome().unwrap().code.clone().unwrap()
}
