//! Login and consent, and what a ticket is worth in the wrong place.

use crate::support::{Browser, at_consent, claims, server, server_that_asks};
use authorization_server::Approval;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, X_FRAME_OPTIONS};

#[tokio::test]
async fn the_user_logs_in_and_approves() {
    let router = server(Approval::ByUser);
    let (mut browser, consent) = at_consent(&router, "response_type=code&scope=openid").await;
    assert!(consent.body.contains("The &lt;web&gt; client"));
    let answer = browser
        .submit(&consent, "/consent", ("decision", "approve"))
        .await;
    assert_eq!(answer.parameter("state").as_deref(), Some("canary-state"));
    let tokens = browser.exchange(&answer.parameter("code").unwrap()).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    assert_eq!(
        claims(tokens.json()["id_token"].as_str().unwrap())["sub"],
        "bob"
    );
}

#[tokio::test]
async fn a_denial_is_an_error_in_the_requested_mode() {
    let router = server(Approval::ByUser);
    let (mut browser, consent) = at_consent(&router, "response_type=code&response_mode=jwt").await;
    let answer = browser
        .submit(&consent, "/consent", ("decision", "deny"))
        .await;
    let claims = claims(&answer.parameter("response").unwrap());
    assert_eq!(
        (&claims["error"], &claims["state"]),
        (&"access_denied".into(), &"canary-state".into())
    );
}

#[tokio::test]
async fn the_consent_page_may_post_to_itself_and_the_client_alone() {
    let (_, consent) = at_consent(&server(Approval::ByUser), "response_type=code").await;
    let policy = consent.header(CONTENT_SECURITY_POLICY);
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(
        policy.ends_with("form-action 'self' https://client.example"),
        "{policy}"
    );
    assert_eq!(consent.header(X_FRAME_OPTIONS), "DENY");
    assert_eq!(consent.header(CACHE_CONTROL), "no-store");
}

#[tokio::test]
async fn a_ticket_is_used_once() {
    let router = server(Approval::ByUser);
    let (mut browser, consent) = at_consent(&router, "response_type=code").await;
    assert!(
        browser
            .submit(&consent, "/consent", ("decision", "approve"))
            .await
            .parameter("code")
            .is_some()
    );
    for decision in ["approve", "deny"] {
        browser
            .submit(&consent, "/consent", ("decision", decision))
            .await
            .assert_local(400);
    }
}

#[tokio::test]
async fn a_ticket_is_worth_nothing_in_another_session() {
    let router = server(Approval::ByUser);
    let (_, consent) = at_consent(&router, "response_type=code").await;
    let (mut thief, _) = at_consent(&router, "response_type=code").await;
    thief
        .submit(&consent, "/consent", ("decision", "approve"))
        .await
        .assert_local(400);
    let mut stranger = Browser::new(&router);
    stranger
        .submit(&consent, "/consent", ("decision", "approve"))
        .await
        .assert_local(400);
}

#[tokio::test]
async fn no_part_of_a_ticket_can_be_changed_or_exchanged() {
    let router = server(Approval::ByUser);
    let (mut browser, consent) = at_consent(&router, "response_type=code&scope=profile").await;
    let (client_id, pending) = (consent.input("client_id"), consent.input("pending"));
    let changed = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    // The last character may hold unused bits only; such a text is no base64url and refused, too.
    let mut forged: Vec<_> = (0..pending.len())
        .map(|at| (client_id.clone(), changed(&pending, at)))
        .collect();
    forged.extend((0..client_id.len()).map(|at| (changed(&client_id, at), pending.clone())));
    for (client_id, pending) in &forged {
        let form = [
            ("client_id", client_id.as_str()),
            ("pending", pending),
            ("decision", "approve"),
        ];
        browser.post("/consent", &form).await.assert_local(400);
    }
    assert!(
        browser
            .submit(&consent, "/consent", ("decision", "approve"))
            .await
            .parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn a_login_page_cannot_be_skipped() {
    let router = server(Approval::ByUser);
    let (mut browser, _) = at_consent(&router, "response_type=code").await;
    let login = browser.authorize("response_type=code&prompt=login").await;
    assert!(login.body.contains("name=\"username\""));
    browser
        .submit(&login, "/consent", ("decision", "approve"))
        .await
        .assert_local(400);
}

#[tokio::test]
async fn the_session_changes_its_id_at_login() {
    let router = server(Approval::ByUser);
    let mut browser = Browser::new(&router);
    let login = browser.authorize("response_type=code").await;
    let planted = browser.cookie.clone();
    browser.submit(&login, "/login", ("username", "bob")).await;
    assert_ne!(browser.cookie, planted);
    let mut attacker = Browser::new(&router);
    attacker.cookie = planted;
    let page = attacker.authorize("response_type=code").await;
    assert!(
        page.body.contains("name=\"username\""),
        "nobody is logged in there"
    );
}

#[tokio::test]
async fn prompt_none_never_shows_a_page() {
    for approval in [Approval::ByUser, Approval::Automatic] {
        let mut browser = Browser::new(&server(approval));
        let answer = browser.authorize("response_type=code&prompt=none").await;
        assert_eq!(answer.parameter("error").as_deref(), Some("login_required"));
        let answer = browser
            .authorize("response_type=code&prompt=none+login")
            .await;
        assert_eq!(
            answer.parameter("error").as_deref(),
            Some("invalid_request")
        );
    }
    let router = server(Approval::ByUser);
    let (mut browser, consent) = at_consent(&router, "response_type=code").await;
    let answer = browser.authorize("response_type=code&prompt=none").await;
    assert_eq!(
        answer.parameter("error").as_deref(),
        Some("consent_required")
    );
    browser
        .submit(&consent, "/consent", ("decision", "approve"))
        .await;
    let answer = browser.authorize("response_type=code&prompt=none").await;
    assert!(answer.parameter("code").is_some());
}

#[tokio::test]
async fn an_error_takes_nobody_to_a_self_registered_client_unasked() {
    let router = server_that_asks();
    let mut browser = Browser::new(&router);
    let metadata = r#"{"redirect_uris":["https://client.example/cb?keep=1"],"token_endpoint_auth_method":"none"}"#;
    let client = browser.post_json("/register", metadata).await.json();
    let id = client["client_id"].as_str().unwrap();
    let faulty = [
        ("response_mode=foo", "invalid_request"),
        ("scope=none", "invalid_scope"),
        ("response_type=token", "invalid_request"),
    ];
    for (more, error) in faulty {
        let request = format!("/authorize?client_id={id}&response_type=code&state=a%0Ab&{more}");
        let page = browser.get(&request).await;
        assert_eq!(
            (page.status, page.header(LOCATION)),
            (StatusCode::BAD_REQUEST, "")
        );
        let sealed = page.input("request");
        Browser::new(&router)
            .post("/continue", &[("request", &sealed)])
            .await
            .assert_local(400);
        let answer = browser.post("/continue", &[("request", &sealed)]).await;
        assert_eq!(answer.parameter("error").as_deref(), Some(error));
        assert_eq!(answer.parameter("state").as_deref(), Some("a\nb"));
        let silent = browser.get(&format!("{request}&prompt=none")).await;
        assert_eq!(silent.parameter("error").as_deref(), Some(error));
    }
    // The operator vouches for the clients of the file.
    let answer = browser
        .authorize("response_type=code&response_mode=foo")
        .await;
    assert_eq!(
        answer.parameter("error").as_deref(),
        Some("invalid_request")
    );
}
