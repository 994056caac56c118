//! What operators and clients allow of what the rules allow.

mod algorithms;
mod allowed;
mod delivery;
mod discovery;
mod explanation;
mod profiles;
mod recheck;
mod registration;
mod requirement;
mod response_modes;

use jarm::metadata::Client;

use crate::fixture::client_with;

/// What stands in `response_mode`; empty for a request without it.
const PLAIN: [&str; 5] = ["", "query", "fragment", "form_post", "foo"];
const JWT: [&str; 4] = ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"];

/// A request of this type in this mode, `state` included.
fn asks(response_type: &str, mode: &str) -> String {
    let response_type = response_type.replace(' ', "+");
    match mode {
        "" => format!("response_type={response_type}&state=st"),
        _ => format!("response_type={response_type}&state=st&response_mode={mode}"),
    }
}

fn code_in(mode: &str) -> String {
    asks("code", mode)
}

/// A client that registered how its response JWTs are signed.
fn signed_client() -> Client {
    client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some("ES256".parse().unwrap());
    })
}

/// A client that registered in which modes it asks.
fn client_with_modes(modes: &[&str]) -> Client {
    client_with(|metadata| {
        metadata.response_modes = Some(modes.iter().map(|mode| mode.parse().unwrap()).collect());
    })
}
