//! What an operator demands of responses beyond the specifications.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Configuration, ConfigurationError, Problem};
use crate::vocabulary::{JwsAlgorithm, ResponseMode, ResponseType};

/// Whether responses must be JWTs, the laxest first: `false`, `"when_registered"`, `true`.
///
/// Where it is required, a request without `response_mode` is a violation, too ([FAPI 2.0 Message
/// Signing 5.4.1]).
///
/// [FAPI 2.0 Message Signing 5.4.1]: https://openid.net/specs/fapi-message-signing-2_0.html#section-5.4.1
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequireJarm {
    /// The client decides, request by request.
    #[default]
    No,
    /// Of clients that registered any `authorization_*` member for responses: nobody gains by
    /// taking `response_mode` out of their requests.
    WhenRegistered,
    /// Of every client.
    Always,
}

const WHEN_REGISTERED: &str = "when_registered";

impl Serialize for RequireJarm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::No => serializer.serialize_bool(false),
            Self::Always => serializer.serialize_bool(true),
            Self::WhenRegistered => serializer.serialize_str(WHEN_REGISTERED),
        }
    }
}

impl<'de> Deserialize<'de> for RequireJarm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RequireJarmVisitor;

        impl Visitor<'_> for RequireJarmVisitor {
            type Value = RequireJarm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "true, false or \"{WHEN_REGISTERED}\"")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<RequireJarm, E> {
                Ok(if value {
                    RequireJarm::Always
                } else {
                    RequireJarm::No
                })
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<RequireJarm, E> {
                if value == WHEN_REGISTERED {
                    return Ok(RequireJarm::WhenRegistered);
                }
                Err(E::invalid_value(de::Unexpected::Str(value), &self))
            }
        }

        deserializer.deserialize_any(RequireJarmVisitor)
    }
}

/// How a client is told that its request breaks the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefusalDelivery {
    /// By a JWT, in the response type's default encoding.
    #[default]
    Jwt,
    /// Not at all: the user sees a local page with status 400.
    LocalPage,
}

/// What holds for clients that registered themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RegistrationPolicy {
    /// Whether their responses must be JWTs.
    #[serde(default)]
    pub require_jarm: RequireJarm,
}

/// One `[[allow]]`: a response type that may be asked for. Where one is listed, the others may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AllowedRequest {
    /// The response type.
    pub response_type: ResponseType,
    /// The modes in which it may be asked for, compared with what the request says; all of them, if
    /// left out. A request without a mode counts as one for the response type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub response_mode: Option<Vec<ResponseMode>>,
}

impl AllowedRequest {
    /// A response type in every mode.
    pub fn new(response_type: ResponseType) -> Self {
        Self {
            response_type,
            response_mode: None,
        }
    }

    /// Restricts it to these modes.
    #[must_use]
    pub fn in_modes(mut self, modes: impl IntoIterator<Item = ResponseMode>) -> Self {
        self.response_mode = Some(modes.into_iter().collect());
        self
    }

    /// Reads the rows. A list that came out empty, as of a template, must not allow everything.
    pub(super) fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        let rows = Vec::deserialize(deserializer)?;
        if rows.is_empty() {
            let why = "list one row at least, or leave it out to allow everything";
            return Err(de::Error::custom(why));
        }
        Ok(rows)
    }

    /// Whether everything that `self` allows is allowed by one of the others.
    fn is_within(&self, others: &[Self]) -> bool {
        others.iter().any(|other| {
            let modes = match (&self.response_mode, &other.response_mode) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(own), Some(theirs)) => own.iter().all(|mode| theirs.contains(mode)),
            };
            modes && self.response_type == other.response_type
        })
    }
}

/// A set of settings that a specification asks for, by its name.
///
/// It is data: [`Configuration::expanded`] writes the same settings out, as an operator could have.
/// Settings beside it may be stricter and not laxer; `refusal_delivery` is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Profile {
    /// [FAPI 1.0 Advanced 5.2.2 and 8.6]: `code id_token`, or `code` with `jwt`; PS256 or ES256;
    /// request objects with `nbf`.
    ///
    /// [FAPI 1.0 Advanced 5.2.2 and 8.6]: https://openid.net/specs/openid-financial-api-part-2-1_0.html#section-5.2.2
    #[serde(rename = "fapi1-advanced")]
    Fapi1Advanced,
    /// [FAPI 2.0 Message Signing 5.3.1 and 5.4]: `code` alone, in JWTs alone; PS256, ES256 or Ed25519;
    /// request objects with `nbf`.
    ///
    /// [FAPI 2.0 Message Signing 5.3.1 and 5.4]: https://openid.net/specs/fapi-message-signing-2_0.html#section-5.3.1
    #[serde(rename = "fapi2-message-signing")]
    Fapi2MessageSigning,
}

/// What a profile sets.
struct Settings {
    require_jarm: RequireJarm,
    allow: Vec<AllowedRequest>,
    signing_algs: Vec<JwsAlgorithm>,
}

impl Profile {
    fn settings(self) -> Settings {
        match self {
            Self::Fapi1Advanced => Settings {
                require_jarm: RequireJarm::No,
                allow: vec![
                    AllowedRequest::new(ResponseType::CODE_ID_TOKEN),
                    AllowedRequest::new(ResponseType::CODE).in_modes([ResponseMode::JWT]),
                ],
                signing_algs: vec![JwsAlgorithm::PS256, JwsAlgorithm::ES256],
            },
            Self::Fapi2MessageSigning => Settings {
                require_jarm: RequireJarm::Always,
                allow: vec![AllowedRequest::new(ResponseType::CODE)],
                signing_algs: vec![
                    JwsAlgorithm::PS256,
                    JwsAlgorithm::ES256,
                    JwsAlgorithm::ED25519,
                    JwsAlgorithm::EDDSA,
                ],
            },
        }
    }
}

impl Configuration {
    /// The same without a profile: its settings are written out. Without one, nothing changes.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] where a setting is laxer than the profile.
    pub fn expanded(mut self) -> Result<Self, ConfigurationError> {
        let Some(profile) = self.profile.take() else {
            return Ok(self);
        };
        let Settings {
            require_jarm,
            allow,
            signing_algs,
        } = profile.settings();
        let laxer = |path: String, what: String| {
            let why = format!("the profile does not allow {what}: leave it out, or the profile");
            Err(ConfigurationError::new(path, Problem::Invalid(why)))
        };
        for (index, own) in self.allow.iter().enumerate() {
            if !own.is_within(&allow) {
                let what = match &own.response_mode {
                    Some(_) => format!("`{}` in each of these modes", own.response_type),
                    None => format!("`{}` in every mode", own.response_type),
                };
                return laxer(format!("allow[{index}]"), what);
            }
        }
        for (index, own) in self.allowed_signing_algs.iter().flatten().enumerate() {
            if !signing_algs.contains(own) {
                return laxer(format!("allowed_signing_algs[{index}]"), format!("`{own}`"));
            }
        }
        if let Some(own) = self
            .default_signing_alg
            .as_ref()
            .filter(|own| !signing_algs.contains(own))
        {
            return laxer("default_signing_alg".to_owned(), format!("`{own}`"));
        }
        let own = self.require_jarm;
        if own != RequireJarm::No && own < require_jarm {
            return laxer("require_jarm".to_owned(), format!("\"{WHEN_REGISTERED}\""));
        }
        self.require_jarm = own.max(require_jarm);
        self.require_request_object_nbf = true; // of each profile
        self.refusal_delivery
            .get_or_insert(RefusalDelivery::LocalPage);
        if self.allow.is_empty() {
            self.allow = allow;
        }
        let allowed = self.allowed_signing_algs.get_or_insert(signing_algs);
        if self.default_signing_alg.is_none() {
            self.default_signing_alg = allowed.first().cloned();
        }
        Ok(self)
    }
}
