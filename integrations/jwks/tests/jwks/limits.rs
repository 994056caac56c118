//! How much is fetched in all.

use std::num::NonZero;
use std::time::{Duration, Instant};

use jarm_jwks::Problem;
use tokio::task::JoinSet;

use crate::server::{Reply, Server};
use crate::setting::{ask, fetcher, pass};

#[tokio::test]
async fn ten_thousand_paths_at_one_host_are_no_flood() {
    let server = Server::start(Reply::new(404, "", "")).await;
    let fetcher = fetcher(|_| {});
    let url = server.url("keys.example");
    let mut refused = 0;
    for number in 0..10_000 {
        let error = ask(&fetcher, &format!("{url}/{number}")).await.unwrap_err();
        refused += usize::from(matches!(error.problem(), Problem::AskedTooOften));
    }
    assert_eq!((server.connections(), refused), (60, 9_940));
    ask(&fetcher, &server.url("other.example"))
        .await
        .unwrap_err();
    assert_eq!(server.connections(), 61, "another host is not held up");
    pass(60).await;
    ask(&fetcher, &format!("{url}/again")).await.unwrap_err();
    assert_eq!(server.connections(), 62);
}

#[tokio::test]
async fn many_names_of_one_address_are_no_flood() {
    let server = Server::start(Reply::key("a")).await;
    let fetcher = fetcher(|limits| limits.attempts_per_address = 3);
    for number in 0..20 {
        let host = ["keys.example", "other.example", "localhost"][number % 3];
        let answer = ask(&fetcher, &format!("{}?{number}", server.url(host))).await;
        assert_eq!(answer.is_ok(), number < 3, "{answer:?}");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn redirects_count_as_attempts_at_the_host_that_they_lead_to() {
    let victim = Server::start(Reply::key("a")).await;
    let location = format!("location: {}\r\n", victim.url("other.example"));
    let server = Server::start(Reply::new(302, &location, "")).await;
    let fetcher = fetcher(|limits| limits.attempts_per_host = 5);
    for number in 0..5 {
        // Of the first host each is another one; the victim is always the same.
        let host = ["keys.example", "localhost"][number % 2];
        let url = format!("{}?{number}", server.url(host));
        assert_eq!(ask(&fetcher, &url).await.unwrap(), ["a"]);
    }
    let error = ask(&fetcher, &server.url("localhost")).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::AskedTooOften), "{error}");
    assert_eq!((error.host(), victim.connections()), ("other.example", 5));
}

#[tokio::test]
async fn a_host_that_was_asked_too_often_leaves_the_last_set() {
    let server = Server::start(Reply::key("a")).await;
    let fetcher = fetcher(|limits| {
        limits.attempts_per_host = 1;
        limits.usual_freshness = Duration::ZERO;
        limits.least_freshness = Duration::ZERO;
    });
    let url = server.url("keys.example");
    for _ in 0..3 {
        assert_eq!(ask(&fetcher, &url).await.unwrap(), ["a"]);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn others_that_turn_to_the_same_host_do_not_keep_a_removed_key_in_use() {
    let server = Server::start(Reply::key("old")).await;
    let fetcher = fetcher(|limits| limits.attempts_per_address = 60);
    let url = server.url("keys.example");
    assert_eq!(ask(&fetcher, &url).await.unwrap(), ["old"]);
    server.replies(Reply::key("new"));
    for (minutes, expected) in [(30, "old"), (30, "new"), (30, "new")] {
        pass(60 * minutes).await;
        for other in 0..60 {
            ask(&fetcher, &format!("{url}?{minutes}{other}")).await.ok();
        }
        let found = ask(&fetcher, &url).await.unwrap();
        assert_eq!(found, [expected]);
    }
}

#[tokio::test]
async fn no_more_fetches_run_at_once_than_allowed_and_the_rest_waits_or_is_refused() {
    let server = Server::start(Reply::Silence).await;
    let deadline = Duration::from_millis(300);
    let fetcher = fetcher(|limits| {
        limits.fetches_at_once = NonZero::new(2).unwrap();
        limits.attempts_per_host = 1_000;
        limits.deadline = deadline;
    });
    let started = Instant::now();
    let mut all = JoinSet::new();
    for number in 0..100 {
        let (fetcher, url) = (fetcher.clone(), server.url("keys.example"));
        all.spawn(async move { ask(&fetcher, &format!("{url}?{number}")).await.unwrap_err() });
    }
    tokio::time::sleep(deadline / 2).await;
    assert_eq!(server.connections(), 2);
    let errors = all.join_all().await;
    assert!(started.elapsed() < 3 * deadline, "{:?}", started.elapsed());
    let busy = errors
        .iter()
        .filter(|error| matches!(error.problem(), Problem::Busy));
    assert!((100 - 18..=98).contains(&busy.count()));
    assert!(server.connections() <= 6);
}

#[tokio::test]
async fn whoever_waits_for_a_turn_gets_it() {
    let server = Server::start(Reply::key("a").late(Duration::from_millis(20))).await;
    let fetcher = fetcher(|limits| limits.fetches_at_once = NonZero::new(2).unwrap());
    let mut all = JoinSet::new();
    for number in 0..18 {
        let (fetcher, url) = (fetcher.clone(), server.url("keys.example"));
        all.spawn(async move { ask(&fetcher, &format!("{url}?{number}")).await.unwrap() });
    }
    assert_eq!(all.join_all().await, vec![["a"]; 18]);
}
