//! The contracts of the core.

use std::borrow::Cow;

use jarm_core::authorization_server::{ClientKeySource as _, ClientKeysRequest};
use jarm_core::client::IssuerKeySource as _;
use jarm_core::jose::{JwkSet, KeyLookup};
use jarm_core::metadata::ClientMetadata;

use crate::server::{Reply, Server};
use crate::setting::{CA, builder, client, fetcher, issuer, kids, metadata};

#[tokio::test]
async fn clients_of_several_issuers_share_the_document_of_one_url() {
    let server = Server::start(Reply::key("a")).await;
    let fetcher = fetcher(|_| {});
    for (issuer, id) in [("https://a.example", "c"), ("https://b.example", "d")] {
        let (issuer, client) = (
            issuer.parse().unwrap(),
            client(id, &server.url("keys.example")),
        );
        let set = fetcher.keys(ClientKeysRequest::new(&issuer, &client)).await;
        assert_eq!(kids(&set.unwrap()), ["a"]);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn clients_with_one_id_and_two_urls_have_two_sets() {
    let (one, two) = (
        Server::start(Reply::key("a")).await,
        Server::start(Reply::key("b")).await,
    );
    let (fetcher, issuer) = (fetcher(|_| {}), issuer());
    for (server, kid) in [(one, "a"), (two, "b")] {
        let client = client("c", &server.url("keys.example"));
        let set = fetcher.keys(ClientKeysRequest::new(&issuer, &client)).await;
        assert_eq!(kids(&set.unwrap()), [kid]);
    }
}

#[test]
fn a_registration_is_refused_that_could_never_be_served() {
    let fetcher = builder(CA).allow_private_host("localhost").unwrap().build();
    for good in [
        "https://client.example/jwks",
        "https://1.1.1.1/jwks",
        "https://localhost:8443/jwks",
        "http://localhost/jwks",
    ] {
        assert!(fetcher.admits(&metadata(good)).is_ok(), "{good}");
    }
    let long = format!("https://client.example/{}", "x".repeat(2048));
    for bad in [
        "https://10.0.0.1/jwks",
        "https://[::1]/jwks",
        "https://127.1/jwks",
        "http://127.0.0.1/jwks",
        "https://app.localhost/jwks",
        &long,
    ] {
        let error = fetcher.admits(&metadata(bad)).unwrap_err();
        assert_eq!(error.member, "jwks_uri");
        assert!(error.reason.contains("`jwks`"), "{error}");
    }
    let error = fetcher.admits(&ClientMetadata::default()).unwrap_err();
    assert_eq!(error.member, "jwks");
}

#[tokio::test]
async fn a_client_without_jwks_uri_has_no_keys() {
    let client = client("c", "https://keys.example").with_metadata(ClientMetadata::default());
    let issuer = issuer();
    let answer = builder(CA)
        .build()
        .keys(ClientKeysRequest::new(&issuer, &client))
        .await
        .map(Cow::into_owned);
    assert!(answer.is_err());
}

#[tokio::test]
async fn an_issuers_keys_are_those_of_no_other_issuer() {
    let server = Server::start(Reply::key("a")).await;
    let uri = server.url("keys.example").parse().unwrap();
    let keys = fetcher(|_| {}).issuer_keys(issuer(), &uri).unwrap();
    let other = "https://other.example".parse().unwrap();
    let error = keys
        .keys(&other, KeyLookup::First)
        .await
        .map(Cow::into_owned);
    let error = std::error::Error::source(&error.unwrap_err())
        .unwrap()
        .to_string();
    assert!(error.contains("https://as.example") && error.contains("https://other.example"));
    assert_eq!(server.connections(), 0);
    let set: JwkSet = keys
        .keys(&issuer(), KeyLookup::First)
        .await
        .unwrap()
        .into_owned();
    assert_eq!(kids(&set), ["a"]);
}

#[tokio::test]
async fn an_issuers_keys_are_not_forgotten_for_those_of_clients() {
    let server = Server::start(Reply::key("a")).await;
    let fetcher = fetcher(|limits| limits.urls = 1.try_into().unwrap());
    let uri = server.url("keys.example").parse().unwrap();
    let keys = fetcher.issuer_keys(issuer(), &uri).unwrap();
    keys.keys(&issuer(), KeyLookup::First).await.unwrap();
    crate::setting::ask(&fetcher, &server.url("other.example"))
        .await
        .unwrap();
    keys.keys(&issuer(), KeyLookup::First).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[test]
fn an_issuer_at_a_private_address_is_refused_at_once() {
    let uri = "https://10.0.0.1/jwks".parse().unwrap();
    assert!(builder(CA).build().issuer_keys(issuer(), &uri).is_err());
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let (issuer, client) = (issuer(), client("c", "https://keys.example"));
    let fetcher = builder(CA).build();
    let mut answer = fetcher.keys(ClientKeysRequest::new(&issuer, &client));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(answer) = answer.as_mut().poll(&mut context) else {
        panic!("it waits")
    };
    assert!(answer.is_err());
}

#[test]
fn nothing_prints_a_url_or_a_key() {
    let fetcher = builder(CA).build();
    let uri = "https://keys.example/?c4nary".parse().unwrap();
    let keys = fetcher.issuer_keys(issuer(), &uri).unwrap();
    let printed = format!("{fetcher:?} {keys:?}");
    assert!(
        printed.contains("keys.example") && !printed.contains("c4nary"),
        "{printed}"
    );
}
