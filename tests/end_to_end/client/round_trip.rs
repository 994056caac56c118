//! What the server's role issues the client's role verifies, whatever the type, mode and algorithm.

use std::sync::Arc;

use jarm::client::{ArrivedResponse, ResponseVerifier, Transaction, VerifiedResponse};
use jarm::jose::{
    DecryptionKey, DecryptionKeyKind, JwaDecrypter, JwaVerifier, KeyKind, SigningKey, SystemRandom,
};
use jarm::metadata::Client;
use jarm::response::{
    AuthorizationError, AuthorizationResponse, AuthorizationSuccess, EncodedResponse,
};
use jarm::testing::FixedClock;
use jarm::{
    AuthorizationServer, Carrier, JwsAlgorithm, RequestParameters, ResponseMode, ResponseType,
};
use serde_json::json;

use super::encode;
use crate::fixture::{ISSUER, NOW, REDIRECT_URI, builder, client_with, run, target};

fn arrived(encoded: &EncodedResponse) -> ArrivedResponse {
    match encoded {
        EncodedResponse::Redirect(redirect) => {
            let added = redirect.location().strip_prefix(REDIRECT_URI).unwrap();
            match added.split_at(1) {
                ("#", fragment) => ArrivedResponse::fragment(fragment),
                (_, query) => ArrivedResponse::query(query),
            }
        }
        EncodedResponse::Document(page) => {
            ArrivedResponse::from_pairs(Carrier::Body, page.form().unwrap().fields())
        }
        _ => unreachable!("there are redirects and documents"),
    }
}

fn success(response_type: &ResponseType) -> AuthorizationResponse {
    let mut success = AuthorizationSuccess::new();
    if response_type.contains("code") {
        success = success.code("c0de");
    }
    if response_type.contains("token") {
        success = success.access_token("t0ken", "Bearer").expires_in(3600);
    }
    if response_type.contains("id_token") {
        let claims = json!({ "iss": ISSUER }).to_string();
        success = success.id_token(format!("e30.{}.c2ln", encode(claims)));
    }
    success.into()
}

/// Asks as the transaction says, answers with the outcome, and verifies.
fn round_trip(
    (server, client): (&AuthorizationServer, &Client),
    (verifier, transaction): (&ResponseVerifier, &Transaction),
    outcome: AuthorizationResponse,
) -> VerifiedResponse {
    let request = RequestParameters::from_pairs(transaction.authorization_request());
    let encoded = run(async {
        let pending = server
            .negotiate(client, target(REDIRECT_URI), &request)
            .await
            .unwrap();
        server.respond(pending, client, outcome).await.unwrap()
    });
    run(verifier.verify(transaction, &arrived(&encoded))).unwrap()
}

#[test]
fn every_type_in_every_mode_as_success_and_as_error() {
    let key = DecryptionKey::generate(DecryptionKeyKind::X25519)
        .unwrap()
        .with_key_id("enc");
    let plain =
        client_with(|own| own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256));
    let encrypted = client_with(|own| {
        own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256);
        own.authorization_encrypted_response_alg = Some("ECDH-ES".parse().unwrap());
        own.jwks = Some([key.public_jwk()].into_iter().collect());
    });
    let mut count = 0;
    for client in [plain, encrypted] {
        let server = builder("").build().unwrap();
        let is_encrypted = client.metadata().jwks.is_some();
        let verifier = ResponseVerifier::builder(ISSUER.parse().unwrap(), client.clone())
            .verifier(Arc::new(JwaVerifier))
            .decrypter(Arc::new(JwaDecrypter))
            .decryption_key(Arc::new(key.clone()))
            .issuer_keys(Arc::new(server.jwks()))
            .clock(Arc::new(FixedClock(NOW)))
            .build()
            .unwrap();
        for response_type in ResponseType::STANDARD {
            for mode in ResponseMode::STANDARD {
                let in_query = mode == ResponseMode::QUERY || mode == ResponseMode::QUERY_JWT;
                let may =
                    !response_type.carries_token() || mode != ResponseMode::QUERY && is_encrypted;
                if in_query && !may {
                    continue; // the rules refuse it
                }
                let transaction = verifier.begin(&SystemRandom).unwrap();
                let transaction = transaction
                    .response_type(response_type.clone())
                    .response_mode(mode);
                let both = (&server, &client);
                let response = round_trip(both, (&verifier, &transaction), success(&response_type));
                let success = response.into_outcome().unwrap();
                assert_eq!(success.code.is_some(), response_type.contains("code"));
                assert_eq!(
                    success.expires_in.is_some(),
                    response_type.contains("token")
                );
                assert_eq!(
                    success.id_token.is_some(),
                    response_type.contains("id_token")
                );
                let denied = AuthorizationError::access_denied().description("no").into();
                let response = round_trip(both, (&verifier, &transaction), denied);
                let error = response.into_outcome().unwrap_err();
                assert_eq!(error.to_string(), "access_denied: no");
                count += 2;
            }
        }
    }
    assert_eq!(count, 188);
}

#[test]
fn every_signing_algorithm() {
    let keys = [
        KeyKind::Rsa2048,
        KeyKind::P256,
        KeyKind::P384,
        KeyKind::P521,
        KeyKind::Ed25519,
    ];
    let keys = keys.map(|kind| SigningKey::generate(kind).unwrap());
    let signers: Vec<_> = keys.iter().flat_map(SigningKey::signers).collect();
    let server = builder("").signers(signers).build().unwrap();
    for alg in JwsAlgorithm::STANDARD {
        let client = client_with(|own| own.authorization_signed_response_alg = Some(alg.clone()))
            .with_secret(jarm::jose::ClientSecret::new(crate::fixture::SECRET));
        let verifier = ResponseVerifier::builder(ISSUER.parse().unwrap(), client.clone())
            .verifier(Arc::new(JwaVerifier))
            .issuer_keys(Arc::new(server.jwks()))
            .clock(Arc::new(FixedClock(NOW)))
            .build()
            .unwrap();
        let transaction = verifier.begin(&SystemRandom).unwrap();
        let outcome = success(&ResponseType::CODE);
        let response = round_trip((&server, &client), (&verifier, &transaction), outcome);
        assert_eq!(
            response.outcome().unwrap().code.as_deref(),
            Some("c0de"),
            "{alg}"
        );
    }
}
