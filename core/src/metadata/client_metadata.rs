use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::known_members::KnownMembers;
use crate::configuration::{ConfigurationError, read};
use crate::jose::{AlgAndEnc, JwkSet};
use crate::vocabulary::{
    JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwksUri, JwsAlgorithm, ResponseMode,
    ResponseType,
};

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
    /// The modes that the client may ask for, compared with what its requests say; all in force,
    /// if left out ([FAPI 2.0 Message Signing 5.4.1]). A request without a mode counts as one for
    /// the response type's default.
    ///
    /// [FAPI 2.0 Message Signing 5.4.1]: https://openid.net/specs/fapi-message-signing-2_0.html#section-5.4.1
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_modes: Option<Vec<ResponseMode>>,
    /// The algorithm that signs the client's response JWTs; the server's default, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<JwsAlgorithm>,
    /// Set where the registration left that algorithm to the server. It is stored with the other
    /// members, so that `when_registered` can tell who asked for JWTs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub authorization_signed_response_alg_defaulted: bool,
    /// The algorithm by which the client's response JWTs are encrypted, once they are signed; not
    /// encrypted, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_alg: Option<JweKeyManagementAlgorithm>,
    /// The algorithm that encrypts their content; `A128CBC-HS256`, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_enc: Option<JweContentEncryptionAlgorithm>,
    /// Which algorithms the client can verify, the best first ([RP Metadata Choices]). Not kept.
    ///
    /// [RP Metadata Choices]: https://openid.net/specs/openid-connect-rp-metadata-choices-1_0.html
    #[serde(default, skip_serializing)]
    pub authorization_signing_alg_values_supported: Option<Vec<String>>,
    /// By which algorithms the client can get at a content key, the best first. Not kept.
    #[serde(default, skip_serializing)]
    pub authorization_encryption_alg_values_supported: Option<Vec<String>>,
    /// Which content the client can decrypt, the best first. Not kept.
    #[serde(default, skip_serializing)]
    pub authorization_encryption_enc_values_supported: Option<Vec<String>>,
    /// The algorithm that signs the client's request objects; any for which it has a public key, if
    /// left out ([OpenID Connect Registration 2]).
    ///
    /// [OpenID Connect Registration 2]: https://openid.net/specs/openid-connect-registration-1_0.html#ClientMetadata
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<JwsAlgorithm>,
    /// The client's public keys by value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// The URL of the client's public keys; not together with `jwks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<JwksUri>,
}

impl ClientMetadata {
    /// Reads what a client sends, or what is stored of it; the error names the member.
    ///
    /// ```
    /// use jarm_core::metadata::ClientMetadata;
    ///
    /// let sent = serde_json::json!({ "jwks": { "keys": [{ "kty": "oct", "k": "AA" }] } });
    /// let refused = ClientMetadata::read(sent).unwrap_err();
    /// assert_eq!(refused.member, "jwks.keys[0]");
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidClientMetadata`] at the first member that cannot be read.
    pub fn read<'de, D: Deserializer<'de>>(sent: D) -> Result<Self, InvalidClientMetadata> {
        let refused = |error: ConfigurationError| {
            InvalidClientMetadata::new(error.path, error.problem.to_string())
        };
        read(sent).map_err(refused)
    }

    /// Reads what a host's own file says of a client. An unknown member is nobody's extension there but
    /// a slip, and a client whose encryption is misspelled would be answered without it.
    ///
    /// ```
    /// use jarm_core::ClientId;
    /// use jarm_core::metadata::ClientMetadata;
    ///
    /// #[derive(Debug, serde::Deserialize)]
    /// struct Entry {
    ///     client_id: ClientId,
    ///     #[serde(flatten, deserialize_with = "ClientMetadata::deny_unknown_members")]
    ///     metadata: ClientMetadata,
    /// }
    ///
    /// let entry = serde_json::json!({ "client_id": "web", "response_mode": ["query.jwt"] });
    /// assert_eq!(
    ///     serde_json::from_value::<Entry>(entry).unwrap_err().to_string(),
    ///     "response_mode: unknown key `response_mode`, did you mean `response_modes`?"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// At the first member that is unknown or cannot be read; the message names it.
    pub fn deny_unknown_members<'de, D: Deserializer<'de>>(own: D) -> Result<Self, D::Error> {
        let members = Map::<String, Value>::deserialize(own)?;
        Self::read(KnownMembers(members)).map_err(D::Error::custom)
    }

    /// Whether the client may use a response type.
    pub(crate) fn admits(&self, response_type: &ResponseType) -> bool {
        match &self.response_types {
            Some(own) => own.contains(response_type),
            None => *response_type == ResponseType::CODE,
        }
    }

    /// Whether the client itself registered anything about response JWTs.
    pub(crate) fn names_response_jwt(&self) -> bool {
        let signed = self.authorization_signed_response_alg.is_some();
        (signed && !self.authorization_signed_response_alg_defaulted)
            || self.authorization_encrypted_response_alg.is_some()
            || self.authorization_encrypted_response_enc.is_some()
    }

    /// Whether the client has no secret.
    pub(crate) fn is_public(&self) -> bool {
        self.token_endpoint_auth_method.as_deref() == Some("none")
    }

    /// How its responses are encrypted. Whether they are hangs on
    /// `authorization_encrypted_response_alg` alone ([JARM 3]).
    ///
    /// [JARM 3]: https://openid.net/specs/oauth-v2-jarm.html#section-3
    pub(crate) fn encryption(&self) -> Result<Option<AlgAndEnc<'_>>, EncWithoutAlg> {
        let enc = self.authorization_encrypted_response_enc.as_ref();
        match &self.authorization_encrypted_response_alg {
            Some(alg) => {
                let enc = enc.unwrap_or(JweContentEncryptionAlgorithm::DEFAULT);
                Ok(Some(AlgAndEnc { alg, enc }))
            }
            None if enc.is_some() => Err(EncWithoutAlg),
            None => Ok(None),
        }
    }
}

/// It is known how the content is to be encrypted, and not with which key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncWithoutAlg;

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
    /// What is wrong with it and what would be right, in ASCII. The `error_description` names both:
    /// it is `to_string()`.
    pub reason: String,
}

impl InvalidClientMetadata {
    /// Blames a member, such as `redirect_uris[1]`; hosts may say the same of members that are
    /// theirs.
    pub fn new(member: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self {
            member: member.into(),
            reason: ascii(&reason.into()),
        }
    }
}

/// An `error_description` is ASCII text ([RFC 7591 3.2.2]); a refused value need not be.
///
/// [RFC 7591 3.2.2]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2
fn ascii(text: &str) -> String {
    let escaped = |c: char| match c {
        ' '..='~' => c.to_string(),
        other => other.escape_unicode().to_string(),
    };
    text.chars().map(escaped).collect()
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
