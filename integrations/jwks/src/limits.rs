use std::num::NonZero;
use std::time::Duration;

/// What a [`JwksFetcher`](crate::JwksFetcher) may spend, and how long what it has is good for.
///
/// The defaults are reasoned about in the [table](crate#limits) of the crate.
///
/// ```
/// use jarm_jwks::Limits;
/// use std::time::Duration;
///
/// let mut limits = Limits::default();
/// limits.deadline = Duration::from_secs(2);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// A set is fresh for so long at least, whatever `Cache-Control` says.
    pub least_freshness: Duration,
    /// A set is fresh for so long at most, whatever `Cache-Control` says.
    pub most_freshness: Duration,
    /// How long a set is fresh when `Cache-Control` says nothing.
    pub usual_freshness: Duration,
    /// After a miss a URL is fetched again although its set is fresh, unless the last fetch ended
    /// less than this ago. Nothing is gained by more than `least_freshness`.
    pub pause_between_misses: Duration,
    /// While a URL cannot be fetched its last set is used, until it was fetched so long ago.
    pub stale_limit: Duration,
    /// A URL that failed is left alone for so long; twice as long each time it fails again.
    pub pause_after_failure: Duration,
    /// The longest that a URL is left alone.
    pub longest_pause_after_failure: Duration,
    /// A fetch ends within this, from the look-up of the name to the last octet, redirects
    /// included. It may have waited for its turn just as long before.
    pub deadline: Duration,
    /// The longest document, in octets.
    pub body: usize,
    /// How many redirects are followed.
    pub redirects: u8,
    /// Of how many URLs sets and failures are remembered; those that were not asked for longest are
    /// forgotten.
    pub urls: NonZero<usize>,
    /// What remembered sets may take of memory, in octets, as estimated.
    pub memory: usize,
    /// How many fetches run at once. Eight times as many wait; more are refused.
    pub fetches_at_once: NonZero<usize>,
    /// How often one host name is turned to in a minute, whatever the path.
    pub attempts_per_host: usize,
    /// How often one address (of IPv6, one /64 net) is connected to in a minute, whatever the name.
    pub attempts_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const URLS: NonZero<usize> = NonZero::new(1000).unwrap();
        const FETCHES: NonZero<usize> = NonZero::new(16).unwrap();
        Self {
            least_freshness: Duration::from_secs(60),
            most_freshness: Duration::from_secs(60 * 60),
            usual_freshness: Duration::from_secs(5 * 60),
            pause_between_misses: Duration::from_secs(30),
            stale_limit: Duration::from_secs(24 * 60 * 60),
            pause_after_failure: Duration::from_secs(30),
            longest_pause_after_failure: Duration::from_secs(10 * 60),
            deadline: Duration::from_secs(5),
            body: 256 * 1024,
            redirects: 2,
            urls: URLS,
            memory: 32 * 1024 * 1024,
            fetches_at_once: FETCHES,
            attempts_per_host: 60,
            attempts_per_address: 240,
        }
    }
}
