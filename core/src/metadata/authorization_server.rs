use serde::Serialize;

use crate::vocabulary::{JwsAlgorithm, ResponseMode, ResponseType};

/// The members of the authorization server's metadata that follow from its response modes and
/// keys ([JARM 4], [RFC 9207 3]). Merge them into the document that the host publishes.
///
/// ```
/// # fn merge(own: &jarm_core::metadata::AuthorizationServerMetadata) -> serde_json::Result<()> {
/// let document = serde_json::to_value(own)?; // a JSON object
/// # let _ = document;
/// # Ok(())
/// # }
/// ```
///
/// [JARM 4]: https://openid.net/specs/oauth-v2-jarm.html#section-4
/// [RFC 9207 3]: https://www.rfc-editor.org/rfc/rfc9207#section-3
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthorizationServerMetadata {
    /// The response types in force.
    pub response_types_supported: Vec<ResponseType>,
    /// The response modes in force.
    pub response_modes_supported: Vec<ResponseMode>,
    /// The algorithms that response JWTs can be signed with; absent when no JWT mode is in force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_signing_alg_values_supported: Vec<JwsAlgorithm>,
    /// Every response names its issuer: plain ones in the parameter `iss`, JWTs in the claim.
    pub authorization_response_iss_parameter_supported: bool,
}
