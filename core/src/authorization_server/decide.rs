//! In which mode a request is answered, and why.

use std::sync::Arc;

use super::asked::{Asked, AskedMode};
use super::explanation::{Explanation, Reason};
use super::in_force::Unusable;
use super::{AuthorizationServer, Error};
use crate::configuration::RefusalDelivery;
use crate::metadata::Client;
use crate::provider::{ResponseModeProvider, ResponseRequest};
use crate::response::{AuthorizationError, ErrorCode};
use crate::rules::{Permission, RULE_WITHOUT_RESPONSE_TYPE, Rule};
use crate::vocabulary::{Protection, RedirectTarget, ResponseMode, ResponseType};

/// How a request is answered.
pub(super) struct Decision<'a> {
    /// The mode that counts as asked for.
    pub(super) requested: ResponseMode,
    pub(super) way: Way<'a>,
    /// What decided; [`concluded`](Self::concluded) says what came of it.
    pub(super) explanation: Explanation,
}

pub(super) enum Way<'a> {
    /// In this mode, with an error if there is one.
    Answer {
        provider: &'a Arc<dyn ResponseModeProvider>,
        complaint: Option<AuthorizationError>,
    },
    /// On a page of the host's: no mode can or may tell the client.
    Local(AuthorizationError),
}

impl Decision<'_> {
    pub(super) fn provider(&self) -> Option<&dyn ResponseModeProvider> {
        match &self.way {
            Way::Answer { provider, .. } => Some(provider.as_ref()),
            Way::Local(_) => None,
        }
    }

    /// Ends the explanation, once it is known whether the answer can be given.
    pub(super) fn concluded(&mut self, failure: Option<&Error>) {
        let reasons = &mut self.explanation.reasons;
        if let Some(failure) = failure {
            let problem = failure.with_sources();
            reasons.push(Reason::Failed { problem });
            reasons.push(Reason::NotAnswered);
            return;
        }
        reasons.push(match &self.way {
            Way::Answer {
                provider,
                complaint,
            } => Reason::Answered {
                response_mode: provider.response_mode().clone(),
                with_error: complaint.is_some(),
            },
            Way::Local(_) => Reason::NotAnswered,
        });
    }
}

impl AuthorizationServer {
    /// Decides in which mode a request is answered, and whether with an error.
    pub(super) fn decide(
        &self,
        client: &Client,
        target: &RedirectTarget,
        asked: &Asked<'_>,
    ) -> Decision<'_> {
        let response_type = asked.response_type.as_ref();
        let mut reasons = Vec::new();
        if let Some(error) = &asked.complaint {
            let problem = error.to_string();
            reasons.push(Reason::Request { problem });
        }
        let about_type = self.check_response_type(client, response_type).err();
        if let Some(error) = &about_type {
            let is_known = |own: &&ResponseType| self.in_force.types.contains(own);
            reasons.push(Reason::ResponseType {
                response_type: response_type.filter(is_known).cloned(),
                problem: error.to_string(),
            });
        }
        let rule = self.rule(response_type);
        let default = rule.default.mode(Protection::Plain);
        let refused = |why: Reason| {
            let error = self.complaint(&why, asked.response_mode);
            (Some(why), error)
        };
        let (requested, chosen) = match asked.response_mode {
            AskedMode::Several(_) => {
                let error = AuthorizationError::invalid_request("response_mode occurs twice");
                (default, Err((None, error))) // the reason stands there already
            }
            AskedMode::Default => {
                let response_mode = default.clone();
                reasons.push(Reason::Default { response_mode });
                let chosen = self.choose(client, target, (response_type, &default, rule));
                (default, chosen.map_err(refused))
            }
            AskedMode::Named(name) => {
                let mode = ResponseMode::try_new(name.to_owned()).ok();
                let is_known = |own: &&ResponseMode| self.in_force.modes.names().contains(own);
                let response_mode = mode.as_ref().filter(is_known).cloned();
                reasons.push(Reason::Requested { response_mode });
                match mode {
                    Some(mode) => {
                        let chosen = self.choose(client, target, (response_type, &mode, rule));
                        (mode, chosen.map_err(refused))
                    }
                    None => (default, Err(refused(Reason::NotInForce))),
                }
            }
        };
        let complaint = asked.complaint.clone().or(about_type);
        let way = match chosen {
            Ok(provider) => {
                if *provider.response_mode() != requested {
                    let stands_for = provider.response_mode().clone();
                    reasons.push(Reason::Shortcut { stands_for });
                }
                Way::Answer {
                    provider,
                    complaint,
                }
            }
            Err((why, about_mode)) => {
                let provider = match why {
                    // This refusal of a token in the query carries none.
                    Some(Reason::TokenNotEncrypted) => {
                        self.in_force.modes.resolve(&requested, response_type, rule)
                    }
                    _ => self.delivery(client, response_type, (rule, asked)),
                };
                reasons.extend(why);
                let error = complaint.unwrap_or(about_mode);
                match provider {
                    Some(provider) => Way::Answer {
                        provider,
                        complaint: Some(error),
                    },
                    None => Way::Local(error),
                }
            }
        };
        Decision {
            requested,
            way,
            explanation: Explanation { reasons },
        }
    }

    /// The provider of the mode that was asked for, or what speaks against it.
    fn choose(
        &self,
        client: &Client,
        target: &RedirectTarget,
        (response_type, requested, rule): (Option<&ResponseType>, &ResponseMode, Rule),
    ) -> Result<&Arc<dyn ResponseModeProvider>, Reason> {
        let usable = self
            .in_force
            .usable(client, response_type, (requested, rule));
        let provider = usable.map_err(|why| match why {
            Unusable::NotInForce => Reason::NotInForce,
            Unusable::ByRule(Permission::OnlyEncrypted) => Reason::TokenNotEncrypted,
            Unusable::ByRule(_) => Reason::TokenInQuery,
            Unusable::ByPolicy(setting) => Reason::Policy { setting },
        })?;
        let request = ResponseRequest {
            client_id: client.client_id(),
            response_type,
            target,
            protection: provider.protection(),
        };
        match can_carry(provider.as_ref(), &request) {
            Ok(()) => Ok(provider),
            Err(problem) => Err(Reason::CannotCarry { problem }),
        }
    }

    /// What the client is told about the mode that it asked for.
    fn complaint(&self, why: &Reason, asked: AskedMode<'_>) -> AuthorizationError {
        let is_default = matches!(asked, AskedMode::Default);
        let text = match why {
            Reason::NotInForce => {
                let text = if is_default {
                    "response_mode is missing, and the default for this response_type is not in use here"
                } else {
                    "this response_mode is not supported"
                };
                return AuthorizationError::new(self.unsupported_mode_error.code())
                    .description(text);
            }
            Reason::CannotCarry { problem } => problem.as_str(),
            Reason::TokenNotEncrypted => {
                "a token in the query must be encrypted: use fragment.jwt or form_post.jwt"
            }
            Reason::TokenInQuery => "a token must not be in the query: use fragment or form_post",
            _ if is_default => "response_mode is missing, and the default is not allowed here",
            _ => "this response_mode is not allowed here",
        };
        AuthorizationError::invalid_request(text.to_owned())
    }

    /// The mode in which the client is told that the mode it asked for cannot be used: where the
    /// policy demands JWTs, by one or not at all.
    fn delivery(
        &self,
        client: &Client,
        response_type: Option<&ResponseType>,
        (rule, asked): (Rule, &Asked<'_>),
    ) -> Option<&Arc<dyn ResponseModeProvider>> {
        let policy = &self.in_force.policy;
        let wanted = asked.response_mode.protection();
        if policy.requires_jarm(client, response_type).is_none() {
            return self.fallback(rule, wanted);
        }
        match policy.refusal_delivery {
            RefusalDelivery::LocalPage => None,
            RefusalDelivery::Jwt => {
                let mode = rule.default.mode(Protection::Jwt);
                self.in_force.modes.provider(&mode)
            }
        }
    }

    /// The rule by which a request is answered. A type that is not in force is answered with an
    /// error, so where its own default mode is not in force either, the query will do.
    fn rule(&self, response_type: Option<&ResponseType>) -> Rule {
        let rule = self.in_force.types.rule(response_type);
        let is_in_force = response_type.is_some_and(|own| self.in_force.types.contains(own));
        let modes = [Protection::Plain, Protection::Jwt].map(|own| rule.default.mode(own));
        if is_in_force
            || modes
                .iter()
                .any(|mode| self.in_force.modes.provider(mode).is_some())
        {
            rule
        } else {
            RULE_WITHOUT_RESPONSE_TYPE
        }
    }

    /// The response type's default mode, for an error about the mode that was asked for.
    ///
    /// Who asked for a JWT, in one mode that is known or not, is not answered plainly while any
    /// mode in force makes JWTs.
    fn fallback(&self, rule: Rule, wanted: Protection) -> Option<&Arc<dyn ResponseModeProvider>> {
        let default = |protection| self.in_force.modes.provider(&rule.default.mode(protection));
        match wanted {
            Protection::Plain => default(Protection::Plain).or_else(|| default(Protection::Jwt)),
            Protection::Jwt if self.in_force.modes.has_jwt() => default(Protection::Jwt),
            Protection::Jwt => default(Protection::Plain),
        }
    }

    pub(super) fn check_response_type(
        &self,
        client: &Client,
        response_type: Option<&ResponseType>,
    ) -> Result<(), AuthorizationError> {
        let Some(response_type) = response_type else {
            return Ok(());
        }; // its absence is complained of already
        if !self.in_force.types.contains(response_type) {
            let why = "this response_type is not supported";
            return Err(
                AuthorizationError::new(ErrorCode::UNSUPPORTED_RESPONSE_TYPE).description(why),
            );
        }
        if !client.metadata().admits(response_type) {
            let why = "this response_type is not registered for the client";
            return Err(AuthorizationError::new(ErrorCode::UNAUTHORIZED_CLIENT).description(why));
        }
        Ok(())
    }
}

/// Whether a mode can carry anything of this request, success or error: by the core's rules
/// first, then by the provider's own.
pub(super) fn can_carry(
    provider: &dyn ResponseModeProvider,
    request: &ResponseRequest<'_>,
) -> Result<(), String> {
    if provider.carrier().needs_web_target() && !request.target.is_web() {
        return Err("this response_mode needs a redirect_uri with https or http".into());
    }
    provider
        .admits(request)
        .map_err(|refused| refused.to_string())
}
