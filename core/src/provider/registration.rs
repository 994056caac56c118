use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Origin, ResponseModeProvider};
use crate::configuration::{self, ConfigurationError};
use crate::rules::Rule;
use crate::vocabulary::{InvalidValue, ResponseMode, ResponseType};

/// A kind of response mode that configuration can choose: a name and a constructor.
///
/// Keep it as a constant, so that hosts can register it by a plain call; submit it with
/// [`register_response_mode!`](crate::register_response_mode) to have it registered by linking
/// the crate.
#[derive(Clone, Copy, Debug)]
pub struct ResponseModeRegistration {
    kind: &'static str,
    origin: Origin,
    constructor: Constructor,
}

/// How a registered kind becomes a mode in force.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Constructor {
    /// Makes a provider of the configured name and options.
    Provider(fn(&ProviderSettings) -> Result<Arc<dyn ResponseModeProvider>, SettingsError>),
    /// Wraps the provider of another kind, in [`JwtSecured`](super::JwtSecured).
    JwtSecured(&'static str),
    /// Names the mode that stands behind a shortcut.
    Shortcut(Shortcut),
}

/// From a request to the mode that a shortcut stands for. Only a protected mode is followed.
pub type Shortcut = fn(&ShortcutRequest<'_>) -> ResponseMode;

/// What a shortcut is asked about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ShortcutRequest<'a> {
    /// What was asked for; `None` when only an error can answer.
    pub response_type: Option<&'a ResponseType>,
    /// The rule of that response type.
    pub rule: Rule,
}

impl ResponseModeRegistration {
    /// Registers `constructor` under `kind`.
    pub const fn new(kind: &'static str, origin: Origin, constructor: Constructor) -> Self {
        Self {
            kind,
            origin,
            constructor,
        }
    }

    /// The name by which configuration chooses it.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Where it comes from.
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    pub(super) const fn constructor(&self) -> Constructor {
        self.constructor
    }
}

impl fmt::Debug for Constructor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(_) => f.write_str("Provider"),
            Self::JwtSecured(kind) => f.debug_tuple("JwtSecured").field(kind).finish(),
            Self::Shortcut(_) => f.write_str("Shortcut"),
        }
    }
}

/// Registers constants of type [`ResponseModeRegistration`](crate::provider::ResponseModeRegistration)
/// before `main` runs.
///
/// The linker keeps them only if something names the crate: in the binary, write
/// `use your_crate as _;`. Without the feature `link-time` of `jarm-core` the macro does nothing
/// and the host registers the constants by a plain call.
///
/// ```
/// use jarm_core::provider::{Constructor, ResponseModeRegistration, SettingsError};
///
/// pub const MINE: ResponseModeRegistration = ResponseModeRegistration::new(
///     "mine",
///     jarm_core::origin!(),
///     Constructor::Provider(|_| Err(SettingsError::new("", "not today"))),
/// );
/// jarm_core::register_response_mode!(MINE);
/// ```
#[cfg(feature = "link-time")]
#[macro_export]
macro_rules! register_response_mode {
    ($($registration:expr),+ $(,)?) => {
        $($crate::__inventory::submit! { $registration })+
    };
}

/// Registers nothing: `jarm-core` is built without its feature `link-time`.
#[cfg(not(feature = "link-time"))]
#[macro_export]
macro_rules! register_response_mode {
    ($($registration:expr),+ $(,)?) => {
        $(const _: $crate::provider::ResponseModeRegistration = $registration;)+
    };
}

#[cfg(feature = "link-time")]
inventory::collect!(ResponseModeRegistration);

/// What configuration says of one mode: its name and options.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    name: ResponseMode,
    options: Map<String, Value>,
}

impl ProviderSettings {
    /// Settings without a configuration file.
    pub fn new(name: ResponseMode, options: Map<String, Value>) -> Self {
        Self { name, options }
    }

    /// The `response_mode` value that the provider shall answer to.
    pub fn name(&self) -> &ResponseMode {
        &self.name
    }

    /// For a kind without options.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] when there are any.
    pub fn no_options(&self) -> Result<(), SettingsError> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct NoOptions {}
        self.options::<NoOptions>().map(drop)
    }

    /// The options as a type of the provider's own. Give it `#[serde(deny_unknown_fields)]`, so
    /// that a misspelt option is refused with the nearest known one.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] with the option's path when the options do not fit the type.
    pub fn options<T: DeserializeOwned>(&self) -> Result<T, SettingsError> {
        let options = Value::Object(self.options.clone());
        configuration::read(options).map_err(|ConfigurationError { path, problem }| SettingsError {
            path,
            problem: problem.to_string(),
        })
    }
}

/// A provider's options are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct SettingsError {
    pub(super) path: String,
    pub(super) problem: String,
}

impl From<InvalidValue> for SettingsError {
    fn from(error: InvalidValue) -> Self {
        Self::new("", error.to_string())
    }
}

impl SettingsError {
    /// An error at `path`, relative to the options; empty for the options as a whole.
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }
}
