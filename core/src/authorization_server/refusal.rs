use super::{Error, PendingResponse};
use crate::response::{AuthorizationError, CspNonce};
use crate::vocabulary::{RedirectTarget, ResponseMode};

/// A request that was refused at the door, with the way in which that must be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The client is told, in the mode that applies.
    #[error("the client is told: {}", .0.error)]
    Answer(RefusedRequest),
    /// No mode may or can tell the client: a local page with status 400.
    #[error("the request cannot be answered: {0}")]
    Local(AuthorizationError),
    /// The server cannot answer in the mode that applies: a local page with status 500.
    #[error(transparent)]
    Failed(Error),
}

impl Refusal {
    /// What is wrong with the request, for an endpoint that tells the client directly: where
    /// requests are pushed, with status 400 and as JSON ([RFC 9126 2.3]). `None` where it is the
    /// server that cannot answer.
    ///
    /// [RFC 9126 2.3]: https://www.rfc-editor.org/rfc/rfc9126#section-2.3
    pub fn error(&self) -> Option<&AuthorizationError> {
        match self {
            Self::Answer(refused) => Some(refused.error()),
            Self::Local(error) => Some(error),
            Self::Failed(_) => None,
        }
    }

    /// Supplies the nonce for a page's script, needed where `page.csp` is `nonce`.
    #[must_use]
    pub fn with_csp_nonce(self, nonce: CspNonce) -> Self {
        match self {
            Self::Answer(RefusedRequest { pending, error }) => Self::Answer(RefusedRequest {
                pending: Box::new(pending.with_csp_nonce(nonce)),
                error,
            }),
            other => other,
        }
    }
}

/// An error on its way to the client. Only [`refuse`](super::AuthorizationServer::refuse) answers it, and only
/// with this error: a refused request cannot become a success.
#[derive(Debug)]
pub struct RefusedRequest {
    pub(super) pending: Box<PendingResponse>,
    pub(super) error: AuthorizationError,
}

impl RefusedRequest {
    /// What the client will be told.
    pub fn error(&self) -> &AuthorizationError {
        &self.error
    }

    /// Where it will be told.
    ///
    /// A host that does not trust the client enough to redirect on its own may ask the user first
    /// ([RFC 9700 4.11.2]).
    ///
    /// [RFC 9700 4.11.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.11.2
    pub fn target(&self) -> &RedirectTarget {
        self.pending.target()
    }

    /// The mode in which it will be told, but for a redirect that is
    /// [too long](crate::Configuration::long_redirects).
    pub fn response_mode(&self) -> &ResponseMode {
        self.pending.response_mode()
    }
}
