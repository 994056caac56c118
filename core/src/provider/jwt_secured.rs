use std::sync::Arc;

use super::{EncodeContext, EncodeError, NotAdmitted, ResponseModeProvider, ResponseRequest};
use crate::response::{EncodedResponse, ResponseParameters};
use crate::vocabulary::{Carrier, Protection, ResponseMode};

/// The JWT form of a mode: the parameters become one signed `response`, and travel as the inner
/// mode's parameters do ([JARM 2.3]).
///
/// [JARM 2.3]: https://openid.net/specs/oauth-v2-jarm.html#section-2.3
#[derive(Clone, Debug)]
pub struct JwtSecured {
    response_mode: ResponseMode,
    inner: Arc<dyn ResponseModeProvider>,
}

impl JwtSecured {
    /// Wraps a plain mode `x` as `x.jwt`.
    pub fn new(inner: Arc<dyn ResponseModeProvider>) -> Self {
        Self {
            response_mode: inner.response_mode().jwt_secured(),
            inner,
        }
    }

    /// Answers to another name.
    #[must_use]
    pub(crate) fn named(mut self, response_mode: ResponseMode) -> Self {
        self.response_mode = response_mode;
        self
    }
}

impl ResponseModeProvider for JwtSecured {
    fn response_mode(&self) -> &ResponseMode {
        &self.response_mode
    }

    fn carrier(&self) -> Carrier {
        self.inner.carrier()
    }

    fn protection(&self) -> Protection {
        Protection::Jwt
    }

    fn admits(&self, request: &ResponseRequest<'_>) -> Result<(), NotAdmitted> {
        self.inner.admits(request)
    }

    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError> {
        self.inner.encode(context, parameters)
    }
}
