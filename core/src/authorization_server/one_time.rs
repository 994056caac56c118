use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use super::PendingId;
use crate::clock::UnixTime;
use crate::jose::{BoxError, BoxFuture};

/// A store in which each pending response's id is used up once.
///
/// [`InMemoryOneTimeIds`] is the default and right for one process; a host with several
/// implements this over its database, with an insert that fails on a known key.
pub trait OneTimeIds: Debug + Send + Sync {
    /// Uses up an id; `false` when it was used before. It must be remembered until `expires_at`.
    ///
    /// # Errors
    ///
    /// Any error of the store; the response is then not sent.
    fn use_up<'a>(
        &'a self,
        id: &'a PendingId,
        expires_at: UnixTime,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<bool, BoxError>>;
}

const _: Option<&dyn OneTimeIds> = None;

/// One-time ids in this process's memory. Expired ones are forgotten as others come.
#[derive(Debug, Default)]
pub struct InMemoryOneTimeIds {
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    ids: HashMap<PendingId, UnixTime>,
    /// How many ids there may be before the expired ones are looked for.
    limit: usize,
}

impl OneTimeIds for InMemoryOneTimeIds {
    fn use_up<'a>(
        &'a self,
        id: &'a PendingId,
        expires_at: UnixTime,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.ids.len() >= used.limit {
            used.ids.retain(|_, expires_at| *expires_at > now);
            used.limit = (used.ids.len() * 2).max(1024);
        }
        let is_first = used.ids.insert(id.clone(), expires_at).is_none();
        drop(used);
        Box::pin(std::future::ready(Ok(is_first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_ids_do_not_pile_up() {
        let store = InMemoryOneTimeIds::default();
        for second in 0..10_000 {
            let id = PendingId::new(u128::from(second).to_be_bytes());
            let now = UnixTime::from_seconds(second);
            drop(store.use_up(&id, now.after(10), now));
        }
        assert!(store.used.lock().unwrap().ids.len() <= 1024);
    }

    #[test]
    fn an_id_that_has_not_expired_is_remembered_whatever_comes() {
        let store = InMemoryOneTimeIds::default();
        let now = UnixTime::from_seconds(0);
        let use_up = |number: u128, expires_at: u64| {
            let id = PendingId::new(number.to_be_bytes());
            let mut answer = store.use_up(&id, UnixTime::from_seconds(expires_at), now);
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            matches!(
                answer.as_mut().poll(&mut context),
                std::task::Poll::Ready(Ok(true))
            )
        };
        assert!((0..5000).all(|number| use_up(number, 1)));
        assert!(!(0..5000).any(|number| use_up(number, 1)));
        assert!(
            (5000..9000).all(|number| use_up(number, 0)),
            "as good as forgotten"
        );
        assert!(!(0..5000).any(|number| use_up(number, 1)));
    }
}
