//! One fetch for all who wait for it.

use std::time::Duration;

use jarm_jwks::Problem;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::server::{Reply, Server};
use crate::setting::{ask, ask_after_miss, fetcher, pass};

const A_WHILE: Duration = Duration::from_millis(150);

#[tokio::test]
async fn ten_thousand_requests_for_a_broken_url_are_one_fetch() {
    let server = Server::start(Reply::new(500, "", "").late(A_WHILE)).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    let mut all = JoinSet::new();
    for number in 0..10_000 {
        let (fetcher, url) = (fetcher.clone(), url.clone());
        all.spawn(async move {
            match number % 2 {
                0 => ask(&fetcher, &url).await,
                _ => ask_after_miss(&fetcher, &url).await,
            }
        });
    }
    while let Some(answer) = all.join_next().await {
        let error = answer.unwrap().unwrap_err();
        assert!(matches!(error.problem(), Problem::Status(500)), "{error}");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_share_a_fetch_too() {
    let server = Server::start(Reply::key("a").late(A_WHILE)).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    let mut all = JoinSet::new();
    for _ in 0..1_000 {
        let (fetcher, url) = (fetcher.clone(), url.clone());
        all.spawn(async move { ask(&fetcher, &url).await.unwrap() });
    }
    assert_eq!(all.join_all().await, vec![["a"]; 1_000]);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn whoever_goes_away_neither_ends_the_fetch_nor_sets_off_another() {
    let server = Server::start(Reply::key("a").late(A_WHILE)).await;
    let (fetcher, url) = (fetcher(|_| {}), server.url("keys.example"));
    for _ in 0..3 {
        let impatient = timeout(Duration::from_millis(20), ask(&fetcher, &url));
        assert!(impatient.await.is_err());
    }
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["a"]);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_slow_fetch_of_an_older_set_never_replaces_a_newer_one() {
    let server = Server::start(Reply::key("first")).await;
    let fetcher = fetcher(|limits| limits.deadline = 2 * A_WHILE);
    let url = server.url("keys.example");
    ask(&fetcher, &url).await.unwrap();
    server.replies(Reply::key("old").late(3 * A_WHILE));
    pass(300).await;
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["first"], "cut off");
    server.replies(Reply::key("new"));
    pass(30).await;
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["new"]);
    tokio::time::sleep(3 * A_WHILE).await;
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["new"]);
    assert_eq!(server.connections(), 3);
}

#[test]
fn a_runtime_that_ends_leaves_the_fetcher_in_order() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let fetcher = fetcher(|limits| limits.pause_after_failure = Duration::ZERO);
    let ended = runtime();
    let url = ended.block_on(async {
        let server = Server::start(Reply::Silence).await;
        let url = server.url("keys.example");
        let impatient = timeout(Duration::from_millis(50), ask(&fetcher, &url));
        assert!(impatient.await.is_err());
        url
    });
    drop(ended);
    let error = runtime().block_on(async { ask(&fetcher, &url).await.unwrap_err() });
    assert!(matches!(error.problem(), Problem::Connect(_)), "{error}");
}
