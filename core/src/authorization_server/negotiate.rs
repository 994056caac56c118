use std::sync::Arc;

use super::encryption::is_granted;
use super::pending::Negotiated;
use super::{AuthorizationServer, Error, PendingResponse};
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
        let asked = Asked::read(request);
        let about_type = self.check_response_type(client, asked.response_type.as_ref());
        let (provider, about_mode) = self.choose(client, &target, &asked);
        let complaint = asked.complaint.or(about_type.err()).or(about_mode);

        let Some(provider) = provider else {
            let unexplained =
                || AuthorizationError::invalid_request("no response mode can carry the answer");
            return Err(Refusal::Local(complaint.unwrap_or_else(unexplained)));
        };
        let negotiated = match provider.protection() {
            Protection::Plain => Negotiated::Plain,
            Protection::Jwt => self.prove_jwt(client).await.map_err(|failure| {
                failure.log(client.client_id(), provider.response_mode());
                Refusal::Failed(failure)
            })?,
        };
        let pending = PendingResponse {
            issuer: self.issuer.clone(),
            client_id: client.client_id().clone(),
            target,
            response_type: asked.response_type,
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
            Refusal::Local(error) => {
                tracing::debug!(client_id = ?client.client_id(), %error, "no response mode can tell the client");
                Err(Error::Local(error))
            }
            Refusal::Failed(error) => Err(error),
        }
    }

    /// The provider that will answer, and what is wrong with the mode that was asked for.
    fn choose(
        &self,
        client: &Client,
        target: &RedirectTarget,
        asked: &Asked<'_>,
    ) -> (
        Option<&Arc<dyn ResponseModeProvider>>,
        Option<AuthorizationError>,
    ) {
        let response_type = asked.response_type.as_ref();
        let rule = self.rule(response_type);
        let unsupported = |why: &'static str| {
            Some(AuthorizationError::new(self.unsupported_mode_error.code()).description(why))
        };
        let requested = match asked.response_mode {
            AskedMode::Default => Some(rule.default.mode(Protection::Plain)),
            AskedMode::Named(name) => ResponseMode::try_new(name.to_owned()).ok(),
            AskedMode::Several(wanted) => return (self.fallback(rule, wanted), None),
        };
        let wanted = asked.response_mode.protection();
        let Some(provider) =
            requested.and_then(|mode| self.modes.resolve(&mode, response_type, rule))
        else {
            let why = match asked.response_mode {
                AskedMode::Default => {
                    "response_mode is missing, and the default for this response_type is not in use here"
                }
                AskedMode::Named(_) | AskedMode::Several(_) => {
                    "this response_mode is not supported"
                }
            };
            return (self.fallback(rule, wanted), unsupported(why));
        };
        let request = ResponseRequest {
            client_id: client.client_id(),
            response_type,
            target,
            protection: provider.protection(),
        };
        let complain = |why: String| Some(AuthorizationError::invalid_request(why));
        if let Err(why) = can_carry(provider.as_ref(), &request) {
            return (self.fallback(rule, wanted), complain(why));
        }
        let permission = rule.permission(provider.carrier(), provider.protection());
        if is_granted(permission, client.metadata()) {
            (Some(provider), None)
        } else if permission == Permission::OnlyEncrypted {
            let why = "a token in the query must be encrypted: use fragment.jwt or form_post.jwt";
            (Some(provider), complain(why.into()))
        } else {
            let why = "a token must not be in the query: use fragment or form_post";
            (self.fallback(rule, wanted), complain(why.into()))
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
        let rule = self.types.rule(response_type);
        let is_in_force = response_type.is_some_and(|own| self.types.contains(own));
        let modes = [Protection::Plain, Protection::Jwt].map(|own| rule.default.mode(own));
        if is_in_force || modes.iter().any(|mode| self.modes.provider(mode).is_some()) {
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
        let default = |protection| self.modes.provider(&rule.default.mode(protection));
        match wanted {
            Protection::Plain => default(Protection::Plain).or_else(|| default(Protection::Jwt)),
            Protection::Jwt if self.modes.has_jwt() => default(Protection::Jwt),
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
        if !self.types.contains(response_type) {
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
    /// No mode in force can tell the client: a local page with status 400.
    #[error("the request cannot be answered: {0}")]
    Local(AuthorizationError),
    /// The server cannot answer in the mode that applies: a local page with status 500.
    #[error(transparent)]
    Failed(Error),
}

impl Refusal {
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
