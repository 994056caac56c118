use std::io;
use std::sync::Arc;
use std::time::Duration;

use jarm_core::{BoxError, InvalidValue};

/// Why there are no keys, for the host's log. It names the host of the URL, and repeats nothing
/// that was received.
///
/// It is the source of the [`KeySourceError`](jarm_core::jose::KeySourceError) that the core gets.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no keys from {host}: {problem}")]
pub struct FetchError {
    host: Arc<str>,
    #[source]
    problem: Arc<Problem>,
}

impl FetchError {
    pub(crate) fn new(host: &str, problem: Problem) -> Self {
        Self {
            host: host.into(),
            problem: Arc::new(problem),
        }
    }

    /// The host that was turned to; after a redirect, the one that it led to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What happened.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The URL is none that is fetched.
    #[error("{0}")]
    Url(&'static str),
    /// All its addresses are outside the public Internet, and the host is not one that may be
    /// private.
    #[error("it has no public address, and is not allowed to be private")]
    NotPublic,
    /// Its name could not be looked up.
    #[error("its name cannot be looked up: {0}")]
    LookUp(#[source] io::Error),
    /// None of its addresses could be connected to.
    #[error("it cannot be connected to: {0}")]
    Connect(#[source] io::Error),
    /// The connection is not secure; the certificate, usually.
    #[error("TLS failed: {0}")]
    Tls(#[source] io::Error),
    /// What it said is not HTTP, or broke off.
    #[error("HTTP failed: {0}")]
    Http(#[source] BoxError),
    /// The status is another than 200.
    #[error("the status is {0}, not 200")]
    Status(u16),
    /// A redirect does not say where to, or leads elsewhere than to an `https` URL.
    #[error("it redirects to no https URL")]
    Redirect,
    /// It redirects once more than is followed.
    #[error("it redirects too often")]
    Redirects,
    /// The document is compressed, which was not asked for.
    #[error("the document is compressed")]
    Compressed,
    /// The document says that it is something else than JSON.
    #[error("the document is not declared as JSON")]
    NotJson,
    /// The document is longer than the limit.
    #[error("the document has more than {limit} octets")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// The document is no JWK Set.
    #[error("{0}")]
    NotJwks(#[source] InvalidValue),
    /// It took longer than the limit.
    #[error("it took more than {limit:?}")]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The host or its address was turned to as often as is allowed in a minute.
    #[error("it was asked as often as is allowed in a minute")]
    AskedTooOften,
    /// As many fetches are under way or waiting as are allowed.
    #[error("too many other fetches are under way")]
    Busy,
    /// The fetch was cut off: the runtime was shut down, or a [`Resolver`](crate::Resolver)
    /// panicked.
    #[error("the fetch was cut off")]
    CutOff,
    /// There is no tokio runtime to fetch in.
    #[error("there is no tokio runtime")]
    NoRuntime,
}
