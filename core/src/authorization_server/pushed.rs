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

/// How many requests wait in memory at most, and how many octets their parameters have together.
const KEPT: Share = Share {
    requests: 10_000,
    octets: 16 * 1024 * 1024,
};

/// Where pushed requests wait.
///
/// [`InMemoryPushedRequests`] is the default and right for one process; a host with several
/// implements this over its database. Keep an expired request no longer than is convenient: the
/// server looks at the time itself.
pub trait PushedRequests: fmt::Debug + Send + Sync {
    /// Keeps a request under its handle, which is new. What was kept before stays.
    ///
    /// # Errors
    ///
    /// [`PushedRequestsFull`] where there is no room; any other error of the store, and the client is
    /// told then that the server failed.
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
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PushedResponse {
    /// The handle for the authorization endpoint.
    pub request_uri: String,
    /// For how many seconds it counts.
    pub expires_in: u64,
}

/// Whoever knows a handle can use it up.
impl fmt::Debug for PushedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedResponse")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// There is no room for another pushed request: the client may try again, which [RFC 9110 10.2.3]
/// tells it by `Retry-After`.
///
/// [RFC 9110 10.2.3]: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more pushed requests can be kept; the next expires in {retry_after} seconds")]
pub struct PushedRequestsFull {
    /// In how many seconds there will be room.
    pub retry_after: u64,
}

/// Pushed requests in this process's memory: 10,000 and 16 MiB of parameters at most. Nobody loses a
/// request to clients that push many, and something is always free: a client may have as much as it leaves
/// to others, and then its next is refused. `Debug` shows how many there are.
#[derive(Default)]
pub struct InMemoryPushedRequests(Mutex<HashMap<String, PushedRequest>>);

/// A part of the memory.
#[derive(Clone, Copy, Default)]
struct Share {
    requests: usize,
    octets: usize,
}

impl Share {
    fn of<'a>(requests: impl Iterator<Item = &'a PushedRequest>) -> Self {
        requests.fold(Self::default(), Self::with)
    }

    fn with(self, request: &PushedRequest) -> Self {
        Self {
            requests: self.requests + 1,
            octets: self.octets + request.parameters.len(),
        }
    }

    fn without(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            octets: self.octets.saturating_sub(other.octets),
        }
    }

    fn is_within(self, other: Self) -> bool {
        self.requests <= other.requests && self.octets <= other.octets
    }
}

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
            kept.retain(|_, own| own.expires_at > now);
            let is_its_clients = |own: &&PushedRequest| {
                own.client_id == request.client_id && own.issuer == request.issuer
            };
            let its_clients = Share::of(kept.values().filter(is_its_clients));
            let free = KEPT.without(Share::of(kept.values()));
            if !its_clients.with(&request).is_within(free) {
                let next = kept.values().map(|own| own.expires_at.as_seconds()).min();
                let wait = next.map_or(1, |next| next.saturating_sub(now.as_seconds()));
                return Err(PushedRequestsFull { retry_after: wait }.into());
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
