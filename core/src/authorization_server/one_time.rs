use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use super::PendingId;
use crate::clock::UnixTime;
use crate::future::{BoxError, BoxFuture};

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
        Box::pin(async move {
            let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            if used.ids.len() >= used.limit {
                used.ids.retain(|_, expires_at| *expires_at > now);
                used.limit = (used.ids.len() * 2).max(1024);
            }
            Ok(used.ids.insert(id.clone(), expires_at).is_none())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn use_up(
        store: &InMemoryOneTimeIds,
        number: u64,
        expires_at: UnixTime,
        now: UnixTime,
    ) -> bool {
        let id = PendingId::new(number.to_string());
        let mut answer = store.use_up(&id, expires_at, now);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match answer.as_mut().poll(&mut context) {
            std::task::Poll::Ready(Ok(is_first)) => is_first,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn expired_ids_do_not_pile_up() {
        let store = InMemoryOneTimeIds::default();
        for second in 0..10_000 {
            let now = UnixTime::from_seconds(second);
            use_up(&store, second, now.after(10), now);
        }
        assert!(store.used.lock().unwrap().ids.len() <= 1024);
    }

    #[test]
    fn an_id_that_has_not_expired_is_remembered_whatever_comes() {
        let store = InMemoryOneTimeIds::default();
        let [now, later] = [0, 1].map(UnixTime::from_seconds);
        assert!((0..5000).all(|number| use_up(&store, number, later, now)));
        assert!(!(0..5000).any(|number| use_up(&store, number, later, now)));
        assert!(
            (5000..9000).all(|number| use_up(&store, number, now, now)),
            "as good as forgotten"
        );
        assert!(!(0..5000).any(|number| use_up(&store, number, later, now)));
    }

    #[test]
    fn nothing_is_used_up_before_it_is_waited_for() {
        let store = InMemoryOneTimeIds::default();
        let [now, later] = [0, 1].map(UnixTime::from_seconds);
        drop(store.use_up(&PendingId::new("1".into()), later, now));
        assert!(use_up(&store, 1, later, now));
    }
}
