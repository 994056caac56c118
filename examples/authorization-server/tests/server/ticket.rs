//! What waits in the browser: how large it may be, and what it is worth when it comes back.

use crate::support::{Browser, CALLBACK, CLIENTS, at_consent, server, server_of, server_that_asks};
use authorization_server::Approval;

#[tokio::test]
async fn a_request_that_is_let_in_can_be_gone_on_with() {
    let router = server(Approval::ByUser);
    // Control characters take most room in the JSON that is sealed.
    for (name, character, length) in [("state", "s", 65_000), ("nonce", "\u{1}", 65_000)] {
        let mut browser = Browser::new(&router);
        let value = character.repeat(length);
        let request = format!("client_id=web&response_type=code&{name}={value}");
        let login = browser.post_encoded("/authorize", request).await;
        let consent = browser.log_in(&login).await;
        let answer = browser.decide(&consent, "approve").await;
        assert!(answer.parameter("code").is_some());
    }
    let request = format!(
        "client_id=web&response_type=code&state={}",
        "s".repeat(65_536)
    );
    let mut browser = Browser::new(&router);
    browser
        .post_encoded("/authorize", request)
        .await
        .assert_local(413);
}

#[tokio::test]
async fn a_faulty_request_that_is_let_in_can_be_gone_on_with() {
    let mut browser = Browser::new(&server_that_asks());
    let metadata = format!(r#"{{"redirect_uris":["{CALLBACK}"]}}"#);
    let client = browser.post_json("/register", &metadata).await.json();
    let id = client["client_id"].as_str().unwrap();
    // Many short pairs take most room in the JSON that is sealed.
    let pairs = "\u{1}&".repeat(32_000);
    let request = format!("client_id={id}&response_type=code&response_mode=foo&{pairs}");
    let page = browser.post_encoded("/authorize", request).await;
    let sealed = page.input("request");
    let answer = browser.post("/continue", &[("request", &sealed)]).await;
    let error = answer.parameter("error");
    assert_eq!(error.as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn an_address_that_is_not_registered_any_more_gets_nothing() {
    let (mut browser, consent) = at_consent(&server(Approval::ByUser), "response_type=code").await;
    let login = browser.authorize("response_type=code&prompt=login").await;
    let moved = CLIENTS.replace("https://client.example/cb", "https://client.example/new");
    // The same keys, another configuration file.
    let mut later = Browser::new(&server_of(&moved));
    later.cookie.clone_from(&browser.cookie);
    let page = later.submit(&login, "/login", ("username", "bob")).await;
    page.assert_local(400);
    assert!(page.body.contains("not registered"), "{}", page.body);
    let page = later.decide(&consent, "approve").await;
    assert!(page.body.contains("not registered"), "{}", page.body);
    let mut unchanged = Browser::new(&server_of(CLIENTS));
    unchanged.cookie = browser.cookie;
    unchanged.log_in(&login).await;
}
