//! What the user alone is told.

use crate::client::Client;
use crate::support::{Browser, Pairs, REDIRECT_URI, with};

async fn request(response_mode: &str, browser: &mut Browser) -> Pairs {
    Client::asking_for(Some(response_mode), browser)
        .await
        .request()
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_stays_local_in_every_mode() {
    let mut browser = Browser::new();
    for (name, value) in [
        ("client_id", Some("nobody")),
        ("client_id", Some("")),
        ("client_id", None),
        ("redirect_uri", Some("https://app.example/callback")),
        (
            "redirect_uri",
            Some("https://app.example/callback?tenant=~7"),
        ),
        (
            "redirect_uri",
            Some("https://evil.example/callback?tenant=%7e7"),
        ),
        ("redirect_uri", Some("nowhere")),
    ] {
        for asked in [
            "query",
            "query.jwt",
            "fragment.jwt",
            "form_post.jwt",
            "jwt",
            "foo",
        ] {
            let changed = with(request(asked, &mut browser).await, name, value);
            browser.authorize(&changed).await.stays_local(400);
        }
    }
}

#[tokio::test]
async fn a_client_or_redirect_uri_that_occurs_twice_stays_local() {
    let mut browser = Browser::new();
    for (name, value) in [
        ("client_id", "web-app"),
        ("client_id", ""),
        ("redirect_uri", REDIRECT_URI),
        ("redirect_uri", "https://evil.example/"),
    ] {
        let mut twice = request("query.jwt", &mut browser).await;
        twice.push((name.to_owned(), value.to_owned()));
        browser.authorize(&twice).await.stays_local(400);
        twice.rotate_right(1);
        browser.authorize(&twice).await.stays_local(400);
    }
}

#[tokio::test]
async fn without_a_redirect_uri_the_registered_one_is_bound() {
    let mut browser = Browser::new();
    let client = Client::asking_for(Some("jwt"), &mut browser).await;
    let request = with(client.request(), "redirect_uri", None);
    let page = browser.decide(&request, "allow").await;
    client.code(&page).await;
}

#[tokio::test]
async fn the_consent_form_works_in_its_browser_and_as_it_was_shown_only() {
    let mut browser = Browser::new();
    let client = Client::asking_for(Some("query.jwt"), &mut browser).await;
    let form = browser
        .authorize(&client.request())
        .await
        .consent_form("allow");
    let ticket = form[0].1.clone();
    let (_, sealed) = ticket.split_once('.').unwrap();
    let other_client = format!("other-app.{sealed}");
    for changed in [
        None,
        Some(""),
        Some("web-app.AQ"),
        Some(sealed),
        Some(&*other_client),
    ] {
        let changed = with(form.clone(), "ticket", changed);
        browser.post("/authorize", &changed).await.stays_local(400);
    }
    let mut stranger = browser.another();
    stranger.post("/authorize", &form).await.stays_local(400);
    stranger.authorize(&client.request()).await; // now with a cookie of its own
    assert_ne!(stranger.cookie, browser.cookie);
    stranger.post("/authorize", &form).await.stays_local(400);

    // None of this used the form up.
    let page = browser.post("/authorize", &form).await;
    client.code(&page).await;
}

#[tokio::test]
async fn the_query_of_the_consent_form_changes_nothing() {
    let mut browser = Browser::new();
    let client = Client::asking_for(Some("form_post.jwt"), &mut browser).await;
    let form = browser
        .authorize(&client.request())
        .await
        .consent_form("allow");
    let other = "/authorize?client_id=nobody&redirect_uri=https://evil.example/\
        &response_mode=query&response_type=token&state=other&code_challenge=x";
    let page = browser.post(other, &form).await;
    let code = client.code(&page).await;
    let tokens = browser.redeem(&code, client.code_verifier()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
}
