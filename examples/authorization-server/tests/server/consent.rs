//! What is remembered of a consent, and when it is not asked for again.

use crate::support::{Browser, CALLBACK, at_consent, encode, server, server_of};
use authorization_server::Approval;
use axum::http::header::LOCATION;

/// Clients whose names and scopes run into each other, and one on the user's device.
const CLIENTS: &str = r#"
[[client]]
client_id = "a"
client_secret = "a password"
redirect_uris = ["https://client.example/cb?keep=1", "https://client.example/cb?keep=1&other"]
response_types = ["code", "none"]

[[client]]
client_id = "a openid"
client_secret = "a password"
redirect_uris = ["https://client.example/cb?keep=1"]

[[client]]
client_id = "public"
redirect_uris = ["https://client.example/cb?keep=1"]

[[client]]
client_id = "native"
redirect_uris = [
    "http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost:4002/cb", "https://localhost/cb",
    "com.example.app:/cb",
]
"#;

fn request(client_id: &str, redirect_uri: &str, more: &str) -> String {
    format!(
        "/authorize?client_id={}&redirect_uri={}&code_challenge_method=S256\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&{more}",
        encode(client_id),
        encode(redirect_uri),
    )
}

/// Approves a request, after login where that is asked for.
async fn approve(browser: &mut Browser, request: &str) {
    let mut page = browser.get(request).await;
    if page.body.contains("name=\"username\"") {
        page = browser.log_in(&page).await;
    }
    let answer = browser.decide(&page, "approve").await;
    assert!(answer.header(LOCATION).contains("code="), "{}", answer.body);
}

/// Where the request takes a browser that must not show a page.
async fn silently(browser: &mut Browser, request: &str) -> String {
    let answer = browser.get(&format!("{request}&prompt=none")).await;
    answer.header(LOCATION).to_owned()
}

#[tokio::test]
async fn an_approval_that_is_not_answered_is_not_remembered() {
    let router = server(Approval::ByUser);
    let (mut browser, consent) = at_consent(&router, "response_type=code").await;
    let denied = browser.decide(&consent, "deny").await;
    assert_eq!(denied.parameter("error").as_deref(), Some("access_denied"));
    browser.decide(&consent, "approve").await.assert_local(400);
    let answer = browser.authorize("response_type=code&prompt=none").await;
    let error = answer.parameter("error");
    assert_eq!(error.as_deref(), Some("consent_required"));
}

#[tokio::test]
async fn a_consent_is_to_one_client_redirect_uri_response_type_and_scope() {
    let mut browser = Browser::new(&server_of(CLIENTS));
    let other = format!("{CALLBACK}&other");
    let approved = request("a openid", CALLBACK, "response_type=code&scope=profile");
    approve(&mut browser, &approved).await;
    let approved = request("a", CALLBACK, "response_type=code&scope=profile");
    approve(&mut browser, &approved).await;
    for not_approved in [
        request("a", CALLBACK, "response_type=code&scope=openid+profile"),
        request("a", &other, "response_type=code&scope=profile"),
        request("a", CALLBACK, "response_type=none&scope=profile"),
        request("a", CALLBACK, "response_type=code&scope=email"),
        request("public", CALLBACK, "response_type=code&scope=profile"),
    ] {
        let answer = silently(&mut browser, &not_approved).await;
        assert!(answer.contains("error=consent_required"), "{not_approved}");
    }
    assert!(silently(&mut browser, &approved).await.contains("&code="));
}

#[tokio::test]
async fn a_public_client_on_the_users_device_is_consented_to_each_time() {
    let mut browser = Browser::new(&server_of(CLIENTS));
    for redirect_uri in [
        "http://127.0.0.1:49152/cb",
        "http://[::1]/cb",
        "http://localhost:4002/cb",
        "https://localhost/cb",
        "com.example.app:/cb",
    ] {
        let native = request("native", redirect_uri, "response_type=code");
        approve(&mut browser, &native).await;
        let answer = silently(&mut browser, &native).await;
        assert!(answer.contains("error=consent_required"), "{answer}");
    }
    let public = request("public", CALLBACK, "response_type=code");
    approve(&mut browser, &public).await;
    assert!(silently(&mut browser, &public).await.contains("&code="));
}

#[tokio::test]
async fn the_consent_page_says_that_nobody_vouches_for_a_self_registered_client() {
    let router = server(Approval::ByUser);
    let warning = "the operator of this server has not verified it";
    let (mut browser, consent) = at_consent(&router, "response_type=code").await;
    assert!(!consent.body.contains(warning));
    let metadata = format!(r#"{{"redirect_uris":["{CALLBACK}"],"client_name":"Your bank"}}"#);
    let client = browser.post_json("/register", &metadata).await.json();
    let id = client["client_id"].as_str().unwrap();
    let page = browser
        .get(&request(id, CALLBACK, "response_type=code"))
        .await;
    assert!(page.body.contains("Your bank") && page.body.contains(warning));
}
