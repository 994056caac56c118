use super::{EncryptionFailure, PendingError, PushedRequestsFull};
use crate::future::BoxError;
use crate::jose::{RandomSourceError, SealingError, SigningError};
use crate::policy::PolicySetting;
use crate::provider::EncodeError;
use crate::request::DuplicateParameter;
use crate::response::{AuthorizationError, ClaimsError, ErrorCode, OutcomeError};
use crate::vocabulary::{ClientId, JwsAlgorithm, RedirectTargetError, ResponseMode};

/// Why there is no answer for the client. The host shows a page of its own.
///
/// Nothing has gone out, and nothing will with less protection: revoke the code, if one was
/// issued. The text is for the host's log; show the user
/// [`public_message`](Self::public_message).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request names no client, or one that is not registered: for the host's look-up.
    #[error("the client is not registered")]
    UnknownClient,
    /// The request names no redirect URI of the client.
    #[error(transparent)]
    RedirectTarget(#[from] RedirectTargetError),
    /// A parameter that must be validated before anything is redirected occurs more than once.
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    /// The request is at fault, and no mode in force can or may tell the client.
    #[error("the client is not told: {0}")]
    Local(AuthorizationError),
    /// The pending response cannot be answered.
    #[error(transparent)]
    Pending(#[from] PendingError),
    /// The outcome does not fit the request: the host's mistake.
    #[error(transparent)]
    Outcome(#[from] OutcomeError),
    /// The claims cannot be made: the host's mistake.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// The provider could not write the message.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// No key signs with the client's algorithm.
    #[error(
        "no signing key for {algorithm}, which responses to client {client_id:?} are signed with"
    )]
    NoSigningKey {
        /// The algorithm.
        algorithm: JwsAlgorithm,
        /// The client.
        client_id: ClientId,
    },
    /// The client's responses are signed with its secret, and there is none that may be used.
    #[error(
        "responses to client {0:?} are signed with its secret, and it has none that is readable, valid and long enough"
    )]
    NoClientSecret(ClientId),
    /// The client's responses must be encrypted, and this one cannot be.
    #[error("the response to client {client_id:?} must be encrypted, and that failed")]
    Encryption {
        /// The client.
        client_id: ClientId,
        /// Why.
        #[source]
        failure: EncryptionFailure,
    },
    /// A mode that was negotiated is not in force any more, or the rules now refuse it.
    #[error("the response mode {0} was negotiated and cannot be used any more")]
    ModeWithdrawn(ResponseMode),
    /// The policy has become stricter since the response was negotiated.
    #[error(
        "the setting {setting} does not allow the answer to client {client_id:?} that was negotiated"
    )]
    AgainstPolicy {
        /// The client.
        client_id: ClientId,
        /// What speaks against it.
        setting: PolicySetting,
    },
    /// The client's responses are signed with an algorithm that is not allowed.
    #[error(
        "{algorithm}, which responses to client {client_id:?} are signed with, is not in allowed_signing_algs"
    )]
    AlgorithmNotAllowed {
        /// The algorithm.
        algorithm: JwsAlgorithm,
        /// The client.
        client_id: ClientId,
    },
    /// A response type that was negotiated is not in force any more, or not the client's.
    #[error("the response type that was negotiated is withdrawn from client {0:?} or the server")]
    ResponseTypeWithdrawn(ClientId),
    /// The signer failed.
    #[error("{source} with {algorithm}, key {key_id:?}")]
    Signing {
        /// The algorithm.
        algorithm: JwsAlgorithm,
        /// The key's `kid`; `None` for the client's secret.
        key_id: Option<String>,
        /// What the signer said.
        source: SigningError,
    },
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] RandomSourceError),
    /// The builder was given no source of randomness.
    #[error("no source of randomness: give the builder one, by `random`")]
    NoRandomSource,
    /// Sealing failed.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// The builder was given no sealer.
    #[error("no sealer: give the builder one, by `sealer`")]
    NoSealer,
    /// There is no room for another pushed request.
    #[error(transparent)]
    PushedRequestsFull(#[from] PushedRequestsFull),
    /// The store of pushed requests failed.
    #[error("the store of pushed requests failed")]
    PushedRequests(#[source] BoxError),
    /// The store of one-time ids failed.
    #[error("the store of one-time ids failed")]
    OneTimeIds(#[source] BoxError),
}

/// Who is to blame: what the user is told, and how loudly the log is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blame {
    Request,
    Session,
    /// The client's registration: its keys, its secret; or a registration or policy that changed
    /// while the user was asked; or too many of its requests. Whoever sends these can cause it.
    Client,
    Server,
}

impl Error {
    fn blame(&self) -> Blame {
        match self {
            Self::UnknownClient | Self::RedirectTarget(_) | Self::Duplicate(_) | Self::Local(_) => {
                Blame::Request
            }
            Self::Pending(error) if *error != PendingError::NoSession => Blame::Session,
            Self::NoClientSecret(_)
            | Self::ModeWithdrawn(_)
            | Self::AgainstPolicy { .. }
            | Self::ResponseTypeWithdrawn(_)
            | Self::PushedRequestsFull(_) => Blame::Client,
            Self::Encryption { failure, .. } => match failure {
                EncryptionFailure::NotOffered { .. } | EncryptionFailure::Primitive { .. } => {
                    Blame::Server
                }
                EncryptionFailure::EncWithoutAlg
                | EncryptionFailure::NoClientSecret { .. }
                | EncryptionFailure::NoKey(_)
                | EncryptionFailure::KeySource(_)
                | EncryptionFailure::Withdrawn => Blame::Client,
            },
            Self::Pending(_) // the host's own mistake
            | Self::Outcome(_)
            | Self::Claims(_)
            | Self::Encode(_)
            | Self::NoSigningKey { .. }
            | Self::AlgorithmNotAllowed { .. }
            | Self::Signing { .. }
            | Self::Random(_)
            | Self::NoRandomSource
            | Self::Sealing(_)
            | Self::NoSealer
            | Self::PushedRequests(_)
            | Self::OneTimeIds(_) => Blame::Server,
        }
    }

    /// The status of the host's page: 400 where the request or the user's session is at fault,
    /// 500 where the server or the client's registration is, 503 where the client may try again.
    pub fn http_status(&self) -> u16 {
        match (self, self.blame()) {
            (Self::PushedRequestsFull(_), _) => 503,
            (_, Blame::Request | Blame::Session) => 400,
            (_, Blame::Client | Blame::Server) => 500,
        }
    }

    /// A sentence for the user, without any detail of the server.
    pub fn public_message(&self) -> &'static str {
        match (self, self.blame()) {
            (Self::UnknownClient, _) => "The application is not registered here.",
            (Self::RedirectTarget(_), _) => {
                "The application wants the answer at an address that is not registered for it."
            }
            (Self::Local(error), _) if *error.code() == ErrorCode::INVALID_REQUEST_URI => {
                "This request has expired, or was answered before. Go back to the application and start again."
            }
            (Self::Pending(PendingError::Expired), _) => {
                "This login took too long. Go back to the application and start again."
            }
            (_, Blame::Request) => "The application sent a request that this server cannot answer.",
            (_, Blame::Session) => {
                "This login cannot be continued. Go back to the application and start again."
            }
            (_, Blame::Client | Blame::Server) => {
                "The server cannot answer the application now. Nothing was sent to it."
            }
        }
    }

    /// The whole chain in one line.
    pub(super) fn with_sources(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }

    /// Tells the host's log what failed: mode, client, algorithm and key, never a parameter.
    pub(super) fn log(&self, client_id: &ClientId, response_mode: &str) {
        let error: &dyn std::error::Error = self; // with its sources
        match self.blame() {
            Blame::Server => {
                tracing::error!(
                    response_mode,
                    ?client_id,
                    error,
                    "no authorization response"
                );
            }
            Blame::Client => {
                tracing::warn!(
                    response_mode,
                    ?client_id,
                    error,
                    "no authorization response"
                );
            }
            // Anybody can cause it.
            Blame::Request | Blame::Session => {
                tracing::debug!(
                    response_mode,
                    ?client_id,
                    error,
                    "no authorization response"
                );
            }
        }
    }
}
