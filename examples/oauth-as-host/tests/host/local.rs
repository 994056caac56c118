//! What the user alone is told.

use axum::http::header::{HOST, ORIGIN};
use host_testing::Browser;

use crate::support::{HostBrowser as _, REDIRECT_URI, good, with};

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_stays_local() {
    let mut browser = Browser::new().await;
    for (name, value) in [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", "https://app.example/callback"),
        ("redirect_uri", "https://evil.example/callback?tenant=7"),
    ] {
        for asked in ["query", "query.jwt", "form_post.jwt", "jwt", "foo"] {
            browser
                .authorize(&with(good(asked), name, value))
                .await
                .stays_local(400);
        }
    }
}

#[tokio::test]
async fn a_duplicate_client_or_redirect_uri_stays_local() {
    let mut browser = Browser::new().await;
    for (name, value) in [
        ("client_id", "web-app"),
        ("client_id", "native-app"),
        ("client_id", ""),
        ("redirect_uri", REDIRECT_URI),
        ("redirect_uri", "https://evil.example/"),
    ] {
        let mut request = good("query.jwt");
        request.push((name, value));
        browser.authorize(&request).await.stays_local(400);
        request.rotate_right(1);
        browser.authorize(&request).await.stays_local(400);
    }
}

#[tokio::test]
async fn the_consent_form_works_as_it_was_shown_only() {
    let mut browser = Browser::new().await;
    let shown = with(good("query.jwt"), "scope", "read");
    let consent = browser.authorize(&shown).await;
    let approved = consent.consent_form("approve");
    for (name, value) in [
        ("client_id", "native-app"),
        ("client_id", "nobody"),
        ("client_id", ""),
        ("pending", ""),
        ("pending", "AQ"),
    ] {
        let mut changed = approved.clone();
        let input = changed.iter_mut().find(|(own, _)| own == name).unwrap();
        value.clone_into(&mut input.1);
        let page = browser.post("/consent", &changed).await;
        page.stays_local(400);
    }
    let mut stranger = browser.another();
    stranger.post("/consent", &approved).await.stays_local(400);
    stranger.authorize(&good("query")).await; // now with a session of its own
    stranger.post("/consent", &approved).await.stays_local(400);
    browser
        .post("/consent", &consent.consent_form("perhaps"))
        .await
        .stays_local(400);
    // None of this used the form up.
    assert!(
        browser
            .post("/consent", &approved)
            .await
            .location()
            .is_some()
    );
}

#[tokio::test]
async fn the_consent_form_is_sent_by_a_page_of_this_server() {
    let mut browser = Browser::new().await;
    let consent = browser.authorize(&good("query.jwt")).await;
    let form = consent.consent_form("approve");
    for (origin, host) in [
        ("https://evil.example", "as.example"),
        ("https://as.example:4443", "as.example"),
        ("null", "as.example"),
        ("http://as.example", "as.example"),
    ] {
        browser.headers.insert(ORIGIN, origin.parse().unwrap());
        browser.headers.insert(HOST, host.parse().unwrap());
        let page = browser.post("/consent", &form).await;
        page.stays_local(400);
    }
    // A proxy may call the server by another name.
    browser
        .headers
        .insert(ORIGIN, "https://as.example".parse().unwrap());
    browser.headers.insert(HOST, "backend".parse().unwrap());
    let page = browser.post("/consent", &form).await;
    assert!(page.location().is_some(), "{}", page.body);
}
