use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::UnixTime;
use crate::jose::ClientSecret;
use crate::vocabulary::{
    ClientId, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwsAlgorithm, ResponseType,
};

/// A client as the host's store knows it now: whom an answer is for.
///
/// Make it afresh for each call; the library keeps none.
///
/// ```
/// use jarm_core::metadata::Client;
/// use jarm_core::ClientId;
///
/// let client = Client::new(ClientId::try_new("s6BhdRkqt3")?);
/// # let _ = client;
/// # Ok::<(), jarm_core::InvalidValue>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    metadata: ClientMetadata,
    secrets: Vec<ClientSecret>,
}

impl Client {
    /// A client with the default metadata: `code` only, signed with the server's default.
    pub fn new(client_id: ClientId) -> Self {
        Self {
            id: client_id,
            metadata: ClientMetadata::default(),
            secrets: Vec::new(),
        }
    }

    /// Sets what the client registered.
    #[must_use]
    pub fn with_metadata(mut self, metadata: ClientMetadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Adds a secret in plaintext; needed for `HS*` only. While several are valid, the newest
    /// signs: add the newest last.
    #[must_use]
    pub fn with_secret(mut self, secret: ClientSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// The identifier.
    pub fn client_id(&self) -> &ClientId {
        &self.id
    }

    /// What the client registered.
    pub fn metadata(&self) -> &ClientMetadata {
        &self.metadata
    }

    /// The newest secret that is valid.
    pub(crate) fn secret_at(&self, now: UnixTime) -> Option<&ClientSecret> {
        self.secrets
            .iter()
            .rev()
            .find(|secret| secret.is_valid_at(now))
    }
}

/// The client metadata that decides how responses are made ([JARM 3], [RFC 7591 2]).
///
/// Unknown members are ignored, as RFC 7591 demands.
///
/// [JARM 3]: https://openid.net/specs/oauth-v2-jarm.html#section-3
/// [RFC 7591 2]: https://www.rfc-editor.org/rfc/rfc7591#section-2
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClientMetadata {
    /// The response types that the client may use; `["code"]`, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_types: Option<Vec<ResponseType>>,
    /// `none` makes the client a public one, which has no secret to sign with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<String>,
    /// The algorithm that signs the client's response JWTs; the server's default, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<JwsAlgorithm>,
    /// Not available yet: refused at registration, and before any answer in a JWT mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_alg: Option<JweKeyManagementAlgorithm>,
    /// Not available yet: refused at registration, and before any answer in a JWT mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_enc: Option<JweContentEncryptionAlgorithm>,
}

impl ClientMetadata {
    /// Whether the client may use a response type.
    pub(crate) fn admits(&self, response_type: &ResponseType) -> bool {
        match &self.response_types {
            Some(own) => own.contains(response_type),
            None => *response_type == ResponseType::CODE,
        }
    }

    /// Whether the client has no secret.
    pub(crate) fn is_public(&self) -> bool {
        self.token_endpoint_auth_method.as_deref() == Some("none")
    }

    /// Whether the client asked for encrypted responses.
    pub(crate) fn wants_encryption(&self) -> bool {
        self.authorization_encrypted_response_alg.is_some()
            || self.authorization_encrypted_response_enc.is_some()
    }
}

/// In which form the server keeps a client's secret. `HS*` needs the plaintext.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SecretAvailability<'a> {
    /// The client has no secret.
    NoSecret,
    /// The server can read it.
    Plaintext(&'a ClientSecret),
    /// The server keeps a password hash only.
    HashOnly,
}

/// A registration that the server could not honour: `invalid_client_metadata` ([RFC 7591 3.2.2]).
///
/// [RFC 7591 3.2.2]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2
///
/// `Debug` is `Display`, because a `main` that returns it prints that.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidClientMetadata {
    /// The member to blame.
    pub member: Cow<'static, str>,
    /// What is wrong with it and what would be right: the `error_description`.
    pub reason: String,
}

impl InvalidClientMetadata {
    /// Blames a member, such as `redirect_uris[1]`; hosts may say the same of members that are
    /// theirs.
    pub fn new(member: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self {
            member: member.into(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for InvalidClientMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.member, self.reason)
    }
}

impl fmt::Debug for InvalidClientMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InvalidClientMetadata {}
