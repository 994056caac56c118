//! No octet of a response can be changed, signed or nested.

use std::sync::Arc;

use jarm::client::ResponseVerifier;
use jarm::jose::{ClientSecret, DecryptionKey, DecryptionKeyKind, JwaDecrypter, JwaVerifier};
use jarm::metadata::Client;
use jarm::response::{AuthorizationResponse, EncodedResponse};
use jarm::testing::FixedClock;
use jarm::{AuthorizationServer, JwsAlgorithm, RequestParameters};

use super::{in_query, transaction};
use crate::fixture::{ISSUER, NOW, SECRET, builder, client_with, respond, run};

fn response(server: &AuthorizationServer, client: &Client) -> String {
    let query = "response_type=code&response_mode=jwt&state=st";
    let encoded = respond(server, client, query, AuthorizationResponse::code("c0de"));
    let EncodedResponse::Redirect(redirect) = encoded.unwrap() else {
        panic!("a redirect")
    };
    let (_, query) = redirect.location().split_once('?').unwrap();
    let request = RequestParameters::from_urlencoded(query);
    request.single("response").unwrap().unwrap().to_owned()
}

/// What can stand in the place of an octet: its neighbours by bits, and what separates parts.
fn others(octet: u8) -> impl Iterator<Item = u8> {
    let flipped = (0..7).map(move |bit| octet ^ (1 << bit));
    flipped
        .chain(*b".A=\0 ")
        .filter(move |other| *other != octet)
}

fn check(client: &Client, key: Option<DecryptionKey>) {
    let server = builder("").build().unwrap();
    let mut verifier = ResponseVerifier::builder(ISSUER.parse().unwrap(), client.clone())
        .verifier(Arc::new(JwaVerifier))
        .decrypter(Arc::new(JwaDecrypter))
        .issuer_keys(Arc::new(server.jwks()))
        .clock(Arc::new(FixedClock(NOW)));
    if let Some(key) = key {
        verifier = verifier.decryption_key(Arc::new(key));
    }
    let verifier = verifier.build().unwrap();
    let good = response(&server, client);
    let is_good = |response: &[u8]| {
        let text = String::from_utf8_lossy(response);
        run(verifier.verify(&transaction(), &in_query(&text))).is_ok()
    };
    assert!(is_good(good.as_bytes()));
    for (at, octet) in good.bytes().enumerate() {
        let (before, after) = good.as_bytes().split_at(at);
        let (_, after) = after.split_first().unwrap();
        assert!(!is_good(&[before, after].concat()), "without octet {at}");
        assert!(!is_good(before), "cut off at {at}");
        for other in others(octet) {
            let changed = [before, &[other], after].concat();
            assert!(!is_good(&changed), "octet {at} of {good} as {other}");
        }
        let doubled = [before, &[octet, octet], after].concat();
        assert!(!is_good(&doubled), "octet {at} twice");
    }
}

fn registered(alg: Option<&str>, enc: &str) -> Client {
    client_with(|own| {
        own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256);
        if let Some(alg) = alg {
            own.authorization_encrypted_response_alg = Some(alg.parse().unwrap());
            own.authorization_encrypted_response_enc = Some(enc.parse().unwrap());
        }
    })
    .with_secret(ClientSecret::new(SECRET))
}

#[test]
fn no_octet_of_a_signed_response_can_be_changed() {
    check(&registered(None, ""), None);
}

#[test]
fn no_octet_of_a_response_under_the_secret_can_be_changed() {
    check(&registered(Some("dir"), "A128CBC-HS256"), None);
    check(&registered(Some("A256GCMKW"), "A256GCM"), None);
}

#[test]
fn no_octet_of_a_response_to_a_key_can_be_changed() {
    let key = DecryptionKey::generate(DecryptionKeyKind::X25519)
        .unwrap()
        .with_key_id("1");
    let client = registered(Some("ECDH-ES+A128KW"), "A128GCM");
    let mut metadata = client.metadata().clone();
    metadata.jwks = Some([key.public_jwk()].into_iter().collect());
    check(&client.with_metadata(metadata), Some(key));
}
