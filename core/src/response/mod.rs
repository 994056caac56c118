//! The answer: what the host decided, the parameters it becomes, and the message that carries them.

mod authorization_error;
mod authorization_response;
mod claims;
mod encoded;
mod page;
mod parameters;

pub use authorization_error::{AuthorizationError, ErrorCode};
pub use authorization_response::{AuthorizationResponse, AuthorizationSuccess, OutcomeError};
pub(crate) use claims::RegisteredClaims;
pub use claims::{AdditionalClaims, ClaimsContext, ClaimsError, ResponseClaims};
pub use encoded::{Document, EncodedResponse, Form, Redirect, RedirectStatus};
pub(crate) use page::policy as content_security_policy;
pub use page::{
    ContentSecurity, CspNonce, FormAction, FrameAncestors, InlineScript, PageSettings,
    ReferrerPolicy, escaped,
};
pub use parameters::{ParameterError, ParameterValue, ResponseParameters};
