//! What an operator decides, as one serde type that a host embeds in its own file.

mod error;
mod policy;
mod read;
#[cfg(feature = "schema")]
mod schema;

use std::num::NonZero;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use error::{ConfigurationError, Problem};
pub use policy::{AllowedRequest, Profile, RefusalDelivery, RegistrationPolicy, RequireJarm};
pub use read::read;
pub(crate) use read::{hint, nearest};
#[cfg(feature = "schema")]
pub use schema::schema;

use crate::response::{ErrorCode, PageSettings, RedirectStatus};
use crate::vocabulary::{InvalidValue, Issuer, JwsAlgorithm, ResponseMode, ResponseType};

/// The configuration of one authorization server's responses.
///
/// ```
/// use jarm_core::Configuration;
/// use jarm_core::configuration::read;
///
/// let table = serde_json::json!({
///     "issuer": "https://as.example.com",
///     "response_types": ["code"],
///     "response_mode": [{ "name": "query" }, { "name": "form_post.jwt", "options": { "title": "Back" } }],
///     "default_signing_alg": "ES256",
/// });
/// let configuration: Configuration = read(table)?;
/// assert_eq!(configuration.response_jwt_lifetime, 120);
/// # Ok::<(), jarm_core::configuration::ConfigurationError>(())
/// ```
///
/// Without `response_mode` the seven standard modes are in force. Read it with [`read`], from any
/// serde format, to have errors name the key path and the nearest known key; it is the content of
/// the table that holds it, `[jarm]` in the guides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Configuration {
    /// The issuer identifier, exactly as in the server's metadata.
    pub issuer: Issuer,
    /// The response types that the server answers; if left out, those of the eight standard ones
    /// that a mode in force can carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_types: Option<Vec<ResponseType>>,
    /// The response modes in force.
    #[serde(default = "standard_response_modes")]
    pub response_mode: Vec<ResponseModeConfiguration>,
    /// How long a response JWT is valid, in seconds: 30 to 600. The way through the browser takes
    /// seconds; 120 leave room for slow ones.
    #[serde(default = "Configuration::default_lifetime")]
    #[cfg_attr(feature = "schema", schemars(range(min = 30)))]
    pub response_jwt_lifetime: u64,
    /// Whether response JWTs carry a random `jti`.
    #[serde(default)]
    pub response_jwt_jti: bool,
    /// The `typ` header of response JWTs. JARM registers none, so there is none by default.
    #[serde(default)]
    pub response_jwt_typ: Option<ResponseJwtTyp>,
    /// For how many seconds clients may keep the published keys: a new key is published for so long
    /// before it signs, and an old one for so long after its last response has expired.
    #[serde(default = "Configuration::default_jwks_max_age")]
    #[cfg_attr(feature = "schema", schemars(range(max = 86_400)))]
    pub jwks_max_age: u64,
    /// The algorithm for clients that registered no `authorization_signed_response_alg`; if left
    /// out, RS256, which is JARM's default, or the profile's. A server without an RSA key sets
    /// another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_signing_alg: Option<JwsAlgorithm>,
    /// The status of redirects: 303, or 302 for intermediaries that do not know 303.
    #[serde(default)]
    pub redirect_status: RedirectStatus,
    /// How many octets the `Location` of an answer may have before it counts as long; none, if left
    /// out. A long one is reported, and never cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_length_limit: Option<NonZero<u32>>,
    /// What becomes of an answer whose `Location` is longer.
    #[serde(default)]
    pub long_redirects: LongRedirects,
    /// The error for a mode that is unknown or not in force.
    #[serde(default)]
    pub unsupported_mode_error: UnsupportedModeError,
    /// A set of settings by name; none, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Whether responses must be JWTs.
    #[serde(default)]
    pub require_jarm: RequireJarm,
    /// What holds for clients that registered themselves, beside that.
    #[serde(default)]
    pub registration: RegistrationPolicy,
    /// How a request that breaks the policy is told so; `jwt`, if left out, or the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal_delivery: Option<RefusalDelivery>,
    /// What may be asked for; everything that the rules allow, if left out.
    #[serde(
        default,
        deserialize_with = "AllowedRequest::rows",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub allow: Vec<AllowedRequest>,
    /// The algorithms that response JWTs may be signed with, and request objects; all that there are
    /// keys for, and all that can be verified, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub allowed_signing_algs: Option<Vec<JwsAlgorithm>>,
    /// Whether request objects must say from when on they are valid, and then be so for an hour at most.
    #[serde(default)]
    pub require_request_object_nbf: bool,
    /// How pages and redirects protect themselves in the browser.
    #[serde(default)]
    pub page: PageSettings,
}

impl Configuration {
    /// The defaults for an issuer.
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            response_types: None,
            response_mode: standard_response_modes(),
            response_jwt_lifetime: Self::default_lifetime(),
            response_jwt_jti: false,
            response_jwt_typ: None,
            jwks_max_age: Self::default_jwks_max_age(),
            default_signing_alg: None,
            redirect_status: RedirectStatus::default(),
            redirect_length_limit: None,
            long_redirects: LongRedirects::default(),
            unsupported_mode_error: UnsupportedModeError::default(),
            profile: None,
            require_jarm: RequireJarm::default(),
            registration: RegistrationPolicy::default(),
            refusal_delivery: None,
            allow: Vec::new(),
            allowed_signing_algs: None,
            require_request_object_nbf: false,
            page: PageSettings::default(),
        }
    }

    fn default_lifetime() -> u64 {
        120
    }

    fn default_jwks_max_age() -> u64 {
        300
    }
}

fn standard_response_modes() -> Vec<ResponseModeConfiguration> {
    ResponseMode::STANDARD
        .into_iter()
        .map(ResponseModeConfiguration::new)
        .collect()
}

/// One `[[response_mode]]` of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ResponseModeConfiguration {
    /// The value that clients send.
    pub name: ResponseMode,
    /// The registered kind; the name, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The kind's own options.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

impl ResponseModeConfiguration {
    /// The mode of the kind with the same name, without options.
    pub fn new(name: ResponseMode) -> Self {
        Self {
            name,
            kind: None,
            options: Map::new(),
        }
    }

    /// Chooses a kind.
    #[must_use]
    pub fn kind_of(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Sets an option of the kind.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    pub(crate) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or(self.name.as_str())
    }
}

/// What becomes of an answer whose `Location` is longer than `redirect_length_limit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum LongRedirects {
    /// It goes out as it is; the log and observers are told.
    #[default]
    #[serde(rename = "report")]
    Report,
    /// A JWT is posted instead, to clients whose registered `response_modes` name `form_post.jwt`;
    /// every other answer goes out as it is. The log and observers are told.
    #[serde(rename = "form_post.jwt")]
    FormPostJwt,
}

/// Which error answers a mode that is unknown or not in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnsupportedModeError {
    /// The registered code.
    #[default]
    InvalidRequest,
    /// A code that is in use and not registered.
    UnsupportedResponseMode,
}

impl UnsupportedModeError {
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Self::InvalidRequest => ErrorCode::INVALID_REQUEST,
            Self::UnsupportedResponseMode => ErrorCode::UNSUPPORTED_RESPONSE_MODE,
        }
    }
}

/// The `typ` header of response JWTs: `JWT`, or a type of the operator's own in the trees `vnd.`,
/// `prs.` and `x.`.
///
/// The types of other kinds of tokens are in none of these, so that a response JWT can never pass as one
/// ([RFC 8725 3.11]).
///
/// [RFC 8725 3.11]: https://www.rfc-editor.org/rfc/rfc8725#section-3.11
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResponseJwtTyp(String);

impl ResponseJwtTyp {
    /// The value of the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ResponseJwtTyp {
    type Error = InvalidValue;

    fn try_from(typ: String) -> Result<Self, Self::Error> {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
        let lower = typ.to_ascii_lowercase();
        let own = ["vnd.", "prs.", "x."]
            .iter()
            .any(|tree| lower.starts_with(tree));
        if !(lower == "jwt" || own) || !typ.chars().all(known) {
            return Err(InvalidValue(format!(
                "{typ:?} cannot be the `typ` of a response JWT: leave it out, write \"JWT\", or one of your own that begins with `vnd.`, `prs.` or `x.`"
            )));
        }
        Ok(Self(typ))
    }
}

impl From<ResponseJwtTyp> for String {
    fn from(typ: ResponseJwtTyp) -> Self {
        typ.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: serde_json::Value) -> Result<Configuration, ConfigurationError> {
        read(value)
    }

    #[test]
    fn the_defaults_are_those_of_the_constructor() {
        let read = parse(serde_json::json!({"issuer": "https://as.example"})).unwrap();
        assert_eq!(
            read,
            Configuration::new("https://as.example".parse().unwrap())
        );
        assert_eq!(read.response_mode.len(), 7);
    }

    #[test]
    fn the_typ_of_another_token_is_refused() {
        for typ in [
            "at+jwt",
            "AT+JWT",
            "application/at+jwt",
            "logout+jwt",
            "oauth-authz-req+jwt",
            "vc+jwt",
            "kb+jwt",
            "",
            "a b",
        ] {
            assert!(ResponseJwtTyp::try_from(typ.to_owned()).is_err(), "{typ}");
        }
        for typ in ["JWT", "vnd.example.authorization+jwt"] {
            assert!(ResponseJwtTyp::try_from(typ.to_owned()).is_ok(), "{typ}");
        }
    }

    #[test]
    fn redirects_that_resend_the_form_cannot_be_configured() {
        for status in [301, 307, 308, 200] {
            let error = parse(
                serde_json::json!({"issuer": "https://as.example", "redirect_status": status}),
            );
            assert_eq!(error.unwrap_err().path, "redirect_status");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        for (key, nearest) in [
            ("response_modes", "response_mode"),
            ("default_signing_algorithm", "default_signing_alg"),
            ("isuer", "issuer"),
        ] {
            let error =
                parse(serde_json::json!({"issuer": "https://as.example", key: []})).unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains(key) && text.contains(&format!("did you mean `{nearest}`")),
                "{text}"
            );
        }
    }

    #[test]
    fn errors_name_the_key_path() {
        for (value, path) in [
            (serde_json::json!({"issuer": "http://as.example"}), "issuer"),
            (
                serde_json::json!({"issuer": "https://a", "response_mode": [{"name": "a b"}]}),
                "response_mode[0].name",
            ),
            (
                serde_json::json!({"issuer": "https://a", "response_types": ["code", "none code"]}),
                "response_types[1]",
            ),
            (
                serde_json::json!({"issuer": "https://a", "redirect_length_limit": 0}),
                "redirect_length_limit",
            ),
            (
                serde_json::json!({"issuer": "https://a", "long_redirects": "cut"}),
                "long_redirects",
            ),
            (
                serde_json::json!({"issuer": "https://a", "page": {"csp": "unsafe-inline"}}),
                "page.csp",
            ),
            (
                serde_json::json!({"issuer": "https://a", "page": {"form_actoin": "any"}}),
                "page.form_actoin",
            ),
        ] {
            assert_eq!(parse(value).unwrap_err().path, path);
        }
    }
}
