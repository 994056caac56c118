//! While a source is down.

use jarm_jwks::Problem;

use crate::server::{Reply, Server};
use crate::setting::{ask, ask_after_miss, fetcher, pass};

const HOUR: u64 = 60 * 60;

#[tokio::test]
async fn while_the_source_is_down_the_last_set_is_used_for_a_day() {
    let server = Server::start(Reply::key("a")).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    ask(&fetcher, &url).await.unwrap();
    server.replies(Reply::new(503, "", ""));
    for _ in 0..23 {
        pass(HOUR).await;
        assert_eq!(ask(&fetcher, &url).await.unwrap(), ["a"]);
    }
    pass(HOUR - 1).await;
    assert_eq!(ask_after_miss(&fetcher, &url).await.unwrap(), ["a"]);
    pass(1).await;
    let error = ask(&fetcher, &url).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::Status(503)), "{error}");
    server.replies(Reply::key("b"));
    pass(HOUR).await;
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["b"]);
}

#[tokio::test]
async fn a_url_that_failed_is_left_alone_longer_each_time() {
    let server = Server::start(Reply::new(500, "", "")).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    ask(&fetcher, &url).await.unwrap_err();
    for (round, pause) in [30, 60, 120, 240, 480, 600, 600].into_iter().enumerate() {
        pass(pause - 1).await;
        let error = ask(&fetcher, &url).await.unwrap_err();
        assert!(matches!(error.problem(), Problem::Status(500)), "{error}");
        ask_after_miss(&fetcher, &url).await.unwrap_err();
        assert_eq!(server.connections(), round + 1);
        pass(1).await;
        ask(&fetcher, &url).await.unwrap_err();
        assert_eq!(server.connections(), round + 2);
    }
}

#[tokio::test]
async fn a_source_that_flaps_is_used_when_it_is_up() {
    let server = Server::start(Reply::key("a")).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    for kid in ["a", "b", "c"] {
        server.replies(Reply::key(kid));
        pass(300).await;
        assert_eq!(ask(&fetcher, &url).await.unwrap(), [kid]);
        server.replies(Reply::new(200, "", "{"));
        pass(300).await;
        assert_eq!(ask(&fetcher, &url).await.unwrap(), [kid]);
        assert_eq!(ask_after_miss(&fetcher, &url).await.unwrap(), [kid]);
    }
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn a_url_is_not_blamed_for_another_one() {
    let (good, bad) = (
        Server::start(Reply::key("a")).await,
        Server::start(Reply::new(500, "", "")).await,
    );
    let fetcher = fetcher(|_| {});
    ask(&fetcher, &bad.url("keys.example")).await.unwrap_err();
    assert_eq!(
        ask(&fetcher, &good.url("keys.example")).await.unwrap(),
        ["a"]
    );
}
