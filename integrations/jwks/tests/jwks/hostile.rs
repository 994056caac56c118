//! Servers that mean harm, or are broken: each fetch ends in time, and says what happened.

use std::time::{Duration, Instant};

use jarm_jwks::{FetchError, Limits, Problem};

use crate::server::{Reply, Server, set};
use crate::setting::{CA, OTHER_CA, ask, builder, fetcher};

const DEADLINE: Duration = Duration::from_millis(400);

/// What comes of a reply, which never takes longer than the deadline.
async fn fetched(reply: Reply) -> Result<Vec<String>, FetchError> {
    let server = Server::start(reply).await;
    let fetcher = fetcher(|limits| limits.deadline = DEADLINE);
    let started = Instant::now();
    let answer = ask(&fetcher, &server.url("keys.example")).await;
    assert!(started.elapsed() < 2 * DEADLINE, "{:?}", started.elapsed());
    if let Err(error) = &answer {
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("keys.example") && !text.contains("c4nary"),
            "{text}"
        );
    }
    answer
}

macro_rules! refused {
    ($reply:expr, $problem:pat) => {
        let error = fetched($reply).await.unwrap_err();
        assert!(matches!(error.problem(), $problem), "{error}");
    };
}

#[tokio::test]
async fn a_slow_server_is_cut_off() {
    let slow = format!("HTTP/1.1 200 OK\r\n\r\n{}", set("a"));
    refused!(Reply::Drops(slow.into()), Problem::TimedOut { .. });
    refused!(Reply::Silence, Problem::TimedOut { .. });
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec();
    refused!(Reply::Endless(half, Vec::new()), Problem::TimedOut { .. });
}

#[tokio::test]
async fn no_body_is_longer_than_the_limit() {
    let endless = |fields: &str, then: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        Reply::Endless(head.into(), then.to_vec())
    };
    let chunk = [b"400\r\n".to_vec(), vec![b' '; 0x400], b"\r\n".to_vec()].concat();
    let chunked = endless("transfer-encoding: chunked\r\n", &chunk);
    refused!(chunked, Problem::TooLong { .. });
    refused!(endless("", &[b' '; 1000]), Problem::TooLong { .. });
    let announced = endless("content-length: 9999999999\r\n", &[]);
    refused!(announced, Problem::TooLong { .. });
    let exact = format!("{}{}", set("a"), " ".repeat(256 * 1024 - set("a").len()));
    assert_eq!(fetched(Reply::new(200, "", &exact)).await.unwrap(), ["a"]);
    refused!(
        Reply::new(200, "", &format!("{exact} ")),
        Problem::TooLong { .. }
    );
}

#[tokio::test]
async fn a_length_that_is_a_lie_is_refused_or_kept_to() {
    let body = set("a");
    let said = |length: usize| {
        Reply::raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    };
    refused!(said(body.len() + 1), Problem::Http(_));
    refused!(said(body.len() - 1), Problem::NotJwks(_));
    let twice = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{body}");
    refused!(Reply::raw(twice), Problem::Http(_));
}

#[tokio::test]
async fn no_head_is_longer_than_16_kib() {
    let field = format!("x: {}\r\n", "c4nary".repeat(1000));
    let head = b"HTTP/1.1 200 OK\r\n".to_vec();
    refused!(Reply::Endless(head, field.into()), Problem::Http(_));
    let fields = "x: c4nary\r\n".repeat(1000);
    refused!(Reply::key_with(&fields, "a"), Problem::Http(_));
}

#[tokio::test]
async fn what_is_no_jwk_set_is_refused_without_repeating_it() {
    let deep = "[".repeat(100_000);
    for body in ["", "c4nary", "{\"keys\":\"c4nary\"}", "[]", "\u{0}", &deep] {
        refused!(Reply::new(200, "", body), Problem::NotJwks(_));
    }
    let odd = r#"{"keys":[{"kty":7},{"kty":"EC","d":"c4nary"},{"kty":"EC","kid":"a"}]}"#;
    assert_eq!(fetched(Reply::new(200, "", odd)).await.unwrap(), ["a"]);
}

#[tokio::test]
async fn a_status_other_than_200_is_none() {
    for status in [201, 204, 206, 300, 304, 404, 429, 500, 503] {
        let error = fetched(Reply::new(status, "", "")).await.unwrap_err();
        assert!(
            matches!(error.problem(), Problem::Status(is) if *is == status),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_read() {
    let html = Reply::key_with("content-type: text/html\r\n", "a");
    refused!(html, Problem::NotJson);
    let packed = Reply::key_with("content-encoding: gzip\r\n", "a");
    refused!(packed, Problem::Compressed);
    for json in [
        "application/json",
        "application/jwk-set+json; charset=utf-8",
    ] {
        let json = Reply::key_with(&format!("content-type: {json}\r\n"), "a");
        assert_eq!(fetched(json).await.unwrap(), ["a"]);
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    refused!(Reply::raw(""), Problem::Http(_));
    refused!(Reply::raw("c4nary\r\n\r\n"), Problem::Http(_));
    refused!(Reply::raw("HTTP/1.1 200"), Problem::Http(_));
    refused!(
        Reply::raw("HTTP/1.1 200 OK\r\nc4nary\r\n\r\n"),
        Problem::Http(_)
    );
    let switching = Reply::raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: c4nary\r\n\r\n");
    refused!(switching, Problem::Http(_) | Problem::Status(101));
    let hints = b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec();
    refused!(Reply::Endless(Vec::new(), hints), Problem::TimedOut { .. });
}

#[tokio::test]
async fn a_certificate_of_another_name_or_authority_is_refused() {
    let server = Server::start(Reply::key("a")).await;
    let error = ask(&fetcher(|_| {}), &server.url("wrong.example")).await;
    assert!(matches!(error.unwrap_err().problem(), Problem::Tls(_)));
    for (ca, is_trusted) in [(OTHER_CA, false), (CA, true)] {
        let fetcher = builder(ca).allow_private_host("127.0.0.1").unwrap().build();
        let answer = ask(&fetcher, &server.url("127.0.0.1")).await;
        assert_eq!(answer.is_ok(), is_trusted, "{answer:?}");
    }
    assert_eq!(server.requests().len(), 1, "nothing is said before TLS");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_due() {
    let server = Server::without_tls(Reply::key("a")).await;
    let mut limits = Limits::default();
    limits.deadline = DEADLINE;
    let answer = ask(&fetcher(|own| *own = limits), &server.url("keys.example")).await;
    let error = answer.unwrap_err();
    assert!(
        matches!(error.problem(), Problem::TimedOut { .. } | Problem::Tls(_)),
        "{error}"
    );
    assert!(server.requests().is_empty());
}
