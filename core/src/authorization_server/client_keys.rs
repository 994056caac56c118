use std::fmt::Debug;

use crate::future::{BoxError, BoxFuture};
use crate::jose::JwkSet;
use crate::metadata::Client;

/// Where the public keys of clients come from, to which their responses are encrypted.
///
/// It is asked at every request and at every answer, so that a key that a client removed is not
/// used again; parsed keys are kept by the server. An implementation that fetches keys keeps what
/// it fetched, and limits how often, how long and how much it fetches.
pub trait ClientKeySource: Debug + Send + Sync {
    /// The keys that the client has now, in the client's order. A set may hold keys for other
    /// purposes.
    ///
    /// # Errors
    ///
    /// [`ClientKeySourceError`] when the keys cannot be had. The client is not answered then.
    fn keys<'a>(
        &'a self,
        client: &'a Client,
    ) -> BoxFuture<'a, Result<JwkSet, ClientKeySourceError>>;

    /// Whether keys are fetched from a client's `jwks_uri`. Where they are not, a client that
    /// would need it is refused at registration.
    fn fetches_jwks_uri(&self) -> bool {
        false
    }
}

const _: Option<&dyn ClientKeySource> = None;

/// The keys that clients registered by value, as `jwks`: the default source.
#[derive(Clone, Copy, Debug, Default)]
pub struct RegisteredKeys;

impl ClientKeySource for RegisteredKeys {
    fn keys<'a>(
        &'a self,
        client: &'a Client,
    ) -> BoxFuture<'a, Result<JwkSet, ClientKeySourceError>> {
        let registered = client.metadata().jwks.clone().unwrap_or_default();
        Box::pin(std::future::ready(Ok(registered)))
    }
}

/// A client's keys could not be had. The source is for the host's log.
#[derive(Debug, thiserror::Error)]
#[error("the client's keys cannot be had")]
pub struct ClientKeySourceError(#[source] BoxError);

impl ClientKeySourceError {
    /// Says why.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}
