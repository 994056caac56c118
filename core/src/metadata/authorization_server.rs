use serde::Serialize;
use serde_json::{Map, Value};

use crate::vocabulary::{
    Issuer, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwsAlgorithm, ResponseMode,
    ResponseType,
};

/// The members of the authorization server's metadata that follow from its response modes and
/// keys ([JARM 4], [RFC 9207 3]). Merge them into the document that the host publishes.
///
/// ```
/// use jarm_core::AuthorizationServer;
/// use serde_json::{Map, Value};
///
/// fn discovery(server: &AuthorizationServer, mut document: Map<String, Value>) -> Value {
///     server.metadata().merge_into(&mut document);
///     Value::Object(document)
/// }
/// ```
///
/// [JARM 4]: https://openid.net/specs/oauth-v2-jarm.html#section-4
/// [RFC 9207 3]: https://www.rfc-editor.org/rfc/rfc9207#section-3
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthorizationServerMetadata {
    /// The issuer identifier, byte for byte as every response has it.
    pub issuer: Issuer,
    /// The response types in force.
    pub response_types_supported: Vec<ResponseType>,
    /// The response modes in force.
    pub response_modes_supported: Vec<ResponseMode>,
    /// The algorithms that response JWTs can be signed with; absent when no JWT mode is in force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_signing_alg_values_supported: Vec<JwsAlgorithm>,
    /// The algorithms by which the key of an encrypted response JWT reaches the client; absent
    /// when none can be encrypted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_encryption_alg_values_supported: Vec<JweKeyManagementAlgorithm>,
    /// The algorithms that encrypt a response JWT's content; absent when none can be encrypted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_encryption_enc_values_supported: Vec<JweContentEncryptionAlgorithm>,
    /// The algorithms that request objects can be signed with; absent when none are verified.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_object_signing_alg_values_supported: Vec<JwsAlgorithm>,
    /// Whether request objects are verified ([OpenID Connect Discovery 3]); absent when they are not.
    ///
    /// [OpenID Connect Discovery 3]: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub request_parameter_supported: bool,
    /// Every response names its issuer: plain ones in the parameter `iss`, JWTs in the claim.
    pub authorization_response_iss_parameter_supported: bool,
}

impl AuthorizationServerMetadata {
    /// Sets these members in the host's document, over what stands there.
    pub fn merge_into(&self, document: &mut Map<String, Value>) {
        // A list that is not published here must not stay there from elsewhere.
        for list in [
            "authorization_signing_alg_values_supported",
            "authorization_encryption_alg_values_supported",
            "authorization_encryption_enc_values_supported",
            "request_object_signing_alg_values_supported",
            "request_parameter_supported",
        ] {
            document.remove(list);
        }
        if let Ok(Value::Object(own)) = serde_json::to_value(self) {
            document.extend(own);
        }
    }
}
