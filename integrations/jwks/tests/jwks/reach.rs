//! Where a fetch may lead.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use jarm_core::BoxFuture;
use jarm_jwks::{Problem, Resolver};

use crate::server::{Reply, Server};
use crate::setting::{CA, ask, builder, fetcher};

fn redirect(to: &str) -> Reply {
    Reply::new(302, &format!("location: {to}\r\n"), "")
}

#[tokio::test]
async fn a_name_of_a_private_address_is_not_connected_to() {
    let server = Server::start(Reply::key("a")).await;
    let fetcher = builder(CA).build();
    for host in ["keys.example", "127.0.0.1", "localhost"] {
        let error = ask(&fetcher, &server.url(host)).await.unwrap_err();
        assert!(matches!(error.problem(), Problem::NotPublic), "{error}");
    }
    assert_eq!(server.connections(), 0);
    let allowed = builder(CA)
        .allow_private_host("keys.example")
        .unwrap()
        .build();
    assert_eq!(
        ask(&allowed, &server.url("keys.example")).await.unwrap(),
        ["a"]
    );
    let error = ask(&allowed, &server.url("other.example"))
        .await
        .unwrap_err();
    assert!(
        matches!(error.problem(), Problem::NotPublic),
        "by name only: {error}"
    );
}

#[tokio::test]
async fn every_address_of_a_name_is_checked() {
    #[derive(Debug)]
    struct AllPrivate;
    impl Resolver for AllPrivate {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            let all = [
                "10.0.0.1",
                "::ffff:127.0.0.1",
                "::1",
                "169.254.169.254",
                "fd00::1",
            ];
            Box::pin(async move { Ok(all.map(|address| address.parse().unwrap()).to_vec()) })
        }
    }
    let server = Server::start(Reply::key("a")).await;
    let fetcher = builder(CA).resolver(Arc::new(AllPrivate)).build();
    let error = ask(&fetcher, &server.url("keys.example"))
        .await
        .unwrap_err();
    assert!(matches!(error.problem(), Problem::NotPublic), "{error}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_redirect_to_another_https_url_is_followed() {
    let target = Server::start(Reply::key("a")).await;
    let server = Server::start(redirect(&target.url("other.example"))).await;
    let answer = ask(&fetcher(|_| {}), &server.url("keys.example")).await;
    assert_eq!(answer.unwrap(), ["a"]);
    let request = target.requests().remove(0).to_ascii_lowercase();
    let host = format!("host: other.example:{}\r\n", target.address.port());
    assert!(request.contains(&host), "{request}");
}

#[tokio::test]
async fn a_request_says_what_it_takes() {
    let server = Server::start(Reply::key("a")).await;
    let url = format!("{}/../keys%20?v=1", server.url("keys.example"));
    ask(&fetcher(|_| {}), &url).await.unwrap();
    let request = server.requests().remove(0).to_ascii_lowercase();
    assert!(
        request.starts_with("get /keys%20?v=1 http/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("accept: application/jwk-set+json, application/json\r\n"));
    assert!(request.contains("accept-encoding: identity\r\n"));
}

#[tokio::test]
async fn a_redirect_to_a_private_host_or_without_tls_is_not_followed() {
    let target = Server::start(Reply::key("a")).await;
    let plain = Server::without_tls(Reply::key("a")).await;
    let server = Server::start(Reply::Silence).await;
    let port = plain.address.port();
    for (location, is_expected) in [
        (
            target.url("127.0.0.1"),
            (|problem| matches!(problem, Problem::NotPublic)) as fn(&_) -> _,
        ),
        (target.url("[::1]"), |problem| {
            matches!(problem, Problem::NotPublic)
        }),
        (target.url("unknown.example"), |problem| {
            matches!(problem, Problem::NotPublic)
        }),
        (format!("http://127.0.0.1:{port}/"), |problem| {
            matches!(problem, Problem::NotPublic)
        }),
        (format!("http://keys.example:{port}/"), |problem| {
            matches!(problem, Problem::Redirect)
        }),
        ("file:///etc/passwd".into(), |problem| {
            matches!(problem, Problem::Redirect)
        }),
        ("https://user:word@keys.example/".into(), |problem| {
            matches!(problem, Problem::Redirect)
        }),
        ("https://".into(), |problem| {
            matches!(problem, Problem::Redirect)
        }),
    ] {
        server.replies(redirect(&location));
        let error = ask(&fetcher(|_| {}), &server.url("keys.example")).await;
        let error = error.unwrap_err();
        assert!(is_expected(error.problem()), "{location}: {error}");
    }
    let long = format!("{}?{}", target.url("keys.example"), "x".repeat(2048));
    server.replies(redirect(&long));
    let error = ask(&fetcher(|_| {}), &server.url("keys.example")).await;
    assert!(matches!(error.unwrap_err().problem(), Problem::Url(_)));
    server.replies(Reply::new(302, "", ""));
    let error = ask(&fetcher(|_| {}), &server.url("keys.example")).await;
    assert!(matches!(error.unwrap_err().problem(), Problem::Redirect));
    assert_eq!(target.connections() + plain.connections(), 0);
}

#[tokio::test]
async fn a_loop_of_redirects_ends() {
    let server = Server::start(redirect("/again#x")).await;
    let error = ask(&fetcher(|_| {}), &server.url("keys.example")).await;
    assert!(matches!(error.unwrap_err().problem(), Problem::Redirects));
    assert_eq!(server.connections(), 3);
    let none = fetcher(|limits| limits.redirects = 0);
    ask(&none, &server.url("keys.example")).await.unwrap_err();
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn loopback_goes_without_tls_if_it_is_allowed() {
    let server = Server::without_tls(Reply::key("a")).await;
    let url = format!("http://localhost:{}/jwks", server.address.port());
    assert_eq!(ask(&fetcher(|_| {}), &url).await.unwrap(), ["a"]);
    let error = ask(&builder(CA).build(), &url).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::NotPublic), "{error}");
}

#[test]
fn what_is_no_host_cannot_be_allowed() {
    for other in [
        "",
        "https://keys.internal",
        "keys.internal:443",
        "a b",
        "fd00::1",
    ] {
        let error = builder(CA).allow_private_host(other).unwrap_err();
        assert!(error.to_string().contains("without scheme and port"));
    }
}
