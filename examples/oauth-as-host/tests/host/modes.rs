//! Success and error arrive in the mode that was asked for.

use host_testing::{Browser, urlencoded};

use crate::answer::Answer;
use crate::support::{HostBrowser as _, ISSUER, good, host, key, with};

/// What is asked for, and what that is.
const MODES: [(&str, &str); 4] = [
    ("query", "query"),
    ("query.jwt", "query.jwt"),
    ("form_post.jwt", "form_post.jwt"),
    ("jwt", "query.jwt"),
];

#[track_caller]
fn is_error(answer: &Answer, response_mode: &str, error: &str) {
    assert_eq!(answer.response_mode, response_mode);
    assert_eq!(answer.get("error"), error, "{answer:?}");
    assert_eq!(answer.get("state"), "a+b c&d");
    assert_eq!(answer.get("iss"), ISSUER);
    assert_eq!(answer.get("code"), "");
}

#[tokio::test]
async fn a_granted_request_is_answered_in_the_mode_asked_for() {
    let mut browser = Browser::new().await;
    for (asked, arrives) in MODES {
        let page = browser.decide(&good(asked), "approve").await;
        let answer = browser.read(&page).await;
        assert_eq!(answer.response_mode, arrives);
        assert_eq!(answer.names(), ["code", "iss", "state"], "{asked}");
        assert_eq!(answer.get("state"), "a+b c&d");
        assert_eq!(answer.get("iss"), ISSUER);
        assert!(!answer.get("code").is_empty());
    }
}

#[tokio::test]
async fn a_request_without_a_mode_is_answered_in_the_query() {
    let mut browser = Browser::new().await;
    let page = browser
        .decide(&with(good("query"), "response_mode", ""), "approve")
        .await;
    assert_eq!(browser.read(&page).await.response_mode, "query");
}

#[tokio::test]
async fn a_denial_is_answered_in_the_mode_asked_for() {
    let mut browser = Browser::new().await;
    for (asked, arrives) in MODES {
        let page = browser.decide(&good(asked), "deny").await;
        is_error(&browser.read(&page).await, arrives, "access_denied");
    }
}

#[tokio::test]
async fn what_oauth_as_refuses_is_answered_in_the_mode_asked_for() {
    let mut browser = Browser::new().await;
    for (asked, arrives) in MODES {
        for (name, value, error) in [
            ("code_challenge", "", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("scope", "admin", "invalid_scope"),
            ("resource", "not a URI", "invalid_target"),
            (
                "authorization_details",
                "[]",
                "invalid_authorization_details",
            ),
        ] {
            let answer = browser.answer(&with(good(asked), name, value)).await;
            is_error(&answer, arrives, error);
            assert!(
                !answer.get("error_description").is_empty(),
                "{asked} {name}"
            );
        }
    }
}

#[tokio::test]
async fn an_unsupported_response_type_is_answered_in_the_mode_asked_for() {
    let mut browser = Browser::new().await;
    for (asked, arrives) in MODES {
        let answer = browser
            .answer(&with(good(asked), "response_type", "none"))
            .await;
        is_error(&answer, arrives, "unsupported_response_type");
    }
}

#[tokio::test]
async fn a_duplicate_parameter_is_answered_in_the_mode_asked_for() {
    let mut browser = Browser::new().await;
    for (asked, arrives) in MODES {
        for (name, value) in [
            ("scope", "read"),
            ("code_challenge", "x"),
            ("response_type", "code"),
        ] {
            let mut request = good(asked);
            request.push((name, value));
            is_error(&browser.answer(&request).await, arrives, "invalid_request");
        }
    }
}

#[tokio::test]
async fn a_mode_that_is_not_in_force_is_an_error_in_the_default_mode() {
    let mut browser = Browser::new().await;
    for asked in ["fragment", "form_post", "foo"] {
        is_error(
            &browser.answer(&good(asked)).await,
            "query",
            "invalid_request",
        );
    }
    for asked in ["fragment.jwt", "foo.jwt"] {
        is_error(
            &browser.answer(&good(asked)).await,
            "query.jwt",
            "invalid_request",
        );
    }
}

#[tokio::test]
async fn the_request_may_be_posted() {
    let mut browser = Browser::new().await;
    let page = browser
        .post("/authorize", &with(good("form_post.jwt"), "scope", "admin"))
        .await;
    is_error(&browser.read(&page).await, "form_post.jwt", "invalid_scope");
}

#[tokio::test]
async fn an_empty_parameter_counts_as_absent_for_both_libraries() {
    let mut browser = Browser::new().await;
    let request = with(with(good("jwt"), "state", ""), "redirect_uri", "");
    let query = urlencoded(&with(request, "scope", "")) + "&state=&redirect_uri=&scope=";
    let consent = browser.get(&format!("/authorize?{query}")).await;
    assert!(
        consent.body.contains("<strong>read</strong>"),
        "the default scope"
    );
    let form = consent.consent_form("approve");
    let page = browser.post("/consent", &form).await;
    assert_eq!(browser.read(&page).await.names(), ["code", "iss"]);
}

#[tokio::test]
async fn both_libraries_name_the_same_issuer() {
    let mut browser = Browser::of(host("https://as.example/", key()).await);
    let document = browser
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    let page = browser.decide(&good("query.jwt"), "deny").await;
    assert_eq!(browser.read(&page).await.get("iss"), document["issuer"]);
}

#[tokio::test]
async fn a_native_application_is_answered_at_the_port_it_listens_on() {
    let mut browser = Browser::new().await;
    let request = with(good("query.jwt"), "client_id", "native-app");
    let request = with(request, "redirect_uri", "http://127.0.0.1:49152/callback");
    let page = browser.decide(&request, "approve").await;
    let location = page.location().unwrap();
    assert!(
        location.starts_with("http://127.0.0.1:49152/callback?response="),
        "{location}"
    );
}
