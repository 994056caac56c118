//! One authoritative source: of all places in which a request can have parameters, the one that
//! counts ([RFC 9101 6.3], [RFC 9126 4]).
//!
//! [RFC 9101 6.3]: https://www.rfc-editor.org/rfc/rfc9101#section-6.3
//! [RFC 9126 4]: https://www.rfc-editor.org/rfc/rfc9126#section-4

use super::pushed::{PREFIX, PushedRequest};
use super::{AuthorizationServer, Error};
use crate::metadata::Client;
use crate::request::{RequestParameters, RequestSource};
use crate::response::{AuthorizationError, ErrorCode};

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
}
