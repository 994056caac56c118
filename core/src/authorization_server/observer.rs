use std::fmt::Debug;
use std::time::Duration;

use super::{AuthorizationServer, Error, Explanation, LongRedirect};
use crate::metadata::Client;
use crate::response::AuthorizationError;
use crate::vocabulary::{
    ClientId, Issuer, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwsAlgorithm,
    ResponseMode, ResponseType,
};

/// Sees what a server does with requests, as data: for metrics, audit and alarms.
///
/// It is called while the request waits, so it hands over what takes time, and when the answer is
/// made, which a panic would lose. It sees no code, no token and no `state`.
pub trait Observer: Debug + Send + Sync {
    /// Takes note of an event.
    fn observe(&self, event: &Event<'_>);
}

const _: Option<&dyn Observer> = None;

/// What happened with one request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// Who answers.
    pub issuer: &'a Issuer,
    /// Who asked.
    pub client_id: &'a ClientId,
    /// The response type, if the request names one.
    pub response_type: Option<&'a ResponseType>,
    /// The mode of the answer; `None` when no mode can carry it. It is the one that was negotiated,
    /// but for a redirect that was too long.
    pub response_mode: Option<&'a ResponseMode>,
    /// What came of it.
    pub outcome: Outcome<'a>,
    /// How long it took, by the [monotonic clock](crate::clock::Clock::monotonic): the negotiation
    /// alone, or the answer alone.
    pub duration: Duration,
}

/// What came of a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// It will be answered; the user is asked first.
    #[non_exhaustive]
    Negotiated {
        /// What decided about the mode.
        explanation: &'a Explanation,
    },
    /// It was refused at the door.
    #[non_exhaustive]
    Refused {
        /// What the client is told, if a mode can carry it.
        error: &'a AuthorizationError,
        /// What decided.
        explanation: &'a Explanation,
    },
    /// The answer is made.
    #[non_exhaustive]
    Answered {
        /// The error in it; `None` for a success.
        error: Option<&'a AuthorizationError>,
        /// The JWT around it; `None` in a plain mode.
        response_jwt: Option<&'a ResponseJwtDetails>,
        /// The redirect that is too long; `None` where it is not, or there is no limit.
        long_redirect: Option<&'a LongRedirect>,
    },
    /// There is no answer, and the user sees a page of the host's.
    #[non_exhaustive]
    Failed {
        /// Why.
        error: &'a Error,
        /// What decided about the mode, when it failed at the door.
        explanation: Option<&'a Explanation>,
    },
}

/// What can be told about a response JWT without telling what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseJwtDetails {
    /// The algorithm that signed it.
    pub algorithm: JwsAlgorithm,
    /// The key that signed it; `None` for the client's secret.
    pub key_id: Option<String>,
    /// Its `jti`, where [`response_jwt_jti`](crate::Configuration::response_jwt_jti) is on.
    pub jti: Option<String>,
    /// The SHA-256 of the JWS in compact serialisation, before it was encrypted: by it a JWT that
    /// turns up somewhere can be found in the audit trail.
    pub sha256: [u8; 32],
    /// How it was encrypted, if it was.
    pub encryption: Option<ResponseEncryptionDetails>,
}

/// How a response JWT was encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseEncryptionDetails {
    /// The key management algorithm.
    pub alg: JweKeyManagementAlgorithm,
    /// The content encryption algorithm.
    pub enc: JweContentEncryptionAlgorithm,
    /// The `kid` of the client's key, if it has one.
    pub key_id: Option<String>,
}

/// What an event is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub(super) client_id: &'a ClientId,
    pub(super) response_type: Option<&'a ResponseType>,
    pub(super) response_mode: Option<&'a ResponseMode>,
}

impl AuthorizationServer {
    pub(super) fn is_observed(&self) -> bool {
        !self.observers.is_empty()
    }

    /// When something begins whose duration will be told, if there is anybody to tell.
    pub(super) fn begin(&self) -> Option<Duration> {
        self.is_observed().then(|| self.clock.monotonic())
    }

    /// Tells the log and the observers.
    pub(super) fn tell(&self, about: About<'_>, begin: Option<Duration>, outcome: Outcome<'_>) {
        log(about, &outcome);
        let Some(begin) = begin else { return };
        let About {
            client_id,
            response_type,
            response_mode,
        } = about;
        let event = Event {
            issuer: &self.issuer,
            client_id,
            response_type,
            response_mode,
            outcome,
            duration: self.clock.monotonic().saturating_sub(begin),
        };
        for observer in &self.observers {
            observer.observe(&event);
        }
    }

    /// Tells of a request that could not be resolved or kept.
    pub(super) fn tell_failure(&self, client: &Client, begin: Option<Duration>, error: &Error) {
        let about = About {
            client_id: client.client_id(),
            response_type: None,
            response_mode: None,
        };
        let explanation = None;
        self.tell(about, begin, Outcome::Failed { error, explanation });
    }
}

/// Logs mode, client and what decided or failed; of the request the response type alone, which is
/// made of a few harmless characters.
fn log(about: About<'_>, outcome: &Outcome<'_>) {
    let About {
        client_id,
        response_mode,
        ..
    } = about;
    let response_mode = response_mode.map_or("none", ResponseMode::as_str);
    match outcome {
        Outcome::Negotiated { explanation } => {
            tracing::debug!(response_mode, ?client_id, %explanation, "negotiated");
        }
        Outcome::Refused { error, explanation } => {
            tracing::debug!(response_mode, ?client_id, %error, %explanation, "refused");
        }
        Outcome::Answered { long_redirect, .. } => {
            tracing::debug!(response_mode, ?client_id, "authorization response encoded");
            if let Some(long) = long_redirect {
                long.log(client_id, response_mode);
            }
        }
        Outcome::Failed { error, .. } => error.log(client_id, response_mode),
    }
}
