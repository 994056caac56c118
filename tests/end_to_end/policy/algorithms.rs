//! `allowed_signing_algs`: what response JWTs may be signed with.

use jarm::authorization_server::{Error, Refusal, Registration};
use jarm::jose::ClientSecret;
use jarm::metadata::{Client, ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, JwsAlgorithm};
use serde_json::json;

use super::code_in;
use crate::fixture::{SECRET, builder, client, client_with, refusal, server};
use crate::outcome::seen;

const ONLY_ES256: &str = "allowed_signing_algs = [\"ES256\"]";

fn signed_with(algorithm: &str) -> Client {
    let client = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some(algorithm.parse().unwrap());
    });
    client.with_secret(ClientSecret::new(SECRET))
}

fn registers(server: &AuthorizationServer, algorithm: &str) -> Result<(), String> {
    let sent = json!({ "authorization_signed_response_alg": algorithm });
    let metadata = ClientMetadata::read(sent).unwrap();
    let secret = ClientSecret::new(SECRET);
    let registration = Registration::dynamic(metadata, SecretAvailability::Plaintext(&secret));
    let refused = server.register(registration).map(drop);
    refused.map_err(|error| error.to_string())
}

#[test]
fn an_algorithm_that_is_not_allowed_is_neither_registered_nor_published() {
    assert_eq!(registers(&server(""), "HS256"), Ok(()));
    let server = server(ONLY_ES256);
    assert_eq!(registers(&server, "ES256"), Ok(()));
    assert_eq!(
        registers(&server, "HS256").unwrap_err(),
        "authorization_signed_response_alg: `HS256` is not supported here, choose one of ES256"
    );
    assert_eq!(
        server.metadata().authorization_signing_alg_values_supported,
        [JwsAlgorithm::ES256]
    );
}

#[test]
fn a_client_whose_algorithm_is_not_allowed_any_more_is_refused_before_login() {
    let hs256 = signed_with("HS256");
    assert_eq!(seen(&server(""), &hs256, &code_in("jwt")), "query.jwt");
    match refusal(&server(ONLY_ES256), &hs256, &code_in("jwt")) {
        Refusal::Failed(error @ Error::AlgorithmNotAllowed { .. }) => {
            assert_eq!(error.http_status(), 500);
            let text = error.to_string();
            assert!(text.contains("HS256") && text.contains("allowed_signing_algs"));
        }
        other => panic!("{other}"),
    }
    assert_eq!(
        seen(&server(ONLY_ES256), &hs256, &code_in("query")),
        "query",
        "nothing is signed"
    );
}

#[test]
fn the_default_algorithm_is_an_allowed_one() {
    let error = builder("allowed_signing_algs = [\"PS256\"]")
        .build()
        .unwrap_err();
    assert_eq!(error.path, "jarm.default_signing_alg");
    let plain = "allowed_signing_algs = [\"PS256\"]\n[[response_mode]]\nname = \"query\"";
    let plain = builder(plain).build().unwrap(); // signs nothing
    assert_eq!(seen(&plain, &client(), &code_in("")), "query");
}
