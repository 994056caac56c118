//! Codes for tokens, tokens for the resource: both bound to a key.

use std::time::{Duration, UNIX_EPOCH};

use oauth_as::store::Storage as _;

use crate::client::{Client, now};
use crate::support::Setup;

/// A code, and the host that issued it.
async fn granted() -> (Setup, String) {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    let consent = setup.get(&path).await;
    let answered = setup.decide(&consent, "approve").await;
    let code = setup.read(&answered).await["code"].clone();
    (setup, code.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_code_is_redeemed_once_for_a_token_that_gets_at_the_resource() {
    let (mut setup, code) = granted().await;
    let redemption = setup.client.redemption(&code).await;
    let tokens = setup.prove("/token", &redemption).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let tokens = tokens.json();
    assert_eq!(tokens["token_type"], "DPoP");
    assert_eq!(tokens["refresh_token"], serde_json::Value::Null);
    let token = tokens["access_token"].as_str().unwrap();

    let proof = setup.client.proof("GET", "/resource", Some(token)).await;
    let called = setup.call(token, &proof).await;
    assert_eq!(called.json()["sub"], "alice");

    // The proof counts once, for this token, this URL and this key.
    let other = Client::new("client");
    for proof in [
        proof,
        setup.client.proof("GET", "/resource", None).await,
        setup.client.proof("GET", "/resource", Some("other")).await,
        setup.client.proof("GET", "/token", Some(token)).await,
        setup.client.proof("POST", "/resource", Some(token)).await,
        other.proof("GET", "/resource", Some(token)).await,
    ] {
        let refused = setup.call(token, &proof).await;
        assert_eq!(refused.status, 401);
        let challenge = refused.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("DPoP algs=\"ES256 EdDSA PS256\""));
    }

    let redemption = setup.client.redemption(&code).await;
    setup
        .prove("/token", &redemption)
        .await
        .is_json_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_a_proof_or_to_another_client() {
    let (mut setup, code) = granted().await;
    let redemption = setup.client.redemption(&code).await;
    setup
        .post("/token", &redemption)
        .await
        .is_json_error(400, "invalid_dpop_proof");
    let theirs = setup.other.redemption(&code).await;
    setup
        .prove("/token", &theirs)
        .await
        .is_json_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_the_key_that_was_proven_when_its_request_was_pushed() {
    let mut setup = Setup::new().await;
    let form = setup.client.pushed(setup.client.request()).await;
    let pushed = setup.prove("/par", &form).await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let path = setup.path_of(&pushed);
    let consent = setup.get(&path).await;
    let answered = setup.decide(&consent, "approve").await;
    let code = setup.read(&answered).await["code"].clone();
    let code = code.as_str().unwrap();

    let redemption = setup.client.redemption(code).await;
    setup.client.dpop = Client::new("another").dpop;
    let refused = setup.prove("/token", &redemption).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[tokio::test]
async fn a_code_lives_for_a_minute_at_most() {
    let (setup, code) = granted().await;
    let stored = setup.host.store().take_authorization_code(&code).await;
    let expires_at = stored.unwrap().unwrap().expires_at;
    let a_minute_on = UNIX_EPOCH + Duration::from_secs(now() + 61);
    assert!(expires_at < a_minute_on, "{expires_at:?}");
}
