//! One fetch: from a URL to a set, over connections of its own.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jarm_core::JwksUri;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::attempts::{Attempts, net};
use crate::exchange::{Answer, Fetched, exchange};
use crate::reach::Reach;
use crate::{FetchError, Limits, Problem, Resolver};

/// How many addresses of a host are tried.
const ADDRESSES: usize = 3;

/// What a fetch needs.
pub(crate) struct Transport {
    pub(crate) reach: Reach,
    hosts: Attempts,
    addresses: Attempts,
    resolver: Arc<dyn Resolver>,
    tls: TlsConnector,
    #[cfg(test)]
    pub(crate) diverted_to: Option<SocketAddr>,
}

impl Transport {
    pub(crate) fn new(
        tls: Arc<ClientConfig>,
        resolver: Arc<dyn Resolver>,
        limits: &Limits,
    ) -> Self {
        let mut tls = Arc::unwrap_or_clone(tls);
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            reach: Reach::default(),
            hosts: Attempts::new(limits.attempts_per_host),
            addresses: Attempts::new(limits.attempts_per_address),
            resolver,
            tls: Arc::new(tls).into(),
            #[cfg(test)]
            diverted_to: None,
        }
    }

    /// Counts an attempt at the URL's host, if there may be one more.
    pub(crate) fn admit(&self, url: &Url) -> Result<(), Problem> {
        let host = host(url).trim_end_matches('.');
        if self.hosts.admit(host) {
            return Ok(());
        }
        Err(Problem::AskedTooOften)
    }

    /// Fetches a URL that was checked and counted. It is the caller that cuts it off in time.
    pub(crate) async fn fetch(
        &self,
        url: &Url,
        limits: &Limits,
        is_overdue: bool,
    ) -> Result<Fetched, FetchError> {
        let mut url = url.clone();
        let mut redirects = 0;
        loop {
            let blame = |problem| FetchError::new(host(&url), problem);
            let next = match self
                .request(&url, limits, is_overdue && redirects == 0)
                .await
                .map_err(blame)?
            {
                Answer::Document(fetched) => return Ok(fetched),
                Answer::Redirect(_) if redirects == limits.redirects => {
                    return Err(blame(Problem::Redirects));
                }
                Answer::Redirect(location) => redirected(&url, &location).map_err(blame)?,
            };
            // A redirect is one more URL: nothing that was found out about the first holds for it.
            self.reach
                .check(&next)
                .and_then(|()| self.admit(&next))
                .map_err(|problem| FetchError::new(host(&next), problem))?;
            redirects += 1;
            url = next;
        }
    }

    async fn request(
        &self,
        url: &Url,
        limits: &Limits,
        is_overdue: bool,
    ) -> Result<Answer, Problem> {
        let stream = self.connect(url, limits.deadline, is_overdue).await?;
        if url.scheme() != "https" {
            return exchange(stream, url, limits).await;
        }
        let name = host(url).trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(name.to_owned());
        let name = name.map_err(|_| Problem::Url("the URL's host has no certificate"))?;
        let stream = self.tls.connect(name, stream).await;
        exchange(stream.map_err(Problem::Tls)?, url, limits).await
    }

    /// Connects to an address that was checked: the name is looked up once, so that a resolver that
    /// says something else the next time (DNS rebinding) gains nothing.
    async fn connect(
        &self,
        url: &Url,
        deadline: Duration,
        is_overdue: bool,
    ) -> Result<TcpStream, Problem> {
        let addresses = self
            .look_up(url)
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::ResourceBusy => Problem::Busy,
                _ => Problem::LookUp(error),
            })?;
        let addresses = addresses.iter().map(IpAddr::to_canonical);
        let admitted = addresses.filter(|address| self.reach.admits(url, *address));
        let mut problem = Problem::NotPublic;
        for address in admitted.take(ADDRESSES) {
            if !self.addresses.admit(net(address)) && !is_overdue {
                problem = Problem::AskedTooOften;
                continue;
            }
            let port = url.port_or_known_default().unwrap_or(443);
            let attempt = self.dial(SocketAddr::new(address, port));
            // An address that does not answer leaves time for the next one.
            match timeout(deadline / 2, attempt).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => problem = Problem::Connect(error),
                Err(elapsed) => problem = Problem::Connect(elapsed.into()),
            }
        }
        Err(problem)
    }

    async fn look_up(&self, url: &Url) -> std::io::Result<Vec<IpAddr>> {
        match url.host() {
            Some(Host::Ipv4(address)) => Ok(vec![address.into()]),
            Some(Host::Ipv6(address)) => Ok(vec![address.into()]),
            Some(Host::Domain(name)) => self.resolver.resolve(name).await,
            None => Ok(Vec::new()),
        }
    }

    async fn dial(&self, address: SocketAddr) -> std::io::Result<TcpStream> {
        #[cfg(test)]
        let address = self.diverted_to.unwrap_or(address);
        TcpStream::connect(address).await
    }
}

/// A URL's host as it is written, an IPv6 address in brackets.
pub(crate) fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// Where a redirect leads. It is held to what a `jwks_uri` is held to.
fn redirected(url: &Url, location: &str) -> Result<Url, Problem> {
    let mut next = url.join(location).map_err(|_| Problem::Redirect)?;
    next.set_fragment(None);
    JwksUri::try_new(next.as_str()).map_err(|_| Problem::Redirect)?;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use jarm_core::BoxFuture;
    use rustls::RootCertStore;
    use rustls::crypto::aws_lc_rs::default_provider;
    use tokio::net::TcpListener;

    use super::*;

    /// A public address first, and this machine ever after.
    #[derive(Debug, Default)]
    struct Rebinding(AtomicUsize);

    impl Resolver for Rebinding {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            let address = match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => [1, 1, 1, 1],
                _ => [127, 0, 0, 1],
            };
            Box::pin(async move { Ok(vec![address.into()]) })
        }
    }

    #[tokio::test]
    async fn a_name_that_is_bound_to_another_address_later_gains_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let (resolver, limits) = (Arc::new(Rebinding::default()), Limits::default());
        let mut transport = Transport::new(Arc::new(tls), resolver.clone(), &limits);
        transport.diverted_to = Some(listener.local_addr().unwrap());
        let url = "https://rebinding.example/jwks".parse().unwrap();

        // The one look-up is the one that counts: what was checked is connected to.
        let connected = transport.connect(&url, limits.deadline, false).await;
        let (accepted, _) = listener.accept().await.unwrap();
        assert!(connected.is_ok());
        assert_eq!(resolver.0.load(Ordering::Relaxed), 1);
        drop(accepted);

        let error = transport
            .connect(&url, limits.deadline, false)
            .await
            .unwrap_err();
        assert!(matches!(error, Problem::NotPublic), "{error}");
        assert_eq!(resolver.0.load(Ordering::Relaxed), 2);
    }
}
