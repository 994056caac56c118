use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::registry::{Made, MakeError};
use super::{
    ProviderSettings, ResponseModeProvider, ResponseModeRegistry, SettingsError, Shortcut,
    ShortcutRequest,
};
use crate::configuration::{ConfigurationError, Problem, ResponseModeConfiguration, nearest};
use crate::rules::{Permission, ResponseTypes, Rule};
use crate::vocabulary::{Protection, ResponseMode, ResponseType};

/// The response modes in force, in the order of the configuration.
///
/// Made once, at start-up; everything that could go wrong with a mode's name, kind or options is
/// refused there.
#[derive(Clone, Debug)]
pub struct ResponseModes {
    names: Vec<ResponseMode>,
    modes: BTreeMap<ResponseMode, Mode>,
}

#[derive(Clone, Debug)]
enum Mode {
    Provider(Arc<dyn ResponseModeProvider>),
    Shortcut(Shortcut),
}

impl ResponseModes {
    /// Makes the configured modes of the registered kinds.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] with the key path, below `root`: for an unknown kind or option, a
    /// name listed twice, a name that promises a JWT and does not deliver one (or the reverse),
    /// or a shortcut whose target is not in force for one of the response types.
    pub(crate) fn new(
        registry: &ResponseModeRegistry,
        configured: &[ResponseModeConfiguration],
        root: &str,
    ) -> Result<Self, ConfigurationError> {
        let mut own = Self {
            names: Vec::new(),
            modes: BTreeMap::new(),
        };
        for (index, entry) in configured.iter().enumerate() {
            let at = |key: &str| format!("{root}.response_mode[{index}].{key}");
            let mode =
                make(registry, entry, options(configured, entry)).map_err(|error| match error {
                    MakeError::UnknownKind(kind) => ConfigurationError::new(
                        at(if entry.kind.is_some() { "kind" } else { "name" }),
                        unknown_kind(registry, &kind),
                    ),
                    MakeError::Settings(error) => ConfigurationError::new(
                        at(&["options", &error.path].join("."))
                            .trim_end_matches('.')
                            .to_owned(),
                        Problem::Invalid(error.problem),
                    ),
                })?;
            if mode.protection() != promised(&entry.name) {
                return Err(ConfigurationError::new(
                    at("name"),
                    Problem::JwtName(entry.name.clone()),
                ));
            }
            if entry.name.is_standard() && entry.kind() != entry.name.as_str() {
                return Err(ConfigurationError::new(
                    at("kind"),
                    Problem::StandardName(entry.name.clone()),
                ));
            }
            if own.modes.insert(entry.name.clone(), mode).is_some() {
                return Err(ConfigurationError::new(
                    at("name"),
                    Problem::DuplicateMode(entry.name.clone()),
                ));
            }
            own.names.push(entry.name.clone());
        }
        if own.names.is_empty() {
            return Err(ConfigurationError::new(
                format!("{root}.response_mode"),
                Problem::NoMode,
            ));
        }
        Ok(own)
    }

    /// Checks that every shortcut leads to a protected mode that is in force, for every response
    /// type that the server answers.
    pub(crate) fn check_shortcuts(
        &self,
        types: &ResponseTypes,
        root: &str,
    ) -> Result<(), ConfigurationError> {
        for (index, name) in self.names.iter().enumerate() {
            for response_type in types.iter() {
                let rule = types.rule(Some(response_type));
                if self.resolve(name, Some(response_type), rule).is_some() {
                    continue;
                }
                return Err(ConfigurationError::new(
                    format!("{root}.response_mode[{index}].name"),
                    Problem::ShortcutTarget {
                        name: name.clone(),
                        target: self.target(name, Some(response_type), rule),
                        response_type: response_type.clone(),
                    },
                ));
            }
        }
        Ok(())
    }

    /// The names in force, in the order of the configuration: `response_modes_supported`.
    pub fn names(&self) -> &[ResponseMode] {
        &self.names
    }

    /// Whether any mode in force answers with a JWT.
    pub fn has_jwt(&self) -> bool {
        self.names.iter().any(ResponseMode::names_jwt)
    }

    /// The widest permission that a success of this rule has in the modes in force.
    pub(crate) fn permission(&self, rule: Rule) -> Permission {
        let permission = |mode: &Mode| match mode {
            Mode::Provider(own) => rule.permission(own.carrier(), own.protection()),
            Mode::Shortcut(_) => Permission::Refused,
        };
        let widest = self.modes.values().map(permission).min();
        widest.unwrap_or(Permission::Refused)
    }

    /// The provider of a concrete mode in force.
    pub(crate) fn provider(&self, name: &ResponseMode) -> Option<&Arc<dyn ResponseModeProvider>> {
        match self.modes.get(name)? {
            Mode::Provider(provider) => Some(provider),
            Mode::Shortcut(_) => None,
        }
    }

    /// The provider behind a requested mode: itself, or what a shortcut stands for. A shortcut
    /// never leads to a mode that does not protect.
    pub(crate) fn resolve(
        &self,
        requested: &ResponseMode,
        response_type: Option<&ResponseType>,
        rule: Rule,
    ) -> Option<&Arc<dyn ResponseModeProvider>> {
        let target = self.target(requested, response_type, rule);
        let provider = self.provider(&target)?;
        (target == *requested || provider.protection() == Protection::Jwt).then_some(provider)
    }

    fn target(
        &self,
        requested: &ResponseMode,
        response_type: Option<&ResponseType>,
        rule: Rule,
    ) -> ResponseMode {
        match self.modes.get(requested) {
            Some(Mode::Shortcut(shortcut)) => shortcut(&ShortcutRequest {
                response_type,
                rule,
            }),
            _ => requested.clone(),
        }
    }
}

impl Mode {
    fn protection(&self) -> Protection {
        match self {
            Self::Provider(provider) => provider.protection(),
            Self::Shortcut(_) => Protection::Jwt,
        }
    }
}

fn promised(name: &ResponseMode) -> Protection {
    if name.names_jwt() {
        Protection::Jwt
    } else {
        Protection::Plain
    }
}

/// The options of an entry; `x.jwt` without any has those of `x`, which it wraps.
fn options<'a>(
    configured: &'a [ResponseModeConfiguration],
    entry: &'a ResponseModeConfiguration,
) -> &'a Map<String, Value> {
    let is_plain_form = |own: &&ResponseModeConfiguration| {
        own.name.jwt_secured() == entry.name
            && entry.kind().strip_suffix(".jwt") == Some(own.kind())
    };
    let plain = configured.iter().find(is_plain_form);
    plain
        .filter(|_| entry.options.is_empty())
        .map_or(&entry.options, |own| &own.options)
}

fn make(
    registry: &ResponseModeRegistry,
    entry: &ResponseModeConfiguration,
    options: &Map<String, Value>,
) -> Result<Mode, MakeError> {
    let settings = ProviderSettings::new(entry.name.clone(), options.clone());
    Ok(match registry.make(entry.kind(), &settings)? {
        Made::Provider(provider) if *provider.response_mode() != entry.name => {
            let other = format!("this kind answers to `{}` only", provider.response_mode());
            return Err(SettingsError::new("", other).into());
        }
        Made::Provider(provider) => Mode::Provider(provider),
        Made::Shortcut(shortcut) => Mode::Shortcut(shortcut),
    })
}

fn unknown_kind(registry: &ResponseModeRegistry, kind: &str) -> Problem {
    let known: Vec<String> = registry.kinds().map(|(kind, _)| kind.to_owned()).collect();
    let nearest = nearest(kind, known.iter().map(String::as_str)).map(str::to_owned);
    Problem::UnknownKind {
        kind: kind.to_owned(),
        known,
        nearest,
    }
}
