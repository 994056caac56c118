//! Pushed requests: refused where they are pushed, answered as they were pushed, once.

use authorization_server::Approval;
use axum::http::StatusCode;
use axum::http::header::{ALLOW, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::support::{Browser, CLIENTS, Page, claims, encode, server, server_of};

/// The handle of a request that was accepted.
fn handle(pushed: &Page) -> String {
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    pushed.text("request_uri")
}

async fn authorize(browser: &mut Browser, handle: &str, more: &str) -> Page {
    let url = format!(
        "/authorize?client_id=web&request_uri={}&{more}",
        encode(handle)
    );
    browser.get(&url).await
}

fn assert_refused(page: &Page, error: &str) {
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    assert_eq!(page.text("error"), error, "{}", page.body);
    assert_eq!(page.header(CACHE_CONTROL), "no-store");
}

#[tokio::test]
async fn a_pushed_request_is_answered_in_its_mode_after_login_and_consent() {
    let mut browser = Browser::new(&server(Approval::ByUser));
    let pushed = browser
        .push("response_type=code&response_mode=form_post.jwt")
        .await;
    assert_eq!(pushed.header(CACHE_CONTROL), "no-store");
    assert_eq!(pushed.json()["expires_in"], 60);
    let more = "response_mode=query&state=front&redirect_uri=https%3A%2F%2Fevil.example";
    let login = authorize(&mut browser, &handle(&pushed), more).await;
    let consent = browser.log_in(&login).await;
    let answer = browser.decide(&consent, "approve").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let claims = claims(&answer.input("response"));
    assert_eq!(claims["state"], "canary-state");
    let tokens = browser.exchange(claims["code"].as_str().unwrap()).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
}

#[tokio::test]
async fn its_page_may_be_loaded_twice_and_is_answered_once() {
    for decision in ["approve", "deny"] {
        let mut browser = Browser::new(&server(Approval::ByUser));
        let handle = handle(&browser.push("response_type=code&response_mode=jwt").await);
        authorize(&mut browser, &handle, "").await;
        let login = authorize(&mut browser, &handle, "").await;
        let consent = browser.log_in(&login).await;
        let second = authorize(&mut browser, &handle, "").await;
        let answer = browser.decide(&consent, decision).await;
        assert!(answer.parameter("response").is_some());
        authorize(&mut browser, &handle, "").await.assert_local(400);
        browser.decide(&second, "approve").await.assert_local(400);
    }
}

#[tokio::test]
async fn what_would_be_refused_is_refused_when_it_is_pushed() {
    let mut browser = Browser::new(&server(Approval::Automatic));
    for (more, error) in [
        ("scope=openid", "invalid_request"), // no response_type
        ("response_type=foo", "unsupported_response_type"),
        (
            "response_type=token&response_mode=query.jwt",
            "invalid_request",
        ),
        ("response_type=code&response_mode=foo", "invalid_request"),
        (
            "response_type=code&response_mode=jwt&response_mode=jwt",
            "invalid_request",
        ),
        ("response_type=code&state=again", "invalid_request"),
        ("response_type=code&scope=none", "invalid_scope"),
        ("response_type=id_token&scope=openid", "invalid_request"), // no nonce
        ("response_type=code&code_challenge=x", "invalid_request"),
        (
            "response_type=code&redirect_uri=https%3A%2F%2Fevil.example",
            "invalid_request",
        ),
        ("response_type=code&request=x", "invalid_request_object"),
        (
            "request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax",
            "invalid_request_uri",
        ),
        (
            "request_uri=https%3A%2F%2Fclient.example",
            "request_uri_not_supported",
        ),
        (
            "response_type=code&registration=x",
            "registration_not_supported",
        ),
    ] {
        assert_refused(&browser.push(more).await, error);
    }
    let handle = handle(&browser.push("response_type=code").await);
    let again = format!("request_uri={}", encode(&handle));
    assert_refused(&browser.push(&again).await, "invalid_request");
}

#[tokio::test]
async fn a_public_client_pushes_with_its_name_alone_and_needs_pkce() {
    let public = "[[client]]\nclient_id = \"app\"\nredirect_uris = [\"https://app.example/cb\"]";
    let mut browser = Browser::new(&server_of(public));
    let mut push = async |more: &str| {
        let body = format!("client_id=app&response_type=code{more}");
        browser.post_encoded("/par", body).await
    };
    assert_refused(&push("").await, "invalid_request");
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let pushed = push(&format!(
        "&code_challenge={challenge}&code_challenge_method=S256"
    ))
    .await;
    handle(&pushed);
}

#[tokio::test]
async fn who_is_not_authenticated_pushes_nothing() {
    let mut browser = Browser::new(&server(Approval::Automatic));
    for body in [
        "client_id=web&response_type=code",
        "client_id=web&client_secret=wrong&response_type=code",
        "client_id=nobody&response_type=code",
        "response_type=code",
    ] {
        let page = browser.post_encoded("/par", body.to_owned()).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{body}");
        assert_eq!(page.json()["error"], "invalid_client");
        assert!(page.headers.contains_key(WWW_AUTHENTICATE));
        assert_eq!(page.header(CACHE_CONTROL), "no-store");
    }
}

#[tokio::test]
async fn requests_are_posted_as_a_form_and_not_too_long() {
    let mut browser = Browser::new(&server(Approval::Automatic));
    let page = browser.get("/par?client_id=web&response_type=code").await;
    assert_eq!(
        (page.status, page.header(ALLOW)),
        (StatusCode::METHOD_NOT_ALLOWED, "POST")
    );
    let page = browser.post_json("/par", "{}").await;
    assert_eq!(page.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let page = browser.push(&format!("x={}", "x".repeat(65_536))).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_client_that_pushes_too_much_is_told_when_to_try_again_and_others_push_on() {
    let mut browser = Browser::new(&server(Approval::Automatic));
    let body = "client_id=other&response_type=code&code_challenge_method=S256\
        &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let others = browser.post_encoded("/par", body.to_owned()).await;
    let first = handle(&browser.push("response_type=code").await);
    let long = format!("response_type=code&x={}", "x".repeat(65_000));
    let mut pushed = 0;
    let refused = loop {
        let page = browser.push(&long).await;
        if page.status != StatusCode::CREATED {
            break page;
        }
        pushed += 1;
    };
    assert!((125..=129).contains(&pushed), "{pushed} in 8 MiB");
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.text("error"), "temporarily_unavailable");
    assert_eq!(refused.header(CACHE_CONTROL), "no-store");
    let seconds: u64 = refused.header(RETRY_AFTER).parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    handle(&others);
    handle(&browser.post_encoded("/par", body.to_owned()).await);
    let answer = authorize(&mut browser, &first, "").await;
    assert!(answer.parameter("code").is_some());
}

#[tokio::test]
async fn a_handle_that_does_not_count_is_a_local_page() {
    let mut browser = Browser::new(&server(Approval::Automatic));
    let own = handle(&browser.push("response_type=code").await);
    let url = format!("/authorize?client_id=other&request_uri={}", encode(&own));
    browser.get(&url).await.assert_local(400);
    let unknown = "urn:ietf:params:oauth:request_uri:canary";
    for uri in [unknown, "https://client.example/canary", "canary"] {
        let page = authorize(&mut browser, uri, "response_type=code").await;
        page.assert_local(400);
    }
    let page = authorize(&mut browser, &own, "request=canary").await;
    page.assert_local(400);
    let answer = authorize(&mut browser, &own, "").await;
    assert!(answer.parameter("code").is_some());
    authorize(&mut browser, &own, "").await.assert_local(400);
}

#[tokio::test]
async fn pushing_can_be_required() {
    let file = format!("require_pushed_requests = true\n{CLIENTS}");
    let mut browser = Browser::new(&server_of(&file));
    let metadata = browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(metadata["require_pushed_authorization_requests"], true);
    let answer = browser
        .authorize("response_type=code&response_mode=jwt")
        .await;
    let claims = claims(&answer.parameter("response").unwrap());
    assert_eq!(claims["error"], "invalid_request");
    let handle = handle(&browser.push("response_type=code").await);
    let login = authorize(&mut browser, &handle, "").await;
    browser.log_in(&login).await;
}

#[tokio::test]
async fn discovery_names_the_endpoint() {
    let mut browser = Browser::new(&server(Approval::Automatic));
    let metadata = browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    let endpoint = &metadata["pushed_authorization_request_endpoint"];
    assert_eq!(endpoint, "http://127.0.0.1:4000/par");
    assert!(
        metadata
            .get("require_pushed_authorization_requests")
            .is_none()
    );
}
