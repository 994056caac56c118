//! What the log says of a refusal.

use jarm::client::ArrivedResponse;
use serde_json::{Value, json};

use super::{
    arrive, claims, client, encode, header, in_query, sign, sign_text, transaction, verifier,
};
use crate::fixture::ISSUER;
use crate::logs::logged;

const CANARY: &str = "c4nary";

/// A response whose code nobody should read, and which has something else wrong with it.
fn with(name: &str, value: impl Into<Value>) -> ArrivedResponse {
    let changes = json!({ "code": CANARY, name: value.into() });
    in_query(&sign(&claims(changes)))
}

#[test]
fn a_refusal_is_logged_with_step_and_reason_and_nothing_that_arrived() {
    let unknown_key = header(json!({ "kid": CANARY }));
    let unknown_key = sign_text(&unknown_key, &claims(json!({ "code": CANARY })).to_string());
    let unsigned = format!("{}.{}.c2ln", encode(header(json!({}))), encode(CANARY));
    for (arrived, step, reason) in [
        (
            ArrivedResponse::query("code=c4nary&state=c4nary"),
            "arrival",
            "plain parameters arrived",
        ),
        (
            in_query("c4nary.c4nary.c4nary.c4nary.c4nary"),
            "decryption",
            "no encryption",
        ),
        (in_query(&unsigned), "issuer", "no JSON object"),
        (with("iss", CANARY), "issuer", "another issuer"),
        (with("aud", CANARY), "audience", "not this client"),
        (with("exp", 1), "expiry", "expired"),
        (in_query(&unknown_key), "signature", "no key fits"),
        (
            with("state", CANARY),
            "state",
            "not that of the transaction",
        ),
        (
            with("error", CANARY),
            "parameters",
            "`code` was not asked for",
        ),
    ] {
        let log = logged(|| {
            let refused = arrive(&verifier(), &transaction(), &arrived);
            tracing::error!(?refused, "by the client");
        });
        let line = log.lines().find(|line| line.contains("WARN")).unwrap();
        let step = format!("step={step} ");
        let client_id = client().client_id().to_string();
        let target = "jarm_core::client::verifier: authorization response refused";
        for named in [target, ISSUER, &client_id, &step, reason] {
            assert!(line.contains(named), "{named}: {line}");
        }
        assert!(!log.contains(CANARY), "{log}");
    }
}
