use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::registration::{
    Constructor, ProviderSettings, ResponseModeRegistration, SettingsError, Shortcut,
};
use super::{JwtSecured, Origin, ResponseModeProvider};
use crate::configuration::{ConfigurationError, Problem};
use crate::vocabulary::ResponseMode;

/// The package whose registrations may bear the seven standard names.
const SHIPPED: &str = "jarm-response-modes";

/// The kinds of response modes that configuration can choose from.
///
/// [`linked`](Self::linked) holds all that the linked crates registered; [`new`](Self::new) is
/// empty and filled by plain calls. Both are checked alike: a kind is registered once, and the
/// seven standard names belong to `jarm-response-modes` unless the host replaces one in code.
#[derive(Clone, Debug, Default)]
pub struct ResponseModeRegistry {
    kinds: BTreeMap<String, Entry>,
}

#[derive(Clone)]
struct Entry {
    origin: Origin,
    make: Make,
}

type MakeProvider =
    dyn Fn(&ProviderSettings) -> Result<Arc<dyn ResponseModeProvider>, SettingsError> + Send + Sync;

#[derive(Clone)]
enum Make {
    Provider(Arc<MakeProvider>),
    JwtSecured(&'static str),
    Shortcut(Shortcut),
}

/// What a kind becomes.
pub(super) enum Made {
    Provider(Arc<dyn ResponseModeProvider>),
    Shortcut(Shortcut),
}

impl ResponseModeRegistry {
    /// Knows no kind.
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows every kind that a linked crate registered with
    /// [`register_response_mode!`](crate::register_response_mode).
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] when two crates register one kind, or one registers a standard
    /// name; it names their origins.
    #[cfg(feature = "link-time")]
    pub fn linked() -> Result<Self, ConfigurationError> {
        let mut registrations: Vec<_> = inventory::iter::<ResponseModeRegistration>()
            .copied()
            .collect();
        registrations.sort_by_key(|own| (own.kind(), own.origin()));
        let mut registry = Self::new();
        registry.register_all(registrations)?;
        Ok(registry)
    }

    /// Registers a kind by a plain call.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] when the kind is already there, or is a standard name or a `.jwt`
    /// form and not from `jarm-response-modes`.
    pub fn register(
        &mut self,
        registration: ResponseModeRegistration,
    ) -> Result<(), ConfigurationError> {
        let (kind, origin) = (registration.kind(), registration.origin());
        let refuse = |problem| Err(ConfigurationError::new("", problem));
        if let Err(error) = ResponseMode::try_new(kind) {
            return refuse(Problem::Registration(format!(
                "{error}, registered by {origin}"
            )));
        }
        let kind = kind.to_owned();
        if is_reserved(&kind) && origin.package != SHIPPED {
            return refuse(Problem::StandardKind { kind, origin });
        }
        if let Some(first) = self.kinds.get(&kind) {
            return refuse(Problem::DuplicateKind {
                kind,
                first: first.origin,
                second: origin,
            });
        }
        let make = match registration.constructor() {
            Constructor::Provider(make) => Make::Provider(Arc::new(make)),
            Constructor::JwtSecured(inner) => Make::JwtSecured(inner),
            Constructor::Shortcut(shortcut) => Make::Shortcut(shortcut),
        };
        self.kinds.insert(kind, Entry { origin, make });
        Ok(())
    }

    /// Registers several kinds by a plain call.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register), for the first that is refused.
    pub fn register_all(
        &mut self,
        registrations: impl IntoIterator<Item = ResponseModeRegistration>,
    ) -> Result<(), ConfigurationError> {
        registrations
            .into_iter()
            .try_for_each(|own| self.register(own))
    }

    /// Replaces a kind, one of the standard names too, by the host's own constructor. The `.jwt`
    /// form of a replaced kind follows.
    ///
    /// The door for a host that renders the form-post page itself:
    /// `registry.replace("form_post", jarm::origin!(), |settings| …)`.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] when the kind is `jwt` or ends in `.jwt`: those protect, and follow
    /// from the plain kinds.
    pub fn replace(
        &mut self,
        kind: &str,
        origin: Origin,
        make: impl Fn(&ProviderSettings) -> Result<Arc<dyn ResponseModeProvider>, SettingsError>
        + Send
        + Sync
        + 'static,
    ) -> Result<(), ConfigurationError> {
        let mode = ResponseMode::try_new(kind.to_owned());
        if mode.is_ok_and(|mode| !mode.names_jwt()) {
            self.kinds.insert(
                kind.to_owned(),
                Entry {
                    origin,
                    make: Make::Provider(Arc::new(make)),
                },
            );
            return Ok(());
        }
        let why =
            format!("`{kind}` cannot be replaced: replace the plain kind, its `.jwt` form follows");
        Err(ConfigurationError::new("", Problem::Registration(why)))
    }

    /// Every kind with its origin, sorted by kind.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, Origin)> {
        self.kinds
            .iter()
            .map(|(kind, entry)| (kind.as_str(), entry.origin))
    }

    /// Makes a provider or a shortcut of a kind; `x.jwt` comes from `x` where only that is
    /// registered.
    pub(super) fn make(&self, kind: &str, settings: &ProviderSettings) -> Result<Made, MakeError> {
        match self.kinds.get(kind).map(|entry| &entry.make) {
            Some(Make::Provider(make)) => Ok(Made::Provider(make(settings)?)),
            Some(Make::JwtSecured(inner)) => self.jwt_secured(inner, inner, settings),
            Some(Make::Shortcut(shortcut)) => {
                settings.no_options()?;
                Ok(Made::Shortcut(*shortcut))
            }
            None => match kind.strip_suffix(".jwt") {
                Some(inner) => self.jwt_secured(inner, kind, settings),
                None => Err(MakeError::UnknownKind(kind.to_owned())),
            },
        }
    }

    /// Wraps the provider of `inner`; where it is unknown, `asked` is what to complain of.
    fn jwt_secured(
        &self,
        inner: &str,
        asked: &str,
        settings: &ProviderSettings,
    ) -> Result<Made, MakeError> {
        let Some(Make::Provider(make)) = self.kinds.get(inner).map(|entry| &entry.make) else {
            return Err(MakeError::UnknownKind(asked.to_owned()));
        };
        let secured = JwtSecured::new(make(settings)?).named(settings.name().clone());
        Ok(Made::Provider(Arc::new(secured)))
    }
}

/// Why a kind cannot be made.
pub(super) enum MakeError {
    UnknownKind(String),
    Settings(SettingsError),
}

impl From<SettingsError> for MakeError {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

/// The standard names, and every name that promises a JWT.
fn is_reserved(kind: &str) -> bool {
    let mode = ResponseMode::try_new(kind.to_owned());
    mode.is_ok_and(|mode| mode.is_standard() || mode.names_jwt())
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.origin, f)
    }
}
