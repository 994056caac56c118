//! What an operator and a client allow of what the rules allow.
//!
//! The rules say what may travel where; this says what of it is wanted. It can refuse more than
//! the rules and never less.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::configuration::{AllowedRequest, RefusalDelivery, RequireJarm};
use crate::metadata::Client;
use crate::vocabulary::{JwsAlgorithm, Protection, ResponseMode, ResponseType, names_jwt};

/// The policy of one server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) require_jarm: RequireJarm,
    pub(crate) registration: RequireJarm,
    pub(crate) refusal_delivery: RefusalDelivery,
    pub(crate) allow: Vec<AllowedRequest>,
    pub(crate) signing_algs: Option<Vec<JwsAlgorithm>>,
}

/// The setting that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicySetting {
    /// The server's `require_jarm`.
    RequireJarm,
    /// `registration.require_jarm`, for clients that registered themselves.
    RegistrationRequireJarm,
    /// What the host says of the client.
    ClientRequireJarm,
    /// The client's registered `response_modes`.
    ClientResponseModes,
    /// The server's `allow`.
    Allow,
}

impl fmt::Display for PolicySetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequireJarm => "require_jarm",
            Self::RegistrationRequireJarm => "registration.require_jarm",
            Self::ClientRequireJarm => "require_jarm of the client",
            Self::ClientResponseModes => "response_modes of the client",
            Self::Allow => "allow",
        })
    }
}

impl Serialize for PolicySetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Policy {
    /// Whether a response of this type to this client must be a JWT, and which setting says so.
    pub(crate) fn requires_jarm(
        &self,
        client: &Client,
        response_type: Option<&ResponseType>,
    ) -> Option<PolicySetting> {
        let metadata = client.metadata();
        let demands = |own: RequireJarm| match own {
            RequireJarm::No => false,
            RequireJarm::WhenRegistered => metadata.names_response_jwt(),
            RequireJarm::Always => true,
        };
        if demands(self.require_jarm) {
            return Some(PolicySetting::RequireJarm);
        }
        if client.is_dynamically_registered() && demands(self.registration) {
            return Some(PolicySetting::RegistrationRequireJarm);
        }
        if demands(client.require_jarm()) {
            return Some(PolicySetting::ClientRequireJarm);
        }
        // Who allows JWTs alone requires them.
        let are_jwts = |modes: &[ResponseMode]| modes.iter().all(|mode| names_jwt(mode.as_str()));
        if metadata.response_modes.as_deref().is_some_and(are_jwts) {
            return Some(PolicySetting::ClientResponseModes);
        }
        let all_are = |row: &AllowedRequest| row.response_mode.as_deref().is_some_and(are_jwts);
        let mut rows = self.rows(response_type).peekable();
        let only_jwts = if rows.peek().is_some() {
            rows.all(all_are)
        } else {
            !self.allow.is_empty() && self.allow.iter().all(all_are)
        };
        only_jwts.then_some(PolicySetting::Allow)
    }

    /// Whether a mode may be asked for, as the request names it or, without a name, as the default
    /// is called; if not, the setting that stands against it.
    pub(crate) fn check(
        &self,
        client: &Client,
        response_type: Option<&ResponseType>,
        (requested, protection): (&ResponseMode, Protection),
    ) -> Result<(), PolicySetting> {
        if protection == Protection::Plain
            && let Some(setting) = self.requires_jarm(client, response_type)
        {
            return Err(setting);
        }
        let names = |modes: &Option<Vec<ResponseMode>>| match modes {
            Some(modes) => modes.contains(requested),
            None => true,
        };
        if !names(&client.metadata().response_modes) {
            return Err(PolicySetting::ClientResponseModes);
        }
        let mut rows = self.rows(response_type).peekable();
        if rows.peek().is_some() && !rows.any(|row| names(&row.response_mode)) {
            return Err(PolicySetting::Allow);
        }
        Ok(())
    }

    /// Whether a response type may be asked for at all.
    pub(crate) fn admits_type(&self, response_type: Option<&ResponseType>) -> bool {
        self.allow.is_empty() || self.rows(response_type).next().is_some()
    }

    pub(crate) fn admits_algorithm(&self, algorithm: &JwsAlgorithm) -> bool {
        self.signing_algs
            .as_ref()
            .is_none_or(|own| own.contains(algorithm))
    }

    fn rows<'a>(
        &'a self,
        response_type: Option<&'a ResponseType>,
    ) -> impl Iterator<Item = &'a AllowedRequest> {
        self.allow
            .iter()
            .filter(move |row| Some(&row.response_type) == response_type)
    }
}
