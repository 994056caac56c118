//! Codes that came through a response mode are codes like any other.

use host_testing::Browser;

use crate::support::{CLIENT_ID, HostBrowser as _, REDIRECT_URI, VERIFIER, good, with};

pub(crate) fn redemption<'a>(code: &'a str, verifier: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", verifier),
    ]
}

#[tokio::test]
async fn a_code_is_redeemed_once_in_every_mode() {
    let mut browser = Browser::new().await;
    for asked in ["query", "query.jwt", "form_post.jwt", "jwt"] {
        let page = browser.decide(&good(asked), "approve").await;
        let answer = browser.read(&page).await;
        let redemption = redemption(answer.get("code"), VERIFIER);
        let tokens = browser.post("/token", &redemption).await;
        assert_eq!(tokens.status, 200, "{asked}: {}", tokens.body);
        assert_eq!(tokens.headers["cache-control"], "no-store");
        assert_eq!(tokens.json()["scope"], "read write");
        let again = browser.post("/token", &redemption).await;
        assert_eq!(again.status, 400);
        assert_eq!(again.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn a_code_is_not_redeemed_without_its_verifier() {
    let mut browser = Browser::new().await;
    let page = browser.decide(&good("query.jwt"), "approve").await;
    let answer = browser.read(&page).await;
    let wrong = "wrong-verifier-wrong-verifier-wrong-verifier-wrong";
    let refused = browser
        .post("/token", &redemption(answer.get("code"), wrong))
        .await;
    assert_eq!(refused.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_token_request_with_a_duplicate_or_another_grant_is_refused() {
    let mut browser = Browser::new().await;
    let mut twice = redemption("c", VERIFIER).to_vec();
    twice.push(("code", "d"));
    let refused = browser.post("/token", &twice).await;
    assert_eq!(refused.json()["error"], "invalid_request");
    let other = with(
        redemption("c", VERIFIER).to_vec(),
        "grant_type",
        "client_credentials",
    );
    let refused = browser.post("/token", &other).await;
    assert_eq!(refused.json()["error"], "unsupported_grant_type");
}
