//! The field's own words as types: what a request asks for and whom the answer is for.
//!
//! Every protocol string has a type here. `Display` and `FromStr` (or `try_new`) are its only
//! wire form; a value that exists is a value that may be used.

mod algorithm;
mod carrier;
mod client_id;
mod issuer;
mod jwks_uri;
mod redirect_target;
mod redirect_uri;
mod response_mode;
mod response_type;

pub use algorithm::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwsAlgorithm};
pub use carrier::{Carrier, Protection};
pub use client_id::ClientId;
pub use issuer::Issuer;
pub use jwks_uri::JwksUri;
pub use redirect_target::{RedirectTarget, RedirectTargetError};
pub use redirect_uri::{RedirectUriError, RedirectUriPolicy};
pub use response_mode::ResponseMode;
pub(crate) use response_mode::names_jwt;
pub use response_type::ResponseType;

/// The registered parameters of authorization responses.
pub(crate) const RESPONSE_PARAMETERS: [&str; 13] = [
    "response",
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "access_token",
    "token_type",
    "expires_in",
    "scope",
    "id_token",
    "session_state",
];

/// A protocol string that is not what it should be.
///
/// The text says what is wrong and what would be right; it repeats the refused value only where
/// that value comes from configuration or registration, never from a front-channel request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(pub(crate) String);

/// Implements the wire form of a string newtype: `Display`, `Debug`, serde, `FromStr` by `try_new`.
macro_rules! wire_form {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::vocabulary::InvalidValue;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::try_new(value.to_owned())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::try_new(value).map_err(serde::de::Error::custom)
            }
        }
    };
}
use wire_form;
