use std::sync::Arc;

use jarm_core::provider::{
    EncodeContext, EncodeError, ProviderSettings, ResponseModeProvider, SettingsError,
};
use jarm_core::response::{EncodedResponse, ResponseParameters};
use jarm_core::{Carrier, ResponseMode};
use serde::Deserialize;

/// `query`: the parameters in the redirect URI's query.
#[derive(Clone, Debug)]
pub struct Query {
    response_mode: ResponseMode,
    options: QueryOptions,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct QueryOptions {
    /// Whether redirects end in `#_`.
    dummy_fragment: bool,
}

impl Query {
    /// Answers to `response_mode`, without options.
    pub fn new(response_mode: ResponseMode) -> Self {
        Self {
            response_mode,
            options: QueryOptions::default(),
        }
    }

    pub(crate) fn configured(
        settings: &ProviderSettings,
    ) -> Result<Arc<dyn ResponseModeProvider>, SettingsError> {
        Ok(Arc::new(Self {
            response_mode: settings.name().clone(),
            options: settings.options()?,
        }))
    }
}

impl ResponseModeProvider for Query {
    fn response_mode(&self) -> &ResponseMode {
        &self.response_mode
    }

    fn carrier(&self) -> Carrier {
        Carrier::Query
    }

    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError> {
        let redirect = context.redirect_with_query(parameters)?;
        Ok(if self.options.dummy_fragment {
            redirect.with_dummy_fragment()
        } else {
            redirect
        }
        .into())
    }
}

/// `fragment`: the parameters in the redirect URI's fragment.
#[derive(Clone, Debug)]
pub struct Fragment {
    response_mode: ResponseMode,
}

impl Fragment {
    /// Answers to `response_mode`.
    pub fn new(response_mode: ResponseMode) -> Self {
        Self { response_mode }
    }

    pub(crate) fn configured(
        settings: &ProviderSettings,
    ) -> Result<Arc<dyn ResponseModeProvider>, SettingsError> {
        settings.no_options()?;
        Ok(Arc::new(Self::new(settings.name().clone())))
    }
}

impl ResponseModeProvider for Fragment {
    fn response_mode(&self) -> &ResponseMode {
        &self.response_mode
    }

    fn carrier(&self) -> Carrier {
        Carrier::Fragment
    }

    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError> {
        Ok(context.redirect_with_fragment(parameters)?.into())
    }
}
