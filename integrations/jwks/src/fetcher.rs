use std::fmt;
use std::sync::{Arc, PoisonError};

use jarm_core::jose::{JwkSet, KeyLookup};
use jarm_core::{Issuer, JwksUri};
use rustls::ClientConfig;
use tokio::runtime::Handle;
use tokio::sync::watch;
use url::Url;

use crate::flight::Flight;
use crate::remembered::{Next, Remembered};
use crate::shared::Shared;
use crate::transport::host;
use crate::{FetchError, IssuerKeys, JwksFetcherBuilder, Problem};

/// Fetches JWK Sets and remembers them by URL. Clones share all.
///
/// It is a [`ClientKeySource`](jarm_core::authorization_server::ClientKeySource) itself, and makes
/// the [`IssuerKeySource`](jarm_core::client::IssuerKeySource) of an issuer.
#[derive(Clone)]
pub struct JwksFetcher(pub(crate) Arc<Shared>);

impl JwksFetcher {
    /// Begins with the TLS configuration to connect with, such as one of the roots of a company.
    /// Its ALPN protocols are replaced.
    ///
    /// With the feature `native-roots`, [`with_native_roots`](Self::with_native_roots) has one.
    pub fn builder(tls: Arc<ClientConfig>) -> JwksFetcherBuilder {
        JwksFetcherBuilder::new(tls)
    }

    /// The keys of an issuer that publishes them at this URL, such as the `jwks_uri` of its
    /// metadata ([RFC 8414 2]). They are never forgotten in favour of others.
    ///
    /// # Errors
    ///
    /// [`FetchError`] when the URL is one that is never fetched, such as that of a private address.
    ///
    /// [RFC 8414 2]: https://www.rfc-editor.org/rfc/rfc8414#section-2
    pub fn issuer_keys(&self, issuer: Issuer, uri: &JwksUri) -> Result<IssuerKeys, FetchError> {
        let url = self.checked(uri)?;
        Ok(IssuerKeys {
            fetcher: self.clone(),
            issuer,
            remembered: self.remembered(url),
        })
    }

    /// The URL, if it is one that can be fetched.
    pub(crate) fn checked(&self, uri: &JwksUri) -> Result<Url, FetchError> {
        let url = Url::parse(uri.as_str());
        let url = url.map_err(|_| FetchError::new("", Problem::Url("it is no URL")))?;
        match self.0.transport.reach.check(&url) {
            Ok(()) => Ok(url),
            Err(problem) => Err(FetchError::new(host(&url), problem)),
        }
    }

    pub(crate) fn remembered(&self, url: Url) -> Arc<Remembered> {
        let mut urls = self.0.urls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(remembered) = urls.get(url.as_str()) {
            return remembered.clone();
        }
        let key = url.as_str().to_owned();
        let remembered = Arc::new(Remembered::new(url));
        urls.put(key, remembered.clone());
        remembered
    }

    /// The set behind a URL, fetched if it must be.
    pub(crate) async fn keys(
        &self,
        remembered: &Arc<Remembered>,
        lookup: KeyLookup,
    ) -> Result<JwkSet, FetchError> {
        let refused = match self.flight(remembered, lookup) {
            Ok(None) => None,
            Ok(Some(mut flight)) => {
                // An error says that the fetch has ended, and there is nothing else to be told.
                flight.changed().await.unwrap_or_default();
                None
            }
            Err(problem) => Some(remembered.blame(problem)),
        };
        let state = remembered.state();
        let why = || refused.or_else(|| state.error());
        let cut_off = || remembered.blame(Problem::CutOff);
        state
            .known(&self.0.limits)
            .ok_or_else(|| why().unwrap_or_else(cut_off))
    }

    /// The end of the fetch to wait for, which is set off if it is time; `None` if what is known
    /// must do. One lock is held from the decision until the fetch is noted, so that there is never
    /// a second one.
    fn flight(
        &self,
        remembered: &Arc<Remembered>,
        lookup: KeyLookup,
    ) -> Result<Option<watch::Receiver<()>>, Problem> {
        let Self(shared) = self;
        let mut state = remembered.state();
        match state.next(lookup, &shared.limits) {
            Next::Known => return Ok(None),
            Next::Wait(flight) => return Ok(Some(flight)),
            Next::Fetch => {}
        }
        let runtime = Handle::try_current().map_err(|_| Problem::NoRuntime)?;
        let place = shared.queue.clone().try_acquire_owned();
        let place = place.map_err(|_| Problem::Busy)?;
        // Others that turn to the same host do not keep a removed key in use.
        let is_overdue = state.is_overdue(&shared.limits);
        shared
            .transport
            .admit(&remembered.url)
            .or_else(|refused| if is_overdue { Ok(()) } else { Err(refused) })?;
        let (ends, end) = watch::channel(());
        state.take_off(end.clone());
        drop(state); // a runtime that is shutting down drops the flight at once, which lands it
        let flight = Flight::new(shared.clone(), remembered.clone(), is_overdue, ends);
        runtime.spawn(async move {
            let _place = place;
            flight.fly().await;
        });
        Ok(Some(end))
    }
}

impl fmt::Debug for JwksFetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksFetcher")
            .field("limits", &self.0.limits)
            .field("reach", &self.0.transport.reach)
            .finish_non_exhaustive()
    }
}
