//! The two contracts of the core.

use std::borrow::Cow;
use std::sync::Arc;

use jarm_core::authorization_server::{ClientKeySource, ClientKeysRequest};
use jarm_core::client::IssuerKeySource;
use jarm_core::jose::{JwkSet, KeyLookup, KeySourceError};
use jarm_core::metadata::{ClientMetadata, InvalidClientMetadata};
use jarm_core::{BoxFuture, Issuer};

use crate::remembered::Remembered;
use crate::{JwksFetcher, Problem};

impl ClientKeySource for JwksFetcher {
    fn keys<'a>(
        &'a self,
        request: ClientKeysRequest<'a>,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
        Box::pin(async move {
            let uri = request.client.metadata().jwks_uri.as_ref();
            let uri = uri.ok_or_else(|| KeySourceError::new("the client has no jwks_uri"))?;
            let url = self.checked(uri).map_err(KeySourceError::new)?;
            let set = self.keys(&self.remembered(url), request.lookup).await;
            set.map(Cow::Owned).map_err(KeySourceError::new)
        })
    }

    fn admits(&self, metadata: &ClientMetadata) -> Result<(), InvalidClientMetadata> {
        let Some(uri) = &metadata.jwks_uri else {
            let why = "responses are encrypted to a public key of the client's: send `jwks`, or a `jwks_uri`";
            return Err(InvalidClientMetadata::new("jwks", why));
        };
        let Err(error) = self.checked(uri) else {
            return Ok(());
        };
        let why = match error.problem() {
            Problem::NotPublic => {
                "keys are fetched over https from public addresses: publish them there, send them as `jwks`, or ask the operator to allow the host"
                    .to_owned()
            }
            other => format!("{other}: shorten it, or send the keys as `jwks`"),
        };
        Err(InvalidClientMetadata::new("jwks_uri", why))
    }
}

/// The keys of one issuer, for a client of its.
#[derive(Clone, Debug)]
pub struct IssuerKeys {
    pub(crate) fetcher: JwksFetcher,
    pub(crate) issuer: Issuer,
    pub(crate) remembered: Arc<Remembered>,
}

impl IssuerKeySource for IssuerKeys {
    fn keys<'a>(
        &'a self,
        issuer: &'a Issuer,
        lookup: KeyLookup,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
        Box::pin(async move {
            if *issuer != self.issuer {
                let why = format!("these are keys of {}, not of {issuer}", self.issuer);
                return Err(KeySourceError::new(why));
            }
            let set = self.fetcher.keys(&self.remembered, lookup).await;
            set.map(Cow::Owned).map_err(KeySourceError::new)
        })
    }
}
