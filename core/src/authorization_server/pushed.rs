//! Pushed authorization requests ([RFC 9126]): kept with all that was asked for until they are
//! answered.
//!
//! [RFC 9126]: https://www.rfc-editor.org/rfc/rfc9126

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::clock::UnixTime;
use crate::future::{BoxError, BoxFuture};
use crate::vocabulary::{ClientId, Issuer};

/// What the handles of pushed requests begin with ([RFC 9126 2.2]).
///
/// [RFC 9126 2.2]: https://www.rfc-editor.org/rfc/rfc9126#section-2.2
pub(super) const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// How many requests wait in memory at most; each takes about a kilobyte.
const KEPT: usize = 10_000;

/// Where pushed requests wait.
///
/// [`InMemoryPushedRequests`] is the default and right for one process; a host with several
/// implements this over its database. Keep an expired request no longer than is convenient: the
/// server looks at the time itself.
pub trait PushedRequests: fmt::Debug + Send + Sync {
    /// Keeps a request under its handle, which is new.
    ///
    /// # Errors
    ///
    /// Any error of the store; the client is told then that the server failed.
    fn keep<'a>(
        &'a self,
        request_uri: &'a str,
        request: PushedRequest,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<(), BoxError>>;

    /// The request of a handle, which stays there: a page may be loaded twice.
    ///
    /// # Errors
    ///
    /// Any error of the store.
    fn find<'a>(
        &'a self,
        request_uri: &'a str,
    ) -> BoxFuture<'a, Result<Option<PushedRequest>, BoxError>>;

    /// Forgets a request, because it is about to be answered.
    ///
    /// # Errors
    ///
    /// Any error of the store; the response is not sent then.
    fn forget<'a>(&'a self, request_uri: &'a str) -> BoxFuture<'a, Result<(), BoxError>>;
}

const _: Option<&dyn PushedRequests> = None;

/// A pushed request as it is stored. `Debug` shows whose it is.
///
/// Read it from storage that only the host writes: it says whether the client signed the request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedRequest {
    /// To whom it was pushed.
    pub(super) issuer: Issuer,
    /// Who pushed it.
    pub(super) client_id: ClientId,
    /// The parameters that count, in `application/x-www-form-urlencoded`.
    pub(super) parameters: String,
    /// Whether they were in a request object.
    pub(super) signed: bool,
    /// From when it does not count any more.
    pub(super) expires_at: UnixTime,
    /// Until when it can be answered, whenever its page was loaded: the id of an answered request
    /// has to be remembered until then.
    pub(super) answer_until: UnixTime,
}

impl PushedRequest {
    /// From when it does not count any more, and need not be kept.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }
}

impl fmt::Debug for PushedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedRequest")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What a client that pushed a request is told, as JSON with status 201 ([RFC 9126 2.2]).
///
/// [RFC 9126 2.2]: https://www.rfc-editor.org/rfc/rfc9126#section-2.2
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PushedResponse {
    /// The handle for the authorization endpoint.
    pub request_uri: String,
    /// For how many seconds it counts.
    pub expires_in: u64,
}

/// Pushed requests in this process's memory, 10,000 at most: then the next to expire gives way.
/// `Debug` shows how many.
#[derive(Default)]
pub struct InMemoryPushedRequests(Mutex<HashMap<String, PushedRequest>>);

impl InMemoryPushedRequests {
    fn kept(&self) -> MutexGuard<'_, HashMap<String, PushedRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever knows a handle can use it up.
impl fmt::Debug for InMemoryPushedRequests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InMemoryPushedRequests")
            .field(&self.kept().len())
            .finish()
    }
}

impl PushedRequests for InMemoryPushedRequests {
    fn keep<'a>(
        &'a self,
        request_uri: &'a str,
        request: PushedRequest,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            let mut kept = self.kept();
            if kept.len() >= KEPT {
                kept.retain(|_, own| own.expires_at > now);
            }
            if kept.len() >= KEPT {
                let next = kept.iter().min_by_key(|(_, own)| own.expires_at);
                if let Some(next) = next.map(|(uri, _)| uri.clone()) {
                    kept.remove(&next);
                }
            }
            kept.insert(request_uri.to_owned(), request);
            Ok(())
        })
    }

    fn find<'a>(
        &'a self,
        request_uri: &'a str,
    ) -> BoxFuture<'a, Result<Option<PushedRequest>, BoxError>> {
        Box::pin(async move { Ok(self.kept().get(request_uri).cloned()) })
    }

    fn forget<'a>(&'a self, request_uri: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            self.kept().remove(request_uri);
            Ok(())
        })
    }
}
