use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Transaction;
use crate::clock::{Clock, SystemClock, UnixTime};
use crate::cookie;

/// How long a login may take, in seconds.
const LIFETIME: u64 = 600;

/// How many characters a transaction's name has.
const NAME: usize = 43;

/// How many names are looked for; a browser has one, and what a look costs grows with
/// the logins that are under way.
const NAMES: usize = 4;

/// How many logins are under way; a transaction takes about half a kilobyte.
const KEPT: usize = 10_000;

/// Transactions kept in memory, each found by a cookie of the browser that began it.
///
/// Each is taken out once, within ten minutes; of more than 10,000 the oldest are dropped. A client
/// of several processes keeps them in its sessions instead.
///
/// A browser has one login under way: a second one takes the cookie of the first, whose answer is
/// refused when it arrives, and takes the second one out as well. Which of several transactions a
/// response is for stands inside it, in `state`, and is not to be read before it is verified for
/// one of them.
pub struct InMemoryTransactions {
    cookie: &'static str,
    attributes: &'static str,
    clock: Arc<dyn Clock>,
    kept: Mutex<VecDeque<Kept>>,
}

struct Kept {
    id: String,
    until: UnixTime,
    transaction: Transaction,
}

impl Default for InMemoryTransactions {
    fn default() -> Self {
        Self::new()
    }
}

impl InMemoryTransactions {
    /// For a client at an `https` URL. The cookie is for its host alone.
    pub fn new() -> Self {
        Self {
            cookie: "__Host-transaction",
            attributes: "Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure",
            clock: Arc::new(SystemClock),
            kept: Mutex::default(),
        }
    }

    /// For a client at an `http` URL on loopback: the cookie is not bound to `https`.
    pub fn without_https() -> Self {
        Self {
            cookie: "transaction",
            attributes: "Path=/; Max-Age=600; HttpOnly; SameSite=Lax",
            ..Self::new()
        }
    }

    /// The clock; the operating system's, if not called.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Keeps a transaction and returns the header that gives the browser its cookie, by name and
    /// value: add it to the redirect to the server.
    pub fn keep(&self, transaction: Transaction) -> (&'static str, String) {
        let id = transaction.id();
        let cookie = format!("{}={id}; {}", self.cookie, self.attributes);
        let mut kept = self.kept();
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(Kept {
            id,
            until: self.clock.now().after(LIFETIME),
            transaction,
        });
        ("set-cookie", cookie)
    }

    /// Takes out the transaction of the browser that sent these headers `Cookie`.
    pub fn take<C: AsRef<[u8]>>(
        &self,
        cookies: impl IntoIterator<Item = C>,
    ) -> Option<Transaction> {
        let mut kept = self.kept();
        let ids = cookie::values(cookies, self.cookie);
        let mut ids = ids.filter(|id| id.len() == NAME).take(NAMES);
        let at = ids.find_map(|id| kept.iter().position(|own| own.id == id));
        let found = kept.remove(at?)?;
        (found.until > self.clock.now()).then_some(found.transaction)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for InMemoryTransactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemoryTransactions")
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
