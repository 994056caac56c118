//! Where there is no answer, there is no code either.

use host_testing::{Browser, Ending, Recorder};

use crate::support::{HostBrowser as _, VERIFIER, good, key, with};
use crate::token::redemption;

#[tokio::test]
async fn a_response_that_cannot_be_signed_is_a_local_page_and_its_code_is_worth_nothing() {
    for asked in ["query.jwt", "form_post.jwt", "jwt"] {
        let signer = Recorder::new(key(), Ending::Fails);
        let mut browser = Browser::in_front_of(signer.clone()).await;
        browser
            .decide(&good(asked), "approve")
            .await
            .stays_local(500);
        let codes = signer.codes();
        assert_eq!(
            codes.len(),
            1,
            "the code was issued before it could not be signed"
        );
        let refused = browser
            .post("/token", &redemption(&codes[0], VERIFIER))
            .await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn an_error_that_cannot_be_signed_is_a_local_page() {
    let mut browser = Browser::in_front_of(Recorder::new(key(), Ending::Fails)).await;
    browser.decide(&good("jwt"), "deny").await.stays_local(500);
    browser
        .authorize(&with(good("jwt"), "scope", "admin"))
        .await
        .stays_local(500);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_leaves_one_code() {
    let signer = Recorder::new(key(), Ending::Signs);
    let mut browser = Browser::in_front_of(signer.clone()).await;
    let consent = browser.authorize(&good("query.jwt")).await;
    let form = consent.consent_form("approve");
    let first = browser.post("/consent", &form).await;
    browser.post("/consent", &form).await.stays_local(400);

    let codes = signer.codes();
    assert_eq!(codes.len(), 2);
    let refused = browser
        .post("/token", &redemption(&codes[1], VERIFIER))
        .await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let sent = browser.read(&first).await;
    assert_eq!(sent.get("code"), codes[0]);
    let tokens = browser
        .post("/token", &redemption(&codes[0], VERIFIER))
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
}
