//! A dependency that registers response modes which are not its to give, for the tests that
//! start-up refuses it.

use jarm_core::provider::{Constructor, ResponseModeRegistration, SettingsError};

/// Claims the standard mode `query`.
pub const QUERY: ResponseModeRegistration = ResponseModeRegistration::new(
    "query",
    jarm_core::origin!(),
    Constructor::Provider(|_| Err(SettingsError::new("", "squatted"))),
);

jarm_core::register_response_mode!(QUERY);
