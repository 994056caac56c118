//! What is in force: response types, response modes and policy, checked against each other.

use std::sync::{Arc, LazyLock};

use super::encryption::is_granted;
use crate::configuration::{AllowedRequest, ConfigurationError, Problem, nearest};
use crate::metadata::{Client, ClientMetadata};
use crate::policy::{Policy, PolicySetting};
use crate::provider::{ResponseModeProvider, ResponseModes};
use crate::rules::{ExtensionResponseType, Permission, ResponseTypes, Rule};
use crate::vocabulary::{
    ClientId, JweKeyManagementAlgorithm, Protection, ResponseMode, ResponseType,
};

/// Response types, response modes and policy of one server.
#[derive(Debug)]
pub(super) struct InForce {
    pub(super) types: ResponseTypes,
    pub(super) modes: ResponseModes,
    pub(super) policy: Policy,
    encrypts: bool,
}

/// Why a client cannot be answered in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    NotInForce,
    ByRule(Permission),
    ByPolicy(PolicySetting),
}

/// What the configuration says of response types.
pub(super) struct ListedTypes {
    pub(super) listed: Option<Vec<ResponseType>>,
    pub(super) extensions: Vec<ExtensionResponseType>,
}

impl InForce {
    /// Puts them into force. What is listed must be possible, be it for some clients only; what is
    /// not listed is what is possible for every client.
    pub(super) fn new(
        types: ListedTypes,
        modes: ResponseModes,
        policy: Policy,
        encrypts: bool,
        root: &str,
    ) -> Result<Self, ConfigurationError> {
        types.check(root)?;
        check_allowed(&policy.allow, &types, &modes, root)?;
        let ListedTypes { listed, extensions } = types;
        let is_listed = listed.is_some();
        let mut candidates = listed.unwrap_or_else(|| ResponseType::STANDARD.to_vec());
        if !is_listed {
            candidates.retain(|own| policy.admits_type(Some(own)));
        }
        let mut own = Self {
            types: ResponseTypes::new(candidates, extensions),
            modes,
            policy,
            encrypts,
        };
        own.modes.check_shortcuts(&own.types, root)?;
        if !is_listed {
            let kept = own.types.clone();
            let kept = kept.retain_listed(|one| own.is_possible_for_everybody(one));
            // Where none is left, the first that is not possible is named below.
            if kept.iter().next().is_some() {
                own.types = kept;
            }
        }
        let impossible = own.types.iter().find(|one| !own.is_possible(one)).cloned();
        match impossible {
            None => Ok(own),
            Some(response_type) => Err(ConfigurationError::new(
                format!("{root}.response_types"),
                Problem::NoModeFor(response_type),
            )),
        }
    }

    /// The provider that answers a client when it asks for this mode, or for none, where `requested`
    /// is the default.
    pub(super) fn usable(
        &self,
        client: &Client,
        response_type: Option<&ResponseType>,
        (requested, rule): (&ResponseMode, Rule),
    ) -> Result<&Arc<dyn ResponseModeProvider>, Unusable> {
        let provider = self
            .modes
            .resolve(requested, response_type, rule)
            .ok_or(Unusable::NotInForce)?;
        let requested = (requested, provider.as_ref());
        self.admits(client, response_type, requested, rule)?;
        Ok(provider)
    }

    /// Whether policy and rules let a provider carry a success to a client that asked for this mode.
    pub(super) fn admits(
        &self,
        client: &Client,
        response_type: Option<&ResponseType>,
        (requested, provider): (&ResponseMode, &dyn ResponseModeProvider),
        rule: Rule,
    ) -> Result<(), Unusable> {
        // First, because its refusals are delivered as the policy says.
        self.policy
            .check(client, response_type, (requested, provider.protection()))
            .map_err(Unusable::ByPolicy)?;
        let permission = rule.permission(provider.carrier(), provider.protection());
        if is_granted(permission, client.metadata()) {
            Ok(())
        } else {
            Err(Unusable::ByRule(permission))
        }
    }

    /// The same for an error. It carries no token and may travel wherever it was negotiated to,
    /// except without a JWT where policy demands one.
    pub(super) fn admits_error(
        &self,
        client: &Client,
        response_type: Option<&ResponseType>,
        protection: Protection,
    ) -> Result<(), Unusable> {
        match self.policy.requires_jarm(client, response_type) {
            Some(setting) if protection == Protection::Plain => Err(Unusable::ByPolicy(setting)),
            _ => Ok(()),
        }
    }

    /// Whether a client can be answered a success of this type, when it asks for this mode.
    pub(super) fn is_usable(
        &self,
        client: &Client,
        response_type: &ResponseType,
        requested: &ResponseMode,
    ) -> bool {
        let rule = self.types.rule(Some(response_type));
        self.policy.admits_type(Some(response_type))
            && self
                .usable(client, Some(response_type), (requested, rule))
                .is_ok()
    }

    /// The response types that somebody can be answered.
    pub(super) fn response_types(&self) -> impl Iterator<Item = &ResponseType> {
        self.types.iter().filter(|own| self.is_possible(own))
    }

    /// The response modes that somebody can be answered in.
    pub(super) fn response_modes(&self) -> impl Iterator<Item = &ResponseMode> {
        let is_possible =
            |mode: &&ResponseMode| self.types.iter().any(|own| self.is_possible_in(own, mode));
        self.modes.names().iter().filter(is_possible)
    }

    /// Whether a client that registered nothing about response JWTs is answered. A row of `allow`
    /// may name a type for fewer.
    fn is_possible_for_everybody(&self, response_type: &ResponseType) -> bool {
        let rule = self.types.rule(Some(response_type));
        let mut modes = self.modes.names().iter();
        self.modes.permission(rule) == Permission::Allowed
            && (!self.policy.allow.is_empty()
                || modes.any(|mode| self.is_usable(&ANYBODY, response_type, mode)))
    }

    fn is_possible(&self, response_type: &ResponseType) -> bool {
        let mut modes = self.modes.names().iter();
        modes.any(|mode| self.is_possible_in(response_type, mode))
    }

    /// Whether there can be a client that is answered so: one that registered nothing about
    /// response JWTs, or everything.
    fn is_possible_in(&self, response_type: &ResponseType, mode: &ResponseMode) -> bool {
        let plain = self.is_usable(&ANYBODY, response_type, mode);
        plain || (self.encrypts && self.is_usable(&WITH_ENCRYPTION, response_type, mode))
    }
}

static ANYBODY: LazyLock<Client> = LazyLock::new(|| Client::new(ClientId::anybody()));
static WITH_ENCRYPTION: LazyLock<Client> = LazyLock::new(|| {
    let metadata = ClientMetadata {
        authorization_encrypted_response_alg: Some(JweKeyManagementAlgorithm::DIR),
        ..ClientMetadata::default()
    };
    Client::new(ClientId::anybody()).with_metadata(metadata)
});

impl ListedTypes {
    fn knows(&self, response_type: &ResponseType) -> bool {
        let mut declared = self.extensions.iter();
        ResponseType::STANDARD.contains(response_type)
            || declared.any(|own| own.response_type() == response_type)
    }

    fn check(&self, root: &str) -> Result<(), ConfigurationError> {
        let at = |key, problem| Err(ConfigurationError::new(format!("{root}.{key}"), problem));
        if self.listed.as_ref().is_some_and(Vec::is_empty) && self.extensions.is_empty() {
            let why = "list one response type at least";
            return at("response_types".to_owned(), Problem::Invalid(why.into()));
        }
        let mut listed = self.listed.iter().flatten().enumerate();
        match listed.find(|(_, own)| !self.knows(own)) {
            Some((index, own)) => at(format!("response_types[{index}]"), unknown(own)),
            None => Ok(()),
        }
    }
}

/// Whether every row of `allow` names types and modes that there are.
fn check_allowed(
    allow: &[AllowedRequest],
    types: &ListedTypes,
    modes: &ResponseModes,
    root: &str,
) -> Result<(), ConfigurationError> {
    for (index, row) in allow.iter().enumerate() {
        let at = |key: &str, problem| {
            let path = format!("{root}.allow[{index}].{key}");
            Err(ConfigurationError::new(path, problem))
        };
        if !types.knows(&row.response_type) {
            return at("response_type", unknown(&row.response_type));
        }
        if row.response_mode.as_ref().is_some_and(Vec::is_empty) {
            let why = "list one mode at least, or leave it out for all of them";
            return at("response_mode", Problem::Invalid(why.into()));
        }
        let listed = row.response_mode.iter().flatten().enumerate();
        for (place, mode) in listed {
            if !modes.names().contains(mode) {
                let problem = Problem::NotInForce {
                    mode: mode.clone(),
                    in_force: modes.names().to_vec(),
                };
                return at(&format!("response_mode[{place}]"), problem);
            }
        }
    }
    Ok(())
}

fn unknown(response_type: &ResponseType) -> Problem {
    let names = ResponseType::STANDARD.iter().map(ResponseType::as_str);
    let nearest = nearest(response_type.as_str(), names);
    Problem::UnknownResponseType {
        response_type: response_type.clone(),
        nearest: nearest.and_then(|name| name.parse().ok()),
    }
}
