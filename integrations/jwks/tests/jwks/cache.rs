//! How long a set is used.

use std::num::NonZero;

use crate::server::{Reply, Server};
use crate::setting::{ask, ask_after_miss, fetcher, pass};

#[tokio::test]
async fn a_fresh_set_is_not_fetched_again() {
    let server = Server::start(Reply::key_with("cache-control: max-age=120\r\n", "a")).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    for _ in 0..3 {
        assert_eq!(ask(&fetcher, &url).await.unwrap(), ["a"]);
    }
    pass(119).await;
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["a"]);
    assert_eq!(server.connections(), 1);
    server.replies(Reply::key("b"));
    pass(1).await;
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["b"]);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_set_that_must_not_be_stored_is_kept_for_the_floor() {
    for forbidden in ["no-store", "no-cache", "max-age=0"] {
        let fields = format!("cache-control: {forbidden}\r\n");
        let server = Server::start(Reply::key_with(&fields, "a")).await;
        let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
        ask(&fetcher, &url).await.unwrap();
        pass(59).await;
        ask(&fetcher, &url).await.unwrap();
        assert_eq!(server.connections(), 1, "{forbidden}");
        pass(1).await;
        ask(&fetcher, &url).await.unwrap();
        assert_eq!(server.connections(), 2, "{forbidden}");
    }
}

#[tokio::test]
async fn after_a_miss_a_fresh_set_is_fetched_again_but_not_more_often_than_allowed() {
    let server = Server::start(Reply::key("a")).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    ask(&fetcher, &url).await.unwrap();
    server.replies(Reply::key("b"));
    for _ in 0..3 {
        assert_eq!(ask_after_miss(&fetcher, &url).await.unwrap(), ["a"]);
    }
    pass(30).await;
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["a"]);
    for _ in 0..3 {
        assert_eq!(ask_after_miss(&fetcher, &url).await.unwrap(), ["b"]);
    }
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["b"]);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn after_a_fetch_a_removed_key_is_never_used_again() {
    let server = Server::start(Reply::key("removed")).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    ask(&fetcher, &url).await.unwrap();
    server.replies(Reply::key("new"));
    pass(300).await;
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["new"]);
    server.replies(Reply::new(500, "", ""));
    for _ in 0..20 {
        pass(3600).await;
        assert_eq!(ask(&fetcher, &url).await.unwrap(), ["new"]);
        assert_eq!(ask_after_miss(&fetcher, &url).await.unwrap(), ["new"]);
    }
    server.replies(Reply::new(200, "", r#"{"keys":[]}"#));
    pass(3600).await;
    assert!(ask(&fetcher, &url).await.unwrap().is_empty());
}

#[tokio::test]
async fn urls_that_were_not_asked_for_longest_are_forgotten() {
    let server = Server::start(Reply::key("a")).await;
    let fetcher = fetcher(|limits| limits.urls = NonZero::new(2).unwrap());
    let url = |number: usize| format!("{}?{number}", server.url("keys.example"));
    for (number, connections) in [(1, 1), (2, 2), (1, 2), (3, 3), (1, 3), (2, 4)] {
        ask(&fetcher, &url(number)).await.unwrap();
        assert_eq!(server.connections(), connections, "{number}");
    }
}

#[tokio::test]
async fn sets_that_take_too_much_memory_are_forgotten() {
    // More than a hundred octets of memory for each octet.
    let nested = r#"{"":{"":{"":{"":{"":{"":{"":{"":0}}}}}}}}"#;
    let key = format!(
        r#"{{"kty":"EC","kid":"a","x":[{}]}}"#,
        [nested; 6].join(",")
    );
    let heavy = format!(r#"{{"keys":[{}]}}"#, vec![key; 100].join(","));
    assert!(heavy.len() < 40_000);
    let server = Server::start(Reply::new(200, "", &heavy)).await;
    let fetcher = fetcher(|limits| limits.memory = 16_000_000);
    let url = |number: usize| format!("{}?{number}", server.url("keys.example"));
    for number in 0..8 {
        assert_eq!(ask(&fetcher, &url(number)).await.unwrap().len(), 100);
    }
    ask(&fetcher, &url(7)).await.unwrap();
    assert_eq!(server.connections(), 8, "the last ones are kept");
    ask(&fetcher, &url(0)).await.unwrap();
    assert_eq!(server.connections(), 9, "the first ones are not");
}
