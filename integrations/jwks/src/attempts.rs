use std::collections::VecDeque;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// Among how many counters hosts are spread. Those of one counter share what is allowed; which they
/// are is for nobody to guess.
const COUNTERS: usize = 16 * 1024;

/// How often something was turned to in the last minute, so that clients that register many URLs
/// cannot make this server flood somebody. No counter is ever given up for another: who turns to
/// many others in between gains nothing.
#[derive(Debug)]
pub(crate) struct Attempts {
    per_minute: usize,
    hasher: RandomState,
    recent: Mutex<Vec<VecDeque<Instant>>>,
}

impl Attempts {
    pub(crate) fn new(per_minute: usize) -> Self {
        Self {
            per_minute,
            hasher: RandomState::new(),
            recent: Mutex::new(vec![VecDeque::new(); COUNTERS]),
        }
    }

    /// Counts an attempt, if there may be one more.
    pub(crate) fn admit(&self, what: impl Hash) -> bool {
        let now = Instant::now();
        let at = self.hasher.hash_one(what) % COUNTERS as u64;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = usize::try_from(at).ok().and_then(|at| recent.get_mut(at)) else {
            return false;
        };
        while times
            .front()
            .is_some_and(|first| now.saturating_duration_since(*first) >= MINUTE)
        {
            times.pop_front();
        }
        let is_admitted = times.len() < self.per_minute;
        if is_admitted {
            times.push_back(now);
        }
        is_admitted
    }
}

/// What is counted as one address: whoever has an IPv6 address has the /64 net around it.
pub(crate) fn net(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_attempts_than_allowed() {
        let attempts = Attempts::new(2);
        assert!(attempts.admit("a"));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(attempts.admit("a") && !attempts.admit("a") && attempts.admit("b"));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert!(attempts.admit("a") && !attempts.admit("a"));
    }

    #[test]
    fn the_addresses_of_one_net_are_one() {
        let net = |address: &str| net(address.parse().unwrap());
        assert_eq!(net("2606:4700:0:1::1"), net("2606:4700:0:1:ffff::2"));
        assert_ne!(net("2606:4700:0:1::1"), net("2606:4700:0:2::1"));
        assert_ne!(net("1.1.1.1"), net("1.1.1.2"));
        assert_eq!(net("1.1.1.1"), net("::ffff:1.1.1.1"));
    }

    #[test]
    fn turning_to_many_others_does_not_make_one_forgotten() {
        let attempts = Attempts::new(2);
        assert!(attempts.admit(0) && attempts.admit(0));
        for other in 1..=2_000 {
            attempts.admit(other);
        }
        assert!(!attempts.admit(0));
    }
}
