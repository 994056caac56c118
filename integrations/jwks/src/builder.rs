use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use url::Host;

use crate::shared::Shared;
use crate::transport::Transport;
use crate::{JwksFetcher, Limits, Resolver, SystemResolver};

/// Builds a [`JwksFetcher`].
#[must_use]
pub struct JwksFetcherBuilder {
    tls: Arc<ClientConfig>,
    limits: Limits,
    resolver: Arc<dyn Resolver>,
    private: Vec<Host>,
}

impl JwksFetcherBuilder {
    pub(crate) fn new(tls: Arc<ClientConfig>) -> Self {
        Self {
            tls,
            limits: Limits::default(),
            resolver: Arc::new(SystemResolver::default()),
            private: Vec::new(),
        }
    }

    /// What may be spent; [`Limits::default`] if this is not called.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How names are looked up; by [`SystemResolver`] if this is not called.
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Lets this host have any address, also one of the own network, and, if it is loopback, go
    /// without TLS.
    ///
    /// It is meant for a host that serves nothing but keys: whoever can register a client can then
    /// make this server send GET requests to any port and path there, and a redirect may lead
    /// there. Write the name as it stands in URLs, an IPv6 address in brackets.
    ///
    /// # Errors
    ///
    /// [`InvalidHost`] when it is no name of a host and no address.
    pub fn allow_private_host(mut self, host: &str) -> Result<Self, InvalidHost> {
        let parsed = Host::parse(host).map_err(|_| InvalidHost(host.to_owned()))?;
        self.private.push(parsed);
        Ok(self)
    }

    /// The fetcher.
    #[must_use]
    pub fn build(self) -> JwksFetcher {
        let Self {
            tls,
            limits,
            resolver,
            private,
        } = self;
        let mut transport = Transport::new(tls, resolver, &limits);
        for host in &private {
            transport.reach.allow_private(host);
        }
        JwksFetcher(Arc::new(Shared::new(transport, limits)))
    }
}

impl fmt::Debug for JwksFetcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksFetcherBuilder")
            .field("limits", &self.limits)
            .field("resolver", &self.resolver)
            .field("private", &self.private)
            .finish_non_exhaustive()
    }
}

/// What is no host.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "{0:?} is no host: write a name such as keys.internal, 10.0.0.1 or [fd00::1], without scheme and port"
)]
pub struct InvalidHost(String);
