use std::fmt;

use jarm_core::authorization_server::PendingResponse;
use jarm_core::metadata::Client;
use jarm_core::response::{AuthorizationError, AuthorizationResponse, EncodedResponse};
use jarm_core::{AuthorizationServer, RedirectTarget, RedirectUriPolicy, RequestParameters};
use oauth_as::authorization::{
    AuthorizationError as Verdict, AuthorizationRequest, ValidatedAuthorizationRequest,
};
use oauth_as::server::{Clock, SystemClock, UserApproval};
use oauth_as::store::Storage;
use serde_json::{Map, Value};

use crate::{LocalError, authorization_error};

/// A host's two libraries side by side: `oauth-as` judges, `jarm` answers.
///
/// It borrows them, so it is made where it is needed; where servers are replaced while they run, that
/// is once a request.
pub struct OauthAsHost<'a, S: Storage, C: Clock = SystemClock> {
    pub(crate) oauth: &'a oauth_as::server::AuthorizationServer<S, C>,
    pub(crate) jarm: &'a AuthorizationServer,
    policy: &'a RedirectUriPolicy,
}

/// What `oauth-as` found. Client and redirect URI are valid; the request is, or is not.
#[derive(Debug)]
pub struct Judged {
    /// Where the answer goes.
    pub target: RedirectTarget,
    /// The request, or the error that the client is told in the mode that is negotiated.
    pub verdict: Result<ValidatedAuthorizationRequest, AuthorizationError>,
}

impl<'a, S: Storage, C: Clock> OauthAsHost<'a, S, C> {
    /// Joins the two. Both have the same issuer, without a slash at its end, because `oauth-as` drops
    /// one in its metadata.
    pub fn new(
        oauth: &'a oauth_as::server::AuthorizationServer<S, C>,
        jarm: &'a AuthorizationServer,
        policy: &'a RedirectUriPolicy,
    ) -> Self {
        Self {
            oauth,
            jarm,
            policy,
        }
    }

    /// Has `oauth-as` validate the parameters that count: those that `jarm` resolved, where requests can
    /// be pushed or signed.
    ///
    /// # Errors
    ///
    /// [`LocalError`] while nothing may be redirected: client or redirect URI are not valid or
    /// ambiguous, or the client is not `client`.
    pub async fn judge(
        &self,
        client: &Client,
        request: &RequestParameters,
    ) -> Result<Judged, LocalError> {
        // oauth-as keeps the first of duplicates. While client or redirect URI are ambiguous, nothing
        // may be redirected; the others are refused when the answer is negotiated.
        let client_id = request.single("client_id")?;
        request.single("redirect_uri")?;
        if client_id != Some(client.client_id().as_str()) {
            return Err(jarm_core::authorization_server::Error::UnknownClient.into());
        }
        // Both libraries read the same request: an empty parameter counts as absent (RFC 6749 3.1).
        let theirs = AuthorizationRequest::from_pairs(request.present());
        let (redirect_uri, verdict) = match self.oauth.validate_authorization_request(&theirs).await
        {
            Ok(valid) => (valid.redirect_uri.clone(), Ok(valid)),
            Err(Verdict::Redirect(error)) => {
                (error.redirect_uri, Err(authorization_error(error.error)))
            }
            Err(Verdict::Direct(error)) => return Err(LocalError::Direct(error)),
        };
        let target = RedirectTarget::validated_by_host(self.policy, &redirect_uri)?;
        Ok(Judged { target, verdict })
    }

    /// Issues the code and answers with it. Where there is no answer, nobody can redeem the code.
    ///
    /// # Errors
    ///
    /// [`LocalError`] when the answer cannot be made; nothing has gone out.
    pub async fn grant(
        &self,
        pending: PendingResponse,
        client: &Client,
        approval: UserApproval<'_>,
    ) -> Result<EncodedResponse, LocalError> {
        let code = match self.oauth.issue_authorization_code(approval).await {
            Ok(issued) => issued.code,
            Err(Verdict::Redirect(error)) => {
                let error = authorization_error(error.error);
                return Ok(self.jarm.respond(pending, client, error).await?);
            }
            Err(Verdict::Direct(error)) => return Err(LocalError::Direct(error)),
        };
        let success = AuthorizationResponse::code(&code);
        let answered = self.jarm.respond(pending, client, success).await;
        if answered.is_err() {
            // oauth-as stored the code before there was an answer.
            if let Err(error) = self.oauth.store().take_authorization_code(&code).await {
                tracing::error!(%error, "an authorization code that was not sent could not be revoked");
            }
        }
        Ok(answered?)
    }

    /// Tells the client that the user refused.
    ///
    /// # Errors
    ///
    /// [`LocalError`] when the answer cannot be made.
    pub async fn deny(
        &self,
        pending: PendingResponse,
        client: &Client,
        request: &ValidatedAuthorizationRequest,
    ) -> Result<EncodedResponse, LocalError> {
        let error = authorization_error(request.denied().error);
        Ok(self.jarm.respond(pending, client, error).await?)
    }

    /// The metadata of `oauth-as` with the members laid over them that follow from response modes and
    /// keys.
    ///
    /// It says what `oauth-as` could do. Take out the endpoints, grants and methods that the host does
    /// not serve. `jwks_uri` is that of its `ServerConfig`: serve `jarm`'s keys there.
    pub fn metadata(&self) -> Map<String, Value> {
        let mut document = match serde_json::to_value(self.oauth.metadata()) {
            Ok(Value::Object(document)) => document,
            _ => Map::new(),
        };
        // With its feature `jwt`, oauth-as names the keys of access tokens alone.
        if let Some(jwks_uri) = &self.oauth.config().jwks_uri {
            document.insert("jwks_uri".to_owned(), jwks_uri.as_str().into());
        }
        self.jarm.metadata().merge_into(&mut document);
        document
    }
}

impl<S: Storage, C: Clock> fmt::Debug for OauthAsHost<'_, S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OauthAsHost")
            .field("jarm", &self.jarm)
            .finish_non_exhaustive()
    }
}
