//! What the user alone is told.

use std::sync::Arc;

use host_testing::Pairs;
use jarm::jose::{Aes256GcmSealer, SystemRandom};
use jarm::{AuthorizationServer, Configuration};
use jarm_oxide_auth::JarmFlow;
use oxide_auth::primitives::prelude::{Client as Known, ClientMap};
use oxide_auth::primitives::registrar::{ExactUrl, RegisteredUrl};
use oxide_auth_host::routes;

use crate::client::Client;
use crate::support::{Browser, CLIENT_ID, HostBrowser as _, ISSUER, REDIRECT_URI, key, with};

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
    let [(name, ticket), _] = &form[..] else {
        panic!("a ticket and a decision: {form:?}")
    };
    assert_eq!(name, "ticket");
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

/// An answer goes to the redirect URI as it was bound, whatever the flow's own URL makes of it.
#[tokio::test]
async fn a_redirect_uri_is_answered_as_it_is_written() {
    for uri in [
        "https://app.example",
        "https://app.example:443/callback",
        "https://app.example/a/../callback",
        "http://127.0.0.1:4990",
        "https://app.example/callback?tenant=%7e7",
    ] {
        let exact = ExactUrl::new(uri.to_owned()).unwrap().into();
        let semantic = RegisteredUrl::Semantic(uri.parse().unwrap());
        for registered in [exact, semantic] {
            let known = Known::public(CLIENT_ID, registered, "read".parse().unwrap());
            let mut browser = Browser::of(routes(ClientMap::from_iter([known]), flow()));
            for decision in ["allow", "deny"] {
                let client = Client::asking_for(Some("query.jwt"), &mut browser).await;
                let request = with(client.request(), "redirect_uri", Some(uri));
                let page = browser.decide(&request, decision).await;
                let added = page.location().unwrap().strip_prefix(uri).unwrap();
                let response = added
                    .trim_start_matches(['?', '&'])
                    .strip_prefix("response=");
                assert_eq!(response.unwrap().split('.').count(), 3, "{added}");
            }
        }
    }
}

fn flow() -> JarmFlow {
    let server = AuthorizationServer::builder(Configuration::new(ISSUER.parse().unwrap()))
        .signer(key())
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::generate().unwrap()));
    JarmFlow::new(server.build().unwrap(), |id| {
        Some(jarm::metadata::Client::new(id.clone()))
    })
}
