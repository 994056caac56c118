use std::borrow::Cow;
use std::fmt::Debug;
use std::future::ready;

use crate::future::BoxFuture;
use crate::jose::{JwkSet, KeyLookup, KeySourceError};
use crate::metadata::{Client, ClientMetadata, InvalidClientMetadata};
use crate::vocabulary::Issuer;

/// Where the public keys of clients that registered no `jwks` come from: to encrypt their responses
/// to, and to verify their request objects by.
///
/// It is asked at every request and at every answer that needs a key, so that a key that a client removed is not
/// used again; parsed keys are kept by the server. An implementation that fetches keys keeps what
/// it fetched, and limits how often, how long and how much it fetches.
pub trait ClientKeySource: Debug + Send + Sync {
    /// The keys that the client has now, in the client's order. A set may hold keys for other
    /// purposes.
    ///
    /// # Errors
    ///
    /// [`KeySourceError`] when the keys cannot be had. The client is not answered then, and its
    /// request object refused.
    fn keys<'a>(
        &'a self,
        request: ClientKeysRequest<'a>,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>>;

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

/// Whose keys are wanted.
///
/// Issuers that share a source may have clients with one id: keep nothing by that id alone.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClientKeysRequest<'a> {
    /// The issuer that answers the client.
    pub issuer: &'a Issuer,
    /// The client.
    pub client: &'a Client,
    /// Whether none of the keys that the source gave just now could be used.
    pub lookup: KeyLookup,
}

impl<'a> ClientKeysRequest<'a> {
    /// Asks for the first time.
    pub fn new(issuer: &'a Issuer, client: &'a Client) -> Self {
        let lookup = KeyLookup::First;
        Self {
            issuer,
            client,
            lookup,
        }
    }

    /// Asks once more.
    #[must_use]
    pub fn after_miss(mut self) -> Self {
        self.lookup = KeyLookup::AfterMiss;
        self
    }
}

/// The default: all keys are registered.
#[derive(Debug)]
pub(super) struct RegisteredKeysOnly;

impl ClientKeySource for RegisteredKeysOnly {
    fn keys<'a>(
        &'a self,
        _: ClientKeysRequest<'a>,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
        Box::pin(ready(Ok(Cow::Owned(JwkSet::default()))))
    }
}
