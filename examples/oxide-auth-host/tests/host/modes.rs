//! What arrives at the client, in every mode.

use host_testing::Pairs;
use jarm::{Carrier, Protection};

use crate::client::{Client, arrived};
use crate::support::{Browser, HostBrowser as _, redeems_nothing, with};

/// A mode, and what it is answered in.
const MODES: [(&str, Carrier, Protection); 7] = [
    ("query", Carrier::Query, Protection::Plain),
    ("fragment", Carrier::Fragment, Protection::Plain),
    ("form_post", Carrier::Body, Protection::Plain),
    ("query.jwt", Carrier::Query, Protection::Jwt),
    ("fragment.jwt", Carrier::Fragment, Protection::Jwt),
    ("form_post.jwt", Carrier::Body, Protection::Jwt),
    ("jwt", Carrier::Query, Protection::Jwt),
];

#[tokio::test]
async fn a_code_arrives_in_every_mode_and_is_redeemed() {
    let mut browser = Browser::new();
    for (asked, carrier, protection) in MODES {
        let client = Client::asking_for(Some(asked), &mut browser).await;
        let page = browser.decide(&client.request(), "allow").await;
        assert_eq!(arrived(&page).0, carrier, "{asked}");
        let cache_control = page.headers["cache-control"].to_str().unwrap();
        assert!(cache_control.contains("no-store"), "{cache_control}");
        assert_eq!(client.verified(&page).await.protection(), protection);

        let code = client.code(&page).await;
        assert!(code.ends_with("=="), "{asked}: {code}");
        let wrong = browser.redeem(&code, "wrong").await;
        redeems_nothing(&wrong);
        // oxide-auth uses a code up before it looks at the verifier.
        let page = browser.decide(&client.request(), "allow").await;
        let code = client.code(&page).await;
        let tokens = browser.redeem(&code, client.code_verifier()).await;
        assert_eq!(tokens.status, 200, "{asked}: {}", tokens.body);
        assert_eq!(tokens.json()["scope"], "read");
        let again = browser.redeem(&code, client.code_verifier()).await;
        redeems_nothing(&again);
    }
}

#[tokio::test]
async fn without_a_mode_the_answer_is_a_plain_query() {
    let mut browser = Browser::new();
    let client = Client::asking_for(None, &mut browser).await;
    let page = browser.decide(&client.request(), "allow").await;
    let (carrier, pairs) = arrived(&page);
    assert_eq!(carrier, Carrier::Query);
    let names: Vec<_> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    client.code(&page).await;
}

#[tokio::test]
async fn a_denial_arrives_in_every_mode() {
    let mut browser = Browser::new();
    for (asked, carrier, _) in MODES {
        let client = Client::asking_for(Some(asked), &mut browser).await;
        let page = browser.decide(&client.request(), "deny").await;
        assert_eq!(arrived(&page).0, carrier, "{asked}");
        assert_eq!(client.error(&page).await, "access_denied", "{asked}");
    }
}

/// A request that is refused at once: what is changed, and the error.
const REFUSED: [(&str, Option<&str>, &str); 5] = [
    ("scope", Some("not\"a\"scope"), "invalid_scope"),
    (
        "response_type",
        Some("code token"),
        "unsupported_response_type",
    ),
    (
        "response_type",
        Some("unheard-of"),
        "unsupported_response_type",
    ),
    ("response_type", None, "invalid_request"),
    ("code_challenge", None, "invalid_request"),
];

#[tokio::test]
async fn what_is_refused_at_once_is_told_in_the_mode_that_was_asked_for() {
    let mut browser = Browser::new();
    for asked in ["fragment.jwt", "form_post.jwt"] {
        for (name, value, error) in REFUSED {
            let client = Client::asking_for(Some(asked), &mut browser).await;
            let page = browser
                .authorize(&with(client.request(), name, value))
                .await;
            assert_eq!(
                client.error(&page).await,
                error,
                "{asked}: {name}={value:?}"
            );
        }
    }
}

async fn told(pairs: impl FnOnce(Pairs) -> Pairs) -> String {
    let mut browser = Browser::new();
    let client = Client::asking_for(Some("query.jwt"), &mut browser).await;
    let page = browser.authorize(&pairs(client.request())).await;
    client.error(&page).await
}

#[tokio::test]
async fn a_parameter_that_occurs_twice_is_refused() {
    for name in [
        "scope",
        "nonce",
        "code_challenge",
        "response_type",
        "code_challenge_method",
    ] {
        let twice = |mut pairs: Pairs| {
            let first = pairs.iter().find(|(own, _)| own == name).cloned();
            pairs.extend(first);
            pairs
        };
        assert_eq!(told(twice).await, "invalid_request", "{name}");
    }
}

#[tokio::test]
async fn a_response_mode_that_occurs_twice_is_refused_and_no_code_is_issued() {
    for second in ["query", "query.jwt", "form_post", ""] {
        let mut browser = Browser::new();
        let client = Client::asking_for(Some("query.jwt"), &mut browser).await;
        let mut pairs = client.request();
        pairs.push(("response_mode".to_owned(), second.to_owned()));
        let page = browser.authorize(&pairs).await;
        let (_, pairs) = arrived(&page);
        assert!(pairs.iter().all(|(name, _)| name != "code"), "{second}");
        assert_ne!(page.status, 200, "nobody is asked");
    }
}

#[tokio::test]
async fn an_unknown_jwt_mode_is_refused_in_a_jwt() {
    let mut browser = Browser::new();
    let client = Client::asking_for(Some("jwt"), &mut browser).await;
    let request = with(client.request(), "response_mode", Some("web_message.jwt"));
    let page = browser.authorize(&request).await;
    assert_eq!(client.error(&page).await, "invalid_request");
}
