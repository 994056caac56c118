use std::borrow::Cow;
use std::fmt::Debug;
use std::future::ready;

use crate::future::{BoxError, BoxFuture};
use crate::jose::JwkSet;
use crate::metadata::{Client, ClientMetadata, InvalidClientMetadata};
use crate::vocabulary::Issuer;

/// Where the public keys of clients that registered no `jwks` come from, to encrypt their responses
/// to.
///
/// It is asked at every request and at every answer, so that a key that a client removed is not
/// used again; parsed keys are kept by the server. An implementation that fetches keys keeps what
/// it fetched, and limits how often, how long and how much it fetches.
pub trait ClientKeySource: Debug + Send + Sync {
    /// The keys that the client of this issuer has now, in the client's order. A set may hold keys
    /// for other purposes.
    ///
    /// Issuers that share a source may have clients with one id: keep nothing by that id alone.
    ///
    /// # Errors
    ///
    /// [`ClientKeySourceError`] when the keys cannot be had. The client is not answered then.
    fn keys<'a>(
        &'a self,
        issuer: &'a Issuer,
        client: &'a Client,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, ClientKeySourceError>>;

    /// Whether a client that registers this can have keys from here; by default it cannot.
    ///
    /// # Errors
    ///
    /// [`InvalidClientMetadata`] naming the member that is missing or cannot be used.
    fn admits(&self, metadata: &ClientMetadata) -> Result<(), InvalidClientMetadata> {
        Err(if metadata.jwks_uri.is_some() {
            let why = "keys are not fetched here: send them as `jwks`";
            InvalidClientMetadata::new("jwks_uri", why)
        } else {
            let why = "responses are encrypted to a public key of the client's: send one";
            InvalidClientMetadata::new("jwks", why)
        })
    }
}

const _: Option<&dyn ClientKeySource> = None;

/// The default: all keys are registered.
#[derive(Debug)]
pub(super) struct RegisteredKeysOnly;

impl ClientKeySource for RegisteredKeysOnly {
    fn keys<'a>(
        &'a self,
        _: &'a Issuer,
        _: &'a Client,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, ClientKeySourceError>> {
        Box::pin(ready(Ok(Cow::Owned(JwkSet::default()))))
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
