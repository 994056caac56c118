//! The extension point: what a response mode is, how one is registered, and which are in force.
//!
//! To write a mode of your own, implement [`ResponseModeProvider`] for a type, make a
//! [`ResponseModeRegistration`] of its constructor, and name it in the configuration. Its `.jwt`
//! form comes with it.

mod context;
mod jwt_secured;
mod modes;
mod registration;
mod registry;

use std::fmt::Debug;

pub(crate) use context::EncodeSettings;
pub use context::{EncodeContext, EncodeError};
pub use jwt_secured::JwtSecured;
pub use modes::ResponseModes;
pub use registration::{
    Constructor, ProviderSettings, ResponseModeRegistration, SettingsError, Shortcut,
    ShortcutRequest,
};
pub use registry::ResponseModeRegistry;

pub use crate::origin::Origin;

use crate::response::{EncodedResponse, ResponseParameters};
use crate::vocabulary::{
    Carrier, ClientId, Protection, RedirectTarget, ResponseMode, ResponseType,
};

/// How response parameters travel to the client.
///
/// A provider is synchronous and pure: no key, no clock, no network. The rules by carrier (no
/// token in a query) and by protection are the core's and hold without its help.
///
/// ```
/// use jarm_core::provider::{EncodeContext, EncodeError, ResponseModeProvider};
/// use jarm_core::response::{EncodedResponse, ResponseParameters};
/// use jarm_core::{Carrier, ResponseMode};
///
/// /// Like `fragment`, under another name.
/// #[derive(Debug)]
/// struct Hash(ResponseMode);
///
/// impl ResponseModeProvider for Hash {
///     fn response_mode(&self) -> &ResponseMode {
///         &self.0
///     }
///
///     fn carrier(&self) -> Carrier {
///         Carrier::Fragment
///     }
///
///     fn encode(
///         &self,
///         context: &EncodeContext<'_>,
///         parameters: &ResponseParameters,
///     ) -> Result<EncodedResponse, EncodeError> {
///         Ok(context.redirect_with_fragment(parameters)?.into())
///     }
/// }
/// ```
pub trait ResponseModeProvider: Debug + Send + Sync {
    /// The `response_mode` value that this provider answers to.
    fn response_mode(&self) -> &ResponseMode;

    /// Where the parameters become visible.
    fn carrier(&self) -> Carrier;

    /// How the parameters are protected. [`JwtSecured`] answers [`Protection::Jwt`]; then
    /// [`encode`](Self::encode) is given one parameter, `response`, and never the others.
    fn protection(&self) -> Protection {
        Protection::Plain
    }

    /// Refuses what this provider cannot carry. It may refuse more than the core does, never
    /// less. Called when the request is negotiated, before the user is bothered, and again
    /// before the answer is built.
    ///
    /// # Errors
    ///
    /// [`NotAdmitted`]: the client is told `invalid_request` with this reason.
    fn admits(&self, request: &ResponseRequest<'_>) -> Result<(), NotAdmitted> {
        let _ = request;
        Ok(())
    }

    /// Writes the parameters into a redirect or a page, through the context.
    ///
    /// # Errors
    ///
    /// [`EncodeError`]: nothing is then sent to the client.
    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError>;
}

const _: Option<&dyn ResponseModeProvider> = None;

/// What a provider is asked to carry.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ResponseRequest<'a> {
    /// The client.
    pub client_id: &'a ClientId,
    /// What was asked for; `None` when only an error can answer.
    pub response_type: Option<&'a ResponseType>,
    /// Where the answer goes.
    pub target: &'a RedirectTarget,
    /// Whether the parameters travel as a JWT.
    pub protection: Protection,
}

/// Why a provider does not carry a response. The text goes to the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAdmitted(pub String);
