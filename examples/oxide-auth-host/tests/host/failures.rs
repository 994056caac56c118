//! Where there is no answer, there is no code either.

use std::time::Duration;

use host_testing::{Ending, Recorder};

use crate::client::Client;
use crate::support::{Browser, HostBrowser as _, key, redeems_nothing, with};

#[tokio::test]
async fn a_response_that_cannot_be_signed_is_a_local_page_and_its_code_is_worth_nothing() {
    for asked in ["query.jwt", "fragment.jwt", "form_post.jwt", "jwt"] {
        let signer = Recorder::new(key(), Ending::Fails);
        let mut browser = Browser::in_front_of(signer.clone());
        let client = Client::asking_for(Some(asked), &mut browser).await;
        let page = browser.decide(&client.request(), "allow").await;
        page.stays_local(500);
        let codes = signer.codes();
        assert_eq!(
            codes.len(),
            1,
            "it was issued before it could not be signed"
        );
        assert!(!page.body.contains(&codes[0]));
        let refused = browser.redeem(&codes[0], client.code_verifier()).await;
        redeems_nothing(&refused);
    }
}

#[tokio::test]
async fn an_error_that_cannot_be_signed_is_a_local_page() {
    let mut browser = Browser::in_front_of(Recorder::new(key(), Ending::Fails));
    let client = Client::asking_for(Some("jwt"), &mut browser).await;
    let denied = browser.decide(&client.request(), "deny").await;
    denied.stays_local(500);
    let refused = with(client.request(), "code_challenge", None);
    browser.authorize(&refused).await.stays_local(500);
}

#[tokio::test]
async fn the_code_of_a_browser_that_goes_away_is_worth_nothing() {
    let signer = Recorder::new(key(), Ending::Hangs);
    let mut browser = Browser::in_front_of(signer.clone());
    let client = Client::asking_for(Some("jwt"), &mut browser).await;
    let request = client.request();
    let decided = browser.decide(&request, "allow");
    let cut_off = tokio::time::timeout(Duration::from_millis(200), decided).await;
    assert!(cut_off.is_err());
    let codes = signer.codes();
    assert_eq!(codes.len(), 1);
    // No lock is held by what was cut off, either.
    let refused = browser.redeem(&codes[0], client.code_verifier()).await;
    redeems_nothing(&refused);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_leaves_one_code() {
    let signer = Recorder::new(key(), Ending::Signs);
    let mut browser = Browser::in_front_of(signer.clone());
    let client = Client::asking_for(Some("jwt"), &mut browser).await;
    let form = browser
        .authorize(&client.request())
        .await
        .consent_form("allow");
    let first = browser.post("/authorize", &form).await;
    let second = browser.post("/authorize", &form).await;
    second.stays_local(400);
    for code in signer.codes().iter().skip(1) {
        let refused = browser.redeem(code, client.code_verifier()).await;
        redeems_nothing(&refused);
    }
    let code = client.code(&first).await;
    let tokens = browser.redeem(&code, client.code_verifier()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
}
