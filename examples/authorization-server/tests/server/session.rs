//! Who is logged in, and since when.

use crate::support::{Browser, at_consent, server};
use authorization_server::Approval;

#[tokio::test]
async fn a_new_login_ends_the_old_session() {
    let router = server(Approval::ByUser);
    let (mut browser, _) = at_consent(&router, "response_type=code").await;
    let mut old = browser.clone();
    let login = browser.authorize("response_type=code&prompt=login").await;
    browser.log_in(&login).await;
    let page = old.authorize("response_type=code").await;
    assert!(page.body.contains("name=\"username\""), "{}", page.body);
    let page = browser.authorize("response_type=code").await;
    assert!(page.body.contains("value=\"approve\""), "{}", page.body);
}

#[tokio::test]
async fn max_age_is_a_number_of_seconds() {
    let mut browser = Browser::new(&server(Approval::ByUser));
    for wrong in ["-1", "%2B1", "+1", "1.5", "x", "1+"] {
        let request = format!("response_type=code&max_age={wrong}");
        let answer = browser.authorize(&request).await;
        let error = answer.parameter("error");
        assert_eq!(error.as_deref(), Some("invalid_request"), "{wrong}");
    }
}

#[tokio::test]
async fn a_login_older_than_max_age_is_none() {
    let router = server(Approval::ByUser);
    let (mut browser, consent) = at_consent(&router, "response_type=code").await;
    browser.decide(&consent, "approve").await;
    for long in ["3600", "99999999999999999999"] {
        let request = format!("response_type=code&prompt=none&max_age={long}");
        let answer = browser.authorize(&request).await;
        assert!(answer.parameter("code").is_some());
    }
    let request = "response_type=code&max_age=0";
    let answer = browser.authorize(&format!("{request}&prompt=none")).await;
    let error = answer.parameter("error");
    assert_eq!(error.as_deref(), Some("login_required"));
    // With pages, the user logs in again and goes on.
    let login = browser.authorize(request).await;
    let consent = browser.log_in(&login).await;
    let answer = browser.decide(&consent, "approve").await;
    assert!(answer.parameter("code").is_some());
}

#[tokio::test]
async fn an_id_token_hint_cannot_be_confirmed_silently() {
    let router = server(Approval::ByUser);
    let request = "response_type=code&id_token_hint=e30.e30.x";
    let (mut browser, consent) = at_consent(&router, request).await;
    let answer = browser.decide(&consent, "approve").await;
    assert!(answer.parameter("code").is_some());
    let answer = browser.authorize(&format!("{request}&prompt=none")).await;
    let error = answer.parameter("error");
    assert_eq!(error.as_deref(), Some("login_required"));
}
