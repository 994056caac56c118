//! What a code is worth at the token endpoint.

use crate::support::{Browser, Page, server};
use authorization_server::Approval;
use axum::http::StatusCode;

/// A browser and the code that it took to the client `web`.
async fn with_code() -> (Browser, String) {
    let mut browser = Browser::new(&server(Approval::Automatic));
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let request =
        format!("response_type=code&code_challenge={challenge}&code_challenge_method=S256");
    let code = browser.authorize(&request).await.parameter("code").unwrap();
    (browser, code)
}

/// The client `web` comes with the right verifier, and with what is changed or added.
async fn exchange(browser: &mut Browser, code: &str, changed: (&str, &str)) -> Page {
    let secret = "0123456789abcdef".repeat(4);
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", "web"),
        ("client_secret", &secret),
        (
            "code_verifier",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
    ];
    form.retain(|(name, _)| *name != changed.0);
    form.push(changed);
    browser.post("/token", &form).await
}

const AS_IT_SHOULD_BE: (&str, &str) = ("grant_type", "authorization_code");

fn assert_refused(page: &Page) {
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    assert_eq!(page.json().get("error"), Some(&"invalid_grant".into()));
}

#[tokio::test]
async fn another_client_gets_nothing_for_a_code_and_does_not_spoil_it() {
    let (mut browser, code) = with_code().await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("client_id", "other"),
        (
            "code_verifier",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
    ];
    assert_refused(&browser.post("/token", &form).await);
    let own = exchange(&mut browser, &code, AS_IT_SHOULD_BE).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.body);
    assert_refused(&exchange(&mut browser, &code, AS_IT_SHOULD_BE).await);
}

#[tokio::test]
async fn its_own_client_uses_a_code_up_by_a_wrong_attempt() {
    for wrong in [
        ("redirect_uri", "https://client.example/other"),
        ("code_verifier", "guessed"),
        ("code_verifier", ""),
    ] {
        let (mut browser, code) = with_code().await;
        assert_refused(&exchange(&mut browser, &code, wrong).await);
        assert_refused(&exchange(&mut browser, &code, AS_IT_SHOULD_BE).await);
    }
}
