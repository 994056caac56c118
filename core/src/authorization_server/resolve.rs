//! One authoritative source: of all places in which a request can have parameters, the one that
//! counts ([RFC 9101 6.3], [RFC 9126 4]).
//!
//! [RFC 9101 6.3]: https://www.rfc-editor.org/rfc/rfc9101#section-6.3
//! [RFC 9126 4]: https://www.rfc-editor.org/rfc/rfc9126#section-4

use std::time::Duration;

use super::observer::{About, Outcome};
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

impl AuthorizationServer {
    /// The parameters that count of a request to the authorization endpoint, or of one that is
    /// pushed: those of the pushed request that `request_uri` names, those of the request object in
    /// `request`, or its own. What stands beside the former two is ignored, a `response_mode` or
    /// `state` too, and is not there in what is returned.
    ///
    /// Call it as soon as the client is known, and take all else from the result, `redirect_uri`
    /// first. [`source`](RequestParameters::source) says where it is from.
    ///
    /// # Errors
    ///
    /// [`Error::Local`] with `invalid_request_object`, `invalid_request_uri`,
    /// `request_not_supported` or `request_uri_not_supported`, and with `invalid_request` when
    /// there are both: nothing is known then of where the client may be told, so the user is, or
    /// whoever pushed the request. [`Error::Duplicate`] for several of either;
    /// [`Error::PushedRequests`] when the store fails.
    pub async fn resolve(
        &self,
        client: &Client,
        request: &RequestParameters,
    ) -> Result<RequestParameters, Error> {
        let begin = self.begin();
        let resolved = self.authoritative(client, request).await;
        if let Err(error) = &resolved {
            self.tell_failure(client, begin, error);
        }
        resolved
    }

    /// Checks a pushed request as if it had come to the authorization endpoint, and keeps it.
    ///
    /// `request` is what [`resolve`](Self::resolve) returned for the body of the client's request,
    /// `target` what its redirect URI was validated to. Client authentication is the host's; a
    /// secret or an assertion in the body is not kept.
    ///
    /// # Errors
    ///
    /// A [`Refusal`]: tell the client its [`error`](Refusal::error) as JSON with status 400, and
    /// where there is none, `server_error` with status 500, but for [`Error::PushedRequestsFull`]:
    /// that is `temporarily_unavailable` with status 503 and `Retry-After`.
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

    async fn authoritative(
        &self,
        client: &Client,
        request: &RequestParameters,
    ) -> Result<RequestParameters, Error> {
        let request_uri = request.single("request_uri")?;
        let request_object = request.single("request")?;
        match (request_uri, request_object) {
            (None, None) => Ok(request.clone()),
            (Some(request_uri), None) => self.pushed(client, request_uri).await,
            (None, Some(jwt)) => {
                let verified = self.verify_request_object(client, jwt).await;
                verified.map_err(Error::Local)
            }
            (Some(_), Some(_)) => Err(Error::Local(AuthorizationError::invalid_request(
                "request and request_uri exclude each other",
            ))),
        }
    }

    async fn pushed(&self, client: &Client, request_uri: &str) -> Result<RequestParameters, Error> {
        let refuse = |code, why| Error::Local(AuthorizationError::new(code).description(why));
        if !request_uri.starts_with(PREFIX) {
            let why = "nothing is fetched from a request_uri here: push the request";
            return Err(refuse(ErrorCode::REQUEST_URI_NOT_SUPPORTED, why));
        }
        let found = self.pushed_requests.find(request_uri).await;
        let found = found.map_err(Error::PushedRequests)?;
        // Issuers may share a store and have clients with one id.
        let counts = |own: &PushedRequest| {
            own.issuer == self.issuer
                && own.client_id == *client.client_id()
                && own.expires_at > self.clock.now()
        };
        // One sentence for all: whether another client has pushed it is not the client's business.
        let why = "the request_uri is unknown, has expired, or was used";
        let PushedRequest {
            parameters,
            signed,
            answer_until,
            ..
        } = found
            .filter(counts)
            .ok_or_else(|| refuse(ErrorCode::INVALID_REQUEST_URI, why))?;
        let source = RequestSource::Pushed {
            request_uri: request_uri.to_owned(),
            signed,
            answer_until,
        };
        Ok(RequestParameters::from_urlencoded(parameters).with_source(source))
    }

    fn tell_failure(&self, client: &Client, begin: Option<Duration>, error: &Error) {
        let about = About {
            client_id: client.client_id(),
            response_type: None,
            response_mode: None,
        };
        let explanation = None;
        self.tell(about, begin, Outcome::Failed { error, explanation });
    }
}

/// What is stored holds no secret of the client's ([RFC 9126 2.1]).
///
/// [RFC 9126 2.1]: https://www.rfc-editor.org/rfc/rfc9126#section-2.1
fn without_authentication(request: &RequestParameters) -> RequestParameters {
    let pairs = request.iter();
    RequestParameters::from_pairs(pairs.filter(|(name, _)| !AUTHENTICATION.contains(name)))
}
