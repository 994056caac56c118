//! Answers whose redirect is longer than browsers, proxies and firewalls on the way may let pass.

use std::num::NonZero;

use super::decide::can_carry;
use super::{AuthorizationServer, Error, PendingResponse};
use crate::configuration::{ConfigurationError, LongRedirects, Problem};
use crate::metadata::Client;
use crate::provider::{EncodeContext, ResponseModeProvider, ResponseModes, ResponseRequest};
use crate::response::{EncodedResponse, ResponseParameters};
use crate::vocabulary::{Carrier, ClientId, RedirectTarget, ResponseMode, ResponseType};

/// A redirect that is longer than
/// [`redirect_length_limit`](crate::Configuration::redirect_length_limit).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LongRedirect {
    /// The mode that was negotiated. The answer went out in it, or, by
    /// [`long_redirects`](crate::Configuration::long_redirects), in that of the
    /// [event](super::Event::response_mode).
    pub response_mode: ResponseMode,
    /// How many octets its `Location` has.
    pub length: usize,
    /// How many it may have.
    pub limit: u32,
}

impl LongRedirect {
    /// Tells the host's log; loudly where it is for the operator to do something.
    pub(super) fn log(&self, client_id: &ClientId, answered_in: &str) {
        let Self {
            response_mode,
            length,
            limit,
        } = self;
        let response_mode = response_mode.as_str();
        if response_mode == answered_in {
            tracing::warn!(
                response_mode,
                ?client_id,
                length,
                limit,
                "the redirect is longer than redirect_length_limit"
            );
        } else {
            tracing::debug!(
                response_mode,
                answered_in,
                ?client_id,
                length,
                limit,
                "the redirect would be longer than redirect_length_limit"
            );
        }
    }
}

/// What the configuration says of long redirects.
#[derive(Clone, Copy, Debug)]
pub(super) struct RedirectLength {
    limit: Option<NonZero<u32>>,
    long: LongRedirects,
}

/// The message of an answer, and who wrote it.
pub(super) struct Carried<'a> {
    pub(super) encoded: EncodedResponse,
    pub(super) provider: &'a dyn ResponseModeProvider,
    pub(super) long_redirect: Option<LongRedirect>,
}

impl RedirectLength {
    pub(super) fn new(limit: Option<NonZero<u32>>, long: LongRedirects) -> Self {
        Self { limit, long }
    }

    /// A switch that could never be thrown is a mistake.
    pub(super) fn check(self, modes: &ResponseModes, root: &str) -> Result<(), ConfigurationError> {
        let why = match (self.long, self.limit) {
            (LongRedirects::Report, _) => return Ok(()),
            (LongRedirects::FormPostJwt, None) => {
                "without redirect_length_limit no redirect is too long: set it, or leave this out"
            }
            (LongRedirects::FormPostJwt, Some(_)) => {
                if modes.provider(&ResponseMode::FORM_POST_JWT).is_some() {
                    return Ok(());
                }
                "`form_post.jwt` is not in force: list it under response_mode, or leave this out"
            }
        };
        let problem = Problem::Invalid(why.to_owned());
        Err(ConfigurationError::new(
            format!("{root}.long_redirects"),
            problem,
        ))
    }

    /// The limit, where a longer redirect is to become a form post.
    fn switched_at(self) -> Option<u32> {
        match self.long {
            LongRedirects::Report => None,
            LongRedirects::FormPostJwt => self.limit.map(NonZero::get),
        }
    }

    fn exceeded_by(self, encoded: &EncodedResponse, mode: &ResponseMode) -> Option<LongRedirect> {
        let limit = self.limit?.get();
        let EncodedResponse::Redirect(redirect) = encoded else {
            return None;
        };
        let length = redirect.location().len();
        let is_short = u32::try_from(length).is_ok_and(|length| length <= limit);
        (!is_short).then(|| LongRedirect {
            response_mode: mode.clone(),
            length,
            limit,
        })
    }
}

impl AuthorizationServer {
    /// Writes the parameters into a message: in the negotiated mode, or in `form_post.jwt` where
    /// that is a redirect too long, and configuration and client want it so.
    pub(super) fn carry<'a>(
        &'a self,
        provider: &'a dyn ResponseModeProvider,
        (pending, client): (&PendingResponse, &Client),
        parameters: &ResponseParameters,
    ) -> Result<Carried<'a>, Error> {
        let encode = |provider: &dyn ResponseModeProvider| {
            let context = EncodeContext::new(provider, &pending.target, &self.encode);
            provider.encode(&context.with_nonce(pending.csp_nonce.as_ref()), parameters)
        };
        let encoded = encode(provider)?;
        let mode = provider.response_mode();
        let long_redirect = self.redirect_length.exceeded_by(&encoded, mode);
        let about = (&pending.target, pending.response_type());
        let other = long_redirect
            .as_ref()
            .and_then(|_| self.instead_of_redirect(provider, client, about));
        // What was negotiated is ready: it does not fail because something else does.
        let posted = other.and_then(|(other, _)| match encode(other) {
            Ok(encoded) => Some((encoded, other)),
            Err(error) => {
                tracing::warn!(%error, "a long redirect cannot go out in form_post.jwt");
                None
            }
        });
        let (encoded, provider) = posted.unwrap_or((encoded, provider));
        Ok(Carried {
            encoded,
            provider,
            long_redirect,
        })
    }

    /// Who answers instead of a redirect of more than so many octets, if anybody may.
    ///
    /// The JWT that was made for the redirect is posted as it is, so it is signed and encrypted alike.
    pub(super) fn instead_of_redirect(
        &self,
        provider: &dyn ResponseModeProvider,
        client: &Client,
        (target, response_type): (&RedirectTarget, Option<&ResponseType>),
    ) -> Option<(&dyn ResponseModeProvider, u32)> {
        let limit = self.redirect_length.switched_at()?;
        if !matches!(provider.carrier(), Carrier::Query | Carrier::Fragment) {
            return None;
        }
        let protection = provider.protection();
        let mode = ResponseMode::FORM_POST_JWT;
        // A client that lists no modes has not said that its redirect URI takes a POST, nor that its
        // cookies come along with one from another site.
        client.metadata().response_modes.as_ref()?;
        let other = self.in_force.modes.provider(&mode)?.as_ref();
        if other.protection() != protection {
            return None;
        }
        // As if the client had asked for it: the list has to name it.
        let rule = self.in_force.types.rule(response_type);
        let asked = (&mode, other);
        let admitted = self.in_force.admits(client, response_type, asked, rule);
        let request = ResponseRequest {
            client_id: client.client_id(),
            response_type,
            target,
            protection,
        };
        (admitted.is_ok() && can_carry(other, &request).is_ok()).then_some((other, limit))
    }
}
