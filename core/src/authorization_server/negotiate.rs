use std::sync::Arc;

use super::explanation::Reason;
use super::in_force::Unusable;
use super::observer::{About, Outcome};
use super::pending::Negotiated;
use super::{AuthorizationServer, Error, Explanation, PendingResponse};
use crate::configuration::RefusalDelivery;
use crate::metadata::Client;
use crate::provider::{ResponseModeProvider, ResponseRequest};
use crate::request::RequestParameters;
use crate::response::{AuthorizationError, CspNonce, EncodedResponse, ErrorCode};
use crate::rules::{Permission, RULE_WITHOUT_RESPONSE_TYPE, Rule};
use crate::vocabulary::{Protection, RedirectTarget, ResponseMode, ResponseType, names_jwt};

impl AuthorizationServer {
    /// Decides how a request will be answered, before the user is asked for anything.
    ///
    /// Call it once client and redirect URI are validated. It reads `response_type`,
    /// `response_mode` and `state` from the raw parameters, refuses a registered parameter that
    /// occurs twice, checks the combination by the
    /// [rules](crate::rules) and proves that the answer can be given: the key is there.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] that carries the way in which its error must be delivered. Hand it to
    /// [`refuse`](Self::refuse).
    pub async fn negotiate(
        &self,
        client: &Client,
        target: RedirectTarget,
        request: &RequestParameters,
    ) -> Result<PendingResponse, Refusal> {
        let begin = self.begin();
        let asked = Asked::read(request);
        let Decision {
            provider,
            requested,
            complaint,
            explanation,
        } = self.decide(client, &target, &asked);
        let about = About {
            client_id: client.client_id(),
            response_type: asked.response_type.as_ref(),
            response_mode: provider.map(|provider| provider.response_mode()),
        };
        let explanation = &explanation;
        let Some(provider) = provider else {
            let unexplained =
                || AuthorizationError::invalid_request("no response mode can carry the answer");
            let error = complaint.unwrap_or_else(unexplained);
            let outcome = Outcome::Refused {
                error: &error,
                explanation,
            };
            self.tell(about, begin, outcome);
            return Err(Refusal::Local(error));
        };
        let negotiated = match provider.protection() {
            Protection::Plain => Negotiated::Plain,
            Protection::Jwt => self.prove_jwt(client).await.map_err(|error| {
                self.tell(about, begin, Outcome::Failed { error: &error });
                Refusal::Failed(error)
            })?,
        };
        let outcome = match &complaint {
            None => Outcome::Negotiated { explanation },
            Some(error) => Outcome::Refused { error, explanation },
        };
        self.tell(about, begin, outcome);
        let pending = PendingResponse {
            issuer: self.issuer.clone(),
            client_id: client.client_id().clone(),
            target,
            response_type: asked.response_type,
            requested,
            response_mode: provider.response_mode().clone(),
            negotiated,
            state: asked.state,
            expires_at: self.clock.now().after(self.pending_lifetime),
            id: None,
            host_data: None,
            csp_nonce: None,
        };
        match complaint {
            None => Ok(pending),
            Some(error) => Err(Refusal::Answer(RefusedRequest {
                pending: Box::new(pending),
                error,
            })),
        }
    }

    /// Tells why a request is answered as it is, without answering it: for support staff and tests
    /// of a configuration, and never for the client.
    pub async fn explain(
        &self,
        client: &Client,
        target: &RedirectTarget,
        request: &RequestParameters,
    ) -> Explanation {
        let decision = self.decide(client, target, &Asked::read(request));
        let mut explanation = decision.explanation;
        let is_jwt = |own: &&Arc<dyn ResponseModeProvider>| own.protection() == Protection::Jwt;
        if decision.provider.as_ref().is_some_and(is_jwt)
            && let Err(failure) = self.prove_jwt(client).await
        {
            let problem = failure.with_sources();
            explanation.reasons.pop();
            explanation.reasons.push(Reason::Failed { problem });
            explanation.reasons.push(Reason::NotAnswered);
        }
        explanation
    }

    /// Answers a refused request as the refusal says: to the client in its mode, or not at all.
    ///
    /// # Errors
    ///
    /// [`Error`] when the error must stay local: show a page of your own.
    pub async fn refuse(
        &self,
        refusal: Refusal,
        client: &Client,
    ) -> Result<EncodedResponse, Error> {
        match refusal {
            Refusal::Answer(RefusedRequest { pending, error }) => {
                self.respond(*pending, client, error).await
            }
            Refusal::Local(error) => Err(Error::Local(error)),
            Refusal::Failed(error) => Err(error),
        }
    }

    /// Decides in which mode a request is answered, and whether with an error.
    fn decide(&self, client: &Client, target: &RedirectTarget, asked: &Asked<'_>) -> Decision<'_> {
        let response_type = asked.response_type.as_ref();
        let mut reasons = Vec::new();
        if let Some(error) = &asked.complaint {
            let problem = error.to_string();
            reasons.push(Reason::Request { problem });
        }
        let about_type = self.check_response_type(client, response_type).err();
        if let (Some(error), Some(response_type)) = (&about_type, response_type) {
            reasons.push(Reason::ResponseType {
                response_type: response_type.clone(),
                problem: error.to_string(),
            });
        }
        let rule = self.rule(response_type);
        let default = rule.default.mode(Protection::Plain);
        let (requested, chosen) = match asked.response_mode {
            AskedMode::Several(_) => (default, Err(None)),
            AskedMode::Default => {
                let response_mode = default.clone();
                reasons.push(Reason::Default { response_mode });
                let chosen = self.choose(client, target, (response_type, &default, rule));
                (default, chosen.map_err(Some))
            }
            AskedMode::Named(name) => {
                let mode = ResponseMode::try_new(name.to_owned()).ok();
                let is_known = |own: &&ResponseMode| self.in_force.modes.names().contains(own);
                let response_mode = mode.as_ref().filter(is_known).cloned();
                reasons.push(Reason::Requested { response_mode });
                match mode {
                    Some(mode) => {
                        let chosen = self.choose(client, target, (response_type, &mode, rule));
                        (mode, chosen.map_err(Some))
                    }
                    None => (default, Err(Some(Reason::NotInForce))),
                }
            }
        };
        let (provider, about_mode) = match chosen {
            Ok(provider) => {
                if *provider.response_mode() != requested {
                    let stands_for = provider.response_mode().clone();
                    reasons.push(Reason::Shortcut { stands_for });
                }
                (Some(provider), None)
            }
            Err(None) => (self.delivery(client, response_type, (rule, asked)), None),
            Err(Some(why)) => {
                let error = self.complaint(&why, asked.response_mode);
                // The refusal of a token in the query carries none.
                let provider = match why {
                    Reason::TokenNotEncrypted => {
                        self.in_force.modes.resolve(&requested, response_type, rule)
                    }
                    _ => self.delivery(client, response_type, (rule, asked)),
                };
                reasons.push(why);
                (provider, Some(error))
            }
        };
        let complaint = asked.complaint.clone().or(about_type).or(about_mode);
        reasons.push(
            provider.map_or(Reason::NotAnswered, |provider| Reason::Answered {
                response_mode: provider.response_mode().clone(),
                with_error: complaint.is_some(),
            }),
        );
        Decision {
            provider,
            requested,
            complaint,
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

    /// Proves that a response JWT can be made for the client.
    async fn prove_jwt(&self, client: &Client) -> Result<Negotiated, Error> {
        self.signing(client)?;
        let encrypting = self.encrypting(client).await?;
        Ok(encrypting.map_or(Negotiated::Signed, |_| Negotiated::Encrypted))
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

/// How a request is answered.
struct Decision<'a> {
    /// `None` where no mode can tell the client.
    provider: Option<&'a Arc<dyn ResponseModeProvider>>,
    /// The mode that counts as asked for.
    requested: ResponseMode,
    complaint: Option<AuthorizationError>,
    explanation: Explanation,
}

/// What the request says about its answer, and the first thing that is wrong with its form.
struct Asked<'a> {
    response_type: Option<ResponseType>,
    response_mode: AskedMode<'a>,
    state: Option<String>,
    complaint: Option<AuthorizationError>,
}

#[derive(Clone, Copy)]
enum AskedMode<'a> {
    /// None, so the response type's default.
    Default,
    /// One, known or not.
    Named(&'a str),
    /// Several, which is never usable; whether any of them means a JWT.
    Several(Protection),
}

impl AskedMode<'_> {
    /// Whether the client asked for a JWT, be it in a mode that does not exist.
    fn protection(self) -> Protection {
        match self {
            Self::Named(name) if names_jwt(name) => Protection::Jwt,
            Self::Named(_) | Self::Default => Protection::Plain,
            Self::Several(wanted) => wanted,
        }
    }
}

impl<'a> Asked<'a> {
    fn read(request: &'a RequestParameters) -> Self {
        let mut complaint = None;
        let mut note = |error: AuthorizationError| {
            complaint.get_or_insert(error);
        };
        let response_type = match request.single("response_type") {
            Ok(Some(value)) => ResponseType::try_new(value)
                .map_err(|error| note(AuthorizationError::invalid_request(error.to_string())))
                .ok(),
            Ok(None) => {
                note(AuthorizationError::invalid_request(
                    "response_type is missing",
                ));
                None
            }
            Err(error) => {
                note(error.into());
                None
            }
        };
        let response_mode = match request.single("response_mode") {
            Ok(None) => AskedMode::Default,
            Ok(Some(name)) => AskedMode::Named(name),
            Err(error) => {
                note(error.into());
                let mut all = request.iter().filter(|(name, _)| *name == "response_mode");
                AskedMode::Several(if all.any(|(_, value)| names_jwt(value)) {
                    Protection::Jwt
                } else {
                    Protection::Plain
                })
            }
        };
        let state = request.single("state").unwrap_or_else(|error| {
            note(error.into());
            None
        });
        if let Some(error) = request.duplicate() {
            note(error.into());
        }
        Self {
            response_type,
            response_mode,
            state: state.map(str::to_owned),
            complaint,
        }
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

/// A request that was refused at the door, with the way in which that must be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The client is told, in the mode that applies.
    #[error("the client is told: {}", .0.error)]
    Answer(RefusedRequest),
    /// No mode may or can tell the client: a local page with status 400.
    #[error("the request cannot be answered: {0}")]
    Local(AuthorizationError),
    /// The server cannot answer in the mode that applies: a local page with status 500.
    #[error(transparent)]
    Failed(Error),
}

impl Refusal {
    /// What is wrong with the request, for an endpoint that tells the client directly: where
    /// requests are pushed, with status 400 and as JSON ([RFC 9126 2.3]). `None` where it is the
    /// server that cannot answer.
    ///
    /// [RFC 9126 2.3]: https://www.rfc-editor.org/rfc/rfc9126#section-2.3
    pub fn error(&self) -> Option<&AuthorizationError> {
        match self {
            Self::Answer(refused) => Some(refused.error()),
            Self::Local(error) => Some(error),
            Self::Failed(_) => None,
        }
    }

    /// Supplies the nonce for a page's script, needed where `page.csp` is `nonce`.
    #[must_use]
    pub fn with_csp_nonce(self, nonce: CspNonce) -> Self {
        match self {
            Self::Answer(RefusedRequest { pending, error }) => Self::Answer(RefusedRequest {
                pending: Box::new(pending.with_csp_nonce(nonce)),
                error,
            }),
            other => other,
        }
    }
}

/// An error on its way to the client. Only [`AuthorizationServer::refuse`] answers it, and only
/// with this error: a refused request cannot become a success.
#[derive(Debug)]
pub struct RefusedRequest {
    pending: Box<PendingResponse>,
    error: AuthorizationError,
}

impl RefusedRequest {
    /// What the client will be told.
    pub fn error(&self) -> &AuthorizationError {
        &self.error
    }

    /// Where it will be told.
    ///
    /// A host that does not trust the client enough to redirect on its own may ask the user first
    /// ([RFC 9700 4.11.2]).
    ///
    /// [RFC 9700 4.11.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.11.2
    pub fn target(&self) -> &RedirectTarget {
        self.pending.target()
    }

    /// The mode in which it will be told.
    pub fn response_mode(&self) -> &ResponseMode {
        self.pending.response_mode()
    }
}
