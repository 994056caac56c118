//! The endpoint for pushed requests ([RFC 9126]).
//!
//! [RFC 9126]: https://www.rfc-editor.org/rfc/rfc9126

use jarm_core::RequestParameters;
use jarm_core::authorization_server::{Error, NotPushed, PushedResponse, Refusal};
use jarm_core::metadata::Client;
use jarm_core::response::AuthorizationError;
use oauth_as::client::ClientId;
use oauth_as::error::ErrorResponse;
use oauth_as::server::{Clock, TokenRequestContext};
use oauth_as::store::Storage;
use serde::{Serialize, Serializer};

use crate::{LocalError, OauthAsHost, authorization_error};

impl<S: Storage, C: Clock> OauthAsHost<'_, S, C> {
    /// Keeps a client's request until the user brings its handle.
    ///
    /// `form` is the body as it came, `sender` what the client authenticates and proves its DPoP key
    /// with, as at the token endpoint. `jarm` decides which parameters count; `oauth-as` authenticates
    /// the client, binds the key ([RFC 9449 10.1]) and validates the request; `jarm` negotiates it, as
    /// the authorization endpoint would, and keeps it.
    ///
    /// `oauth-as` authenticates only together with a request of its own, so a request object is looked
    /// at before the client is authenticated, and nothing is kept of it before that.
    ///
    /// # Errors
    ///
    /// [`PushError`]: tell the client as JSON.
    ///
    /// [RFC 9449 10.1]: https://www.rfc-editor.org/rfc/rfc9449#section-10.1
    pub async fn push(
        &self,
        client: &Client,
        form: &RequestParameters,
        sender: &TokenRequestContext<'_>,
    ) -> Result<PushedResponse, PushError> {
        if form.single("request_uri")?.is_some() {
            let why = "a request_uri cannot be pushed";
            return Err(AuthorizationError::invalid_request(why).into());
        }
        let mut request = self.jarm.resolve(client, form).await?;
        let jkt = self.authenticate(client, &request, sender).await?;
        let target = self.judge(client, &request).await?.target;
        if let Some(jkt) = jkt
            && request.single("dpop_jkt")?.is_none()
        {
            request = request.with_parameter("dpop_jkt", jkt);
        }
        Ok(self.jarm.push(client, target, &request).await?)
    }

    /// Has `oauth-as` take the request as pushed, and takes it back out: its handle is never known to
    /// anybody. Answers with the thumbprint of the DPoP key.
    async fn authenticate(
        &self,
        client: &Client,
        request: &RequestParameters,
        sender: &TokenRequestContext<'_>,
    ) -> Result<Option<String>, PushError> {
        let client_id = ClientId::new(client.client_id().as_str());
        let parameters: Vec<_> = request.present().collect();
        let theirs = self
            .oauth
            .pushed_authorization_request_with_credential_and_proof(
                &client_id,
                &sender.credential,
                &parameters,
                sender.dpop_proof,
            )
            .await?;
        let failed = || ErrorResponse::new(oauth_as::error::ErrorCode::ServerError);
        let taken = self
            .oauth
            .store()
            .take_pushed_authorization_request(&theirs.request_uri)
            .await;
        let taken = taken.map_err(|error| {
            tracing::error!(%error, "a pushed request could not be taken back out of oauth-as");
            failed()
        })?;
        Ok(taken.ok_or_else(failed)?.dpop_jkt)
    }
}

/// Why a request was not kept. `Serialize` makes the JSON for the client ([RFC 9126 2.3]).
///
/// [RFC 9126 2.3]: https://www.rfc-editor.org/rfc/rfc9126#section-2.3
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct PushError {
    status: u16,
    retry_after: Option<u64>,
    error: AuthorizationError,
    #[source]
    source: Option<Refusal>,
}

impl PushError {
    /// The client is not registered, or not authenticated: `invalid_client`.
    pub fn invalid_client() -> Self {
        ErrorResponse::new(oauth_as::error::ErrorCode::InvalidClient).into()
    }

    /// The status for the client.
    pub fn http_status(&self) -> u16 {
        self.status
    }

    /// In how many seconds the client may try again, for `Retry-After`, where there are too many
    /// pushed requests.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// What the client is told.
    pub fn error(&self) -> &AuthorizationError {
        &self.error
    }
}

impl Serialize for PushError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.error.serialize(serializer)
    }
}

impl From<AuthorizationError> for PushError {
    fn from(error: AuthorizationError) -> Self {
        Refusal::Local(error).into()
    }
}

impl From<ErrorResponse> for PushError {
    fn from(error: ErrorResponse) -> Self {
        Self {
            status: error.http_status(),
            retry_after: None,
            error: authorization_error(error),
            source: None,
        }
    }
}

impl From<Error> for PushError {
    fn from(error: Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<jarm_core::DuplicateParameter> for PushError {
    fn from(error: jarm_core::DuplicateParameter) -> Self {
        Error::from(error).into()
    }
}

impl From<LocalError> for PushError {
    fn from(error: LocalError) -> Self {
        match error {
            LocalError::Direct(error) => error.into(),
            LocalError::Changed => AuthorizationError::invalid_request(error.to_string()).into(),
            LocalError::NotAnswered(error) => error.into(),
        }
    }
}

impl From<Refusal> for PushError {
    fn from(refusal: Refusal) -> Self {
        let NotPushed {
            status,
            retry_after,
            error,
            ..
        } = NotPushed::from(&refusal);
        Self {
            status,
            retry_after,
            error,
            source: Some(refusal),
        }
    }
}
