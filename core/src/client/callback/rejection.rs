use std::sync::Arc;
use std::time::Duration;

use super::Relay;
use crate::client::RefusedResponse;

/// Refusals are told at a multiple of this, so that the time does not tell in which step
/// verification ended.
const REFUSED_EVERY: Duration = Duration::from_millis(250);

/// What is sent to the browser where no response is verified, in plain strings.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackRejection {
    /// Nothing was verified: status 400, and one sentence that is the same for every reason. The
    /// reason is in the log; it is here for a host that has a page for its own developers.
    #[error("the authorization response is not valid")]
    Refused(Unverified),
    /// A page that has the browser send the response once more, in a way in which it can be read.
    #[error("the authorization response is to be sent once more")]
    Relay(Relay),
}

/// Why nothing was verified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Unverified {
    /// The method or the form is none that a response comes with.
    Unreadable,
    /// Nothing is under way in this browser: there is no transaction.
    NothingUnderWay,
    /// Nobody verifies responses of the transaction's issuer.
    NoVerifier,
    /// The response is refused.
    Refused(Arc<RefusedResponse>),
}

impl Unverified {
    /// Tells the log; of a refused response the verifier has told it.
    pub(super) fn rejected(self) -> CallbackRejection {
        match &self {
            Self::Unreadable => tracing::debug!("a request to the redirect URI cannot be read"),
            Self::NothingUnderWay => tracing::debug!("a response came where none was asked for"),
            Self::NoVerifier => tracing::warn!("nobody verifies responses of the issuer"),
            Self::Refused(_) => {}
        }
        CallbackRejection::Refused(self)
    }
}

impl CallbackRejection {
    /// The rejection of a request whose form cannot be read.
    pub fn unreadable() -> Self {
        Unverified::Unreadable.rejected()
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused(_) => 400,
            Self::Relay(_) => 200,
        }
    }

    /// All headers: names in lower case, values in visible ASCII.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let own = match self {
            Self::Refused(_) => vec![("content-type", "text/plain; charset=utf-8")],
            Self::Relay(relay) => vec![
                ("content-type", "text/html; charset=utf-8"),
                ("content-security-policy", relay.content_security_policy()),
                // Not `no-referrer`: the browser would say `Origin: null` when it posts.
                ("referrer-policy", "same-origin"),
                ("x-content-type-options", "nosniff"),
            ],
        };
        own.into_iter().chain([("cache-control", "no-store")])
    }

    /// The body.
    pub fn body(&self) -> &str {
        match self {
            Self::Refused(_) => "The authorization response is not valid. Go back and try again.",
            Self::Relay(relay) => relay.html(),
        }
    }

    /// How long after the request came it is sent, if so much time has passed already: a refusal
    /// at the next multiple of 250 milliseconds, and a page at once.
    pub fn told_after(&self, elapsed: Duration) -> Duration {
        match self {
            Self::Refused(_) => {
                let quanta = elapsed.div_duration_f64(REFUSED_EVERY).floor() + 1.0;
                REFUSED_EVERY.mul_f64(quanta)
            }
            Self::Relay(_) => elapsed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_at_multiples_of_a_quarter_of_a_second() {
        for (elapsed, told) in [(0, 250), (249, 250), (250, 500), (600, 750)] {
            let after = CallbackRejection::unreadable().told_after(Duration::from_millis(elapsed));
            assert_eq!(after, Duration::from_millis(told), "after {elapsed}");
        }
    }
}
