use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::UnixTime;
use crate::response::CspNonce;
use crate::vocabulary::{ClientId, Issuer, RedirectTarget, ResponseMode, ResponseType};

/// A negotiated answer-to-be: where it goes, how it travels and how it is protected.
///
/// It holds everything the answer needs except keys, and its mode cannot change any more. It is
/// a ticket to redirect: it cannot be copied, is used once, has no public `Deserialize`, and survives login and
/// consent only [sealed](super::AuthorizationServer::seal) or in
/// [trusted storage](super::AuthorizationServer::record_for_trusted_storage).
///
/// ```compile_fail
/// # fn main() -> serde_json::Result<()> {
/// let forged: jarm_core::authorization_server::PendingResponse = serde_json::from_str("{}")?;
/// # Ok(())
/// # }
/// ```
///
/// `Debug` shows neither `state` nor the redirect URI's query.
pub struct PendingResponse {
    pub(super) issuer: Issuer,
    pub(super) client_id: ClientId,
    pub(super) target: RedirectTarget,
    pub(super) response_type: Option<ResponseType>,
    /// The mode that counted as asked for.
    pub(super) requested: ResponseMode,
    pub(super) response_mode: ResponseMode,
    pub(super) negotiated: Negotiated,
    pub(super) state: Option<String>,
    pub(super) expires_at: UnixTime,
    /// Set once it has been outside this process's hands, so that it is answered once; all that
    /// came of one pushed request have one id.
    pub(super) id: Option<PendingId>,
    /// The handle of the pushed request that it answers.
    pub(super) request_uri: Option<String>,
    pub(super) host_data: Option<String>,
    pub(super) csp_nonce: Option<CspNonce>,
}

impl PendingResponse {
    /// The client that the answer is for.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The response type; `None` when only an error can answer.
    pub fn response_type(&self) -> Option<&ResponseType> {
        self.response_type.as_ref()
    }

    /// The concrete mode that was negotiated, never a shortcut. The answer goes out in it, but for a
    /// redirect that is [too long](crate::Configuration::long_redirects).
    pub fn response_mode(&self) -> &ResponseMode {
        &self.response_mode
    }

    /// Where the answer goes.
    pub fn target(&self) -> &RedirectTarget {
        &self.target
    }

    /// Until when it can be answered.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// The id by which it is used up, once it has been stored.
    pub fn id(&self) -> Option<&PendingId> {
        self.id.as_ref()
    }

    /// What the host attached.
    pub fn host_data(&self) -> Option<&str> {
        self.host_data.as_deref()
    }

    /// Attaches text of the host's own, such as scope, nonce and code challenge as JSON: it is
    /// stored and sealed together with the pending response, so the two cannot be mixed with
    /// those of another request.
    #[must_use]
    pub fn with_host_data(mut self, data: impl Into<String>) -> Self {
        self.host_data = Some(data.into());
        self
    }

    /// Supplies the nonce for a page's script, needed where `page.csp` is `nonce`. It belongs to
    /// one answer and is not sealed.
    #[must_use]
    pub fn with_csp_nonce(mut self, nonce: CspNonce) -> Self {
        self.csp_nonce = Some(nonce);
        self
    }
}

impl fmt::Debug for PendingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingResponse")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("target", &self.target)
            .field("response_type", &self.response_type)
            .field("response_mode", &self.response_mode)
            .field("negotiated", &self.negotiated)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// How strongly a response was to be protected when it was negotiated, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Negotiated {
    Plain,
    Signed,
    /// Signed, and then encrypted.
    Encrypted,
}

/// The random id of a stored pending response.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PendingId(String);

impl PendingId {
    pub(super) fn new(random: String) -> Self {
        Self(random)
    }

    /// The id of all that comes of one pushed request, however often its page is loaded.
    pub(super) fn of_pushed_request(request_uri: &str) -> Self {
        Self(request_uri.to_owned())
    }

    /// The id as text, for a store of one-time ids.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A pending response cannot be answered. The user starts again at the application.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PendingError {
    /// It was not sealed by this server for this client and session, or was changed since.
    #[error(
        "the pending response is not authentic, or belongs to another client, session or issuer"
    )]
    NotAuthentic,
    /// It was stored by a version with another format.
    #[error("the pending response has a format that this version does not read")]
    Format,
    /// It would belong to nobody.
    #[error("a pending response is sealed for a session: the session is empty")]
    NoSession,
    /// It is too old.
    #[error("the pending response has expired")]
    Expired,
    /// It was answered before.
    #[error("the pending response has been answered before")]
    AlreadyUsed,
    /// It was negotiated by another issuer.
    #[error("the pending response belongs to another issuer")]
    OtherIssuer,
    /// It was negotiated for another client.
    #[error("the pending response belongs to another client")]
    OtherClient,
}

/// The format of stored pending responses: another number, another format.
pub(super) const VERSION: u8 = 4;

/// The stored form. Private: outside this crate nothing can be read into a pending response but
/// through the two doors in `store.rs`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) version: u8,
    id: PendingId,
    issuer: Issuer,
    client_id: ClientId,
    redirect_uri: String,
    response_type: Option<ResponseType>,
    requested: ResponseMode,
    response_mode: ResponseMode,
    negotiated: Negotiated,
    state: Option<String>,
    expires_at: UnixTime,
    request_uri: Option<String>,
    host_data: Option<String>,
}

impl Record {
    pub(super) fn of(pending: PendingResponse, id: PendingId) -> Self {
        let PendingResponse {
            issuer,
            client_id,
            target,
            response_type,
            requested,
            response_mode,
            negotiated,
            state,
            expires_at,
            request_uri,
            host_data,
            id: _,        // is `id`, if there is one
            csp_nonce: _, // of one answer only
        } = pending;
        Self {
            version: VERSION,
            id,
            issuer,
            client_id,
            redirect_uri: target.as_str().to_owned(),
            response_type,
            requested,
            response_mode,
            negotiated,
            state,
            expires_at,
            request_uri,
            host_data,
        }
    }

    pub(super) fn into_pending(self) -> PendingResponse {
        let Self {
            version: _, // checked before
            id,
            issuer,
            client_id,
            redirect_uri,
            response_type,
            requested,
            response_mode,
            negotiated,
            state,
            expires_at,
            request_uri,
            host_data,
        } = self;
        PendingResponse {
            issuer,
            client_id,
            target: RedirectTarget::restored(&redirect_uri),
            response_type,
            requested,
            response_mode,
            negotiated,
            state,
            expires_at,
            id: Some(id),
            request_uri,
            host_data,
            csp_nonce: None,
        }
    }
}
