//! The endpoint for pushed requests ([RFC 9126 2]).
//!
//! [RFC 9126 2]: https://www.rfc-editor.org/rfc/rfc9126#section-2

use super::pushed::{PREFIX, PushedRequest, PushedRequestsFull, PushedResponse};
use super::{AuthorizationServer, Error, Refusal};
use crate::metadata::Client;
use crate::request::{RequestParameters, RequestSource};
use crate::response::{AuthorizationError, ErrorCode};
use crate::vocabulary::RedirectTarget;

/// By which a client authenticates itself in the body of its request ([RFC 6749 2.3.1],
/// [RFC 7521 4.2]).
///
/// [RFC 6749 2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
/// [RFC 7521 4.2]: https://www.rfc-editor.org/rfc/rfc7521#section-4.2
const AUTHENTICATION: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// What a client is told whose request is not kept ([RFC 9126 2.3]).
///
/// [RFC 9126 2.3]: https://www.rfc-editor.org/rfc/rfc9126#section-2.3
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotPushed {
    /// The status.
    pub status: u16,
    /// In how many seconds the client may try again, for the header `Retry-After`.
    pub retry_after: Option<u64>,
    /// The body: it serialises as JSON.
    pub error: AuthorizationError,
}

impl From<&Refusal> for NotPushed {
    fn from(refusal: &Refusal) -> Self {
        let (status, retry_after, error) = match (refusal, refusal.error()) {
            (Refusal::Failed(Error::PushedRequestsFull(full)), _) => {
                let error = AuthorizationError::new(ErrorCode::TEMPORARILY_UNAVAILABLE);
                (503, Some(full.retry_after), error)
            }
            (_, Some(error)) => (400, None, error.clone()),
            (Refusal::Failed(error), _) if error.http_status() < 500 => {
                let error = AuthorizationError::invalid_request(error.to_string());
                (400, None, error)
            }
            (_, None) => (500, None, AuthorizationError::server_error()),
        };
        Self {
            status,
            retry_after,
            error,
        }
    }
}

impl AuthorizationServer {
    /// Checks a pushed request as if it had come to the authorization endpoint, and keeps it.
    ///
    /// `request` is what [`resolve`](Self::resolve) returned for the body of the client's request,
    /// `target` what its redirect URI was validated to. Client authentication is the host's; a
    /// secret or an assertion in the body is not kept.
    ///
    /// # Errors
    ///
    /// A [`Refusal`], of which the client is told what [`NotPushed`] says.
    pub async fn push(
        &self,
        client: &Client,
        target: RedirectTarget,
        request: &RequestParameters,
    ) -> Result<PushedResponse, Refusal> {
        let signed = match request.source() {
            RequestSource::Parameters => false,
            RequestSource::RequestObject => true,
            RequestSource::Pushed { .. } => {
                let why = "a request_uri cannot be pushed";
                return Err(Refusal::Local(AuthorizationError::invalid_request(why)));
            }
        };
        self.negotiate(client, target, request).await?;
        let begin = self.begin();
        let kept = self.keep(client, request, signed).await;
        kept.map_err(|error| {
            self.tell_failure(client, begin, &error);
            Refusal::Failed(error)
        })
    }

    async fn keep(
        &self,
        client: &Client,
        request: &RequestParameters,
        signed: bool,
    ) -> Result<PushedResponse, Error> {
        let expires_in = self.pushed_request_lifetime;
        let now = self.clock.now();
        let expires_at = now.after(expires_in);
        let pushed = PushedRequest {
            issuer: self.issuer.clone(),
            client_id: client.client_id().clone(),
            parameters: without_authentication(request).to_urlencoded(),
            signed,
            expires_at,
            answer_until: expires_at.after(self.pending_lifetime),
        };
        let request_uri = format!("{PREFIX}{}", self.random_id()?);
        let kept = self.pushed_requests.keep(&request_uri, pushed, now).await;
        kept.map_err(|error| match error.downcast::<PushedRequestsFull>() {
            Ok(full) => Error::PushedRequestsFull(*full),
            Err(error) => Error::PushedRequests(error),
        })?;
        Ok(PushedResponse {
            request_uri,
            expires_in,
        })
    }
}

/// What is stored holds no secret of the client's ([RFC 9126 2.1]).
///
/// [RFC 9126 2.1]: https://www.rfc-editor.org/rfc/rfc9126#section-2.1
fn without_authentication(request: &RequestParameters) -> RequestParameters {
    let pairs = request.iter();
    RequestParameters::from_pairs(pairs.filter(|(name, _)| !AUTHENTICATION.contains(name)))
}
