//! What is kept between request and response.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::client::Transaction;
use jarm::jose::SystemRandom;
use jarm::{ClientId, ResponseMode, ResponseType};
use sha2::{Digest as _, Sha256};

use super::{transaction, verifier};
use crate::fixture::ISSUER;

fn fresh() -> Transaction {
    verifier().begin(&SystemRandom).unwrap()
}

#[test]
fn a_transaction_is_a_value_that_can_be_stored() {
    let begun = fresh().response_mode(ResponseMode::FORM_POST_JWT);
    let stored = serde_json::to_string(&begun).unwrap();
    assert_eq!(serde_json::from_str::<Transaction>(&stored).unwrap(), begun);
    let shown = format!("{begun:?}");
    for secret in [begun.state(), begun.nonce(), begun.code_verifier()] {
        assert!(stored.contains(secret) && !shown.contains(secret));
    }
}

#[test]
fn nothing_in_a_transaction_can_be_guessed() {
    let (one, two) = (fresh(), fresh());
    let secrets =
        |own: &Transaction| [own.state(), own.nonce(), own.code_verifier()].map(str::to_owned);
    let mut all = [secrets(&one), secrets(&two)].concat();
    assert!(all.iter().all(|own| own.len() == 43), "256 bits each");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 6);
}

#[test]
fn nothing_in_the_request_tells_the_name_under_which_a_transaction_is_kept() {
    let (one, two) = (fresh(), fresh());
    assert_eq!(one.id().len(), 43, "256 bits");
    assert_eq!(one.id(), one.clone().id());
    assert_ne!(one.id(), two.id());
    let url = one.authorization_url("https://as.example/authorize", []);
    assert!(!url.contains(&one.id()), "{url}");
    for secret in [one.state(), one.nonce(), one.code_verifier()] {
        assert_ne!(one.id(), secret);
    }
}

#[test]
fn the_request_asks_with_pkce_for_what_the_response_is_held_to() {
    let names = |own: &Transaction| -> Vec<_> {
        own.authorization_request()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    let begun = transaction();
    let request = begun.authorization_request();
    let value = |name| {
        let own = request.iter().find(|(own, _)| *own == name);
        own.unwrap().1.as_str()
    };
    assert_eq!(
        (value("client_id"), value("response_type")),
        ("cid", "code")
    );
    assert_eq!((value("response_mode"), value("state")), ("jwt", "st"));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.code_verifier()));
    assert_eq!(value("code_challenge"), challenge);
    assert_eq!(value("code_challenge_method"), "S256");
    assert_eq!(value("nonce"), begun.nonce());
    let implicit = begun
        .response_type(ResponseType::ID_TOKEN)
        .without_response_mode();
    assert_eq!(
        names(&implicit),
        ["client_id", "response_type", "state", "nonce"]
    );
}

#[test]
fn a_transaction_is_of_one_issuer_and_client() {
    let begun = fresh();
    assert_eq!(begun.issuer().as_str(), ISSUER);
    assert_eq!(begun.client_id(), &ClientId::try_new("cid").unwrap());
}
