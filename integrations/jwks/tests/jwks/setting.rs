//! Fetchers that find the server, and those who ask them.

use std::error::Error as _;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jarm_core::authorization_server::{ClientKeySource as _, ClientKeysRequest};
use jarm_core::jose::{JwkSet, KeyLookup, KeySourceError};
use jarm_core::metadata::{Client, ClientMetadata};
use jarm_core::{BoxFuture, ClientId, Issuer};
use jarm_jwks::{FetchError, JwksFetcher, JwksFetcherBuilder, Limits, Resolver};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

pub(crate) const CA: &[u8] = include_bytes!("../keys/ca.pem");
pub(crate) const OTHER_CA: &[u8] = include_bytes!("../keys/other-ca.pem");

/// All names lead to this machine.
#[derive(Debug)]
pub(crate) struct ToThisMachine;

impl Resolver for ToThisMachine {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) })
    }
}

pub(crate) fn builder(ca: &[u8]) -> JwksFetcherBuilder {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca).unwrap())
        .unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    JwksFetcher::builder(Arc::new(tls)).resolver(Arc::new(ToThisMachine))
}

/// A fetcher that may turn to the hosts of the tests.
pub(crate) fn fetcher(change: impl FnOnce(&mut Limits)) -> JwksFetcher {
    let mut limits = Limits::default();
    change(&mut limits);
    let hosts = [
        "keys.example",
        "other.example",
        "wrong.example",
        "localhost",
    ];
    let allow = |builder: JwksFetcherBuilder, host| builder.allow_private_host(host).unwrap();
    let builder = hosts.into_iter().fold(builder(CA), allow);
    builder.limits(limits).build()
}

pub(crate) fn issuer() -> Issuer {
    "https://as.example".parse().unwrap()
}

pub(crate) fn metadata(url: &str) -> ClientMetadata {
    let mut metadata = ClientMetadata::default();
    metadata.jwks_uri = Some(url.parse().unwrap());
    metadata
}

pub(crate) fn client(id: &str, url: &str) -> Client {
    Client::new(ClientId::try_new(id).unwrap()).with_metadata(metadata(url))
}

/// What a client's keys are, by the `kid` of each.
pub(crate) async fn ask(fetcher: &JwksFetcher, url: &str) -> Result<Vec<String>, FetchError> {
    look_up(fetcher, url, KeyLookup::First).await
}

pub(crate) async fn ask_after_miss(
    fetcher: &JwksFetcher,
    url: &str,
) -> Result<Vec<String>, FetchError> {
    look_up(fetcher, url, KeyLookup::AfterMiss).await
}

async fn look_up(
    fetcher: &JwksFetcher,
    url: &str,
    lookup: KeyLookup,
) -> Result<Vec<String>, FetchError> {
    let (issuer, client) = (issuer(), client("c", url));
    let mut request = ClientKeysRequest::new(&issuer, &client);
    request.lookup = lookup;
    let found = fetcher.keys(request).await;
    found.map(|set| kids(&set)).map_err(|error| reason(&error))
}

pub(crate) fn kids(set: &JwkSet) -> Vec<String> {
    let kids = set.keys.iter().map(|key| key.kid().unwrap().to_owned());
    kids.collect()
}

/// The typed source of the error that the core gets.
pub(crate) fn reason(error: &KeySourceError) -> FetchError {
    let source = error.source().unwrap();
    source.downcast_ref::<FetchError>().unwrap().clone()
}

/// Lets time pass for everybody, without waiting for it.
pub(crate) async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}
