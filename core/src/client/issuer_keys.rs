use std::borrow::Cow;
use std::fmt::Debug;
use std::future::ready;

use crate::future::BoxFuture;
use crate::jose::{JwkSet, KeyLookup, KeySourceError};
use crate::vocabulary::Issuer;

/// Where a client has the public keys of its authorization server from.
///
/// It is asked when a response names the right issuer, and not before. A [`JwkSet`] is one itself,
/// of keys that do not change.
pub trait IssuerKeySource: Debug + Send + Sync {
    /// The keys that the issuer publishes now.
    ///
    /// # Errors
    ///
    /// [`KeySourceError`] when the keys cannot be had, or the issuer is not one whose keys are
    /// here. The response is refused then.
    fn keys<'a>(
        &'a self,
        issuer: &'a Issuer,
        lookup: KeyLookup,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>>;
}

const _: Option<&dyn IssuerKeySource> = None;

impl IssuerKeySource for JwkSet {
    fn keys<'a>(
        &'a self,
        _: &'a Issuer,
        _: KeyLookup,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
        Box::pin(ready(Ok(Cow::Borrowed(self))))
    }
}
