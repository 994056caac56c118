//! What all handlers share.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::AuthorizationServer;
use jarm::clock::Clock;
use jarm::jose::{RandomSource, RandomSourceError, Sealer};

use crate::Approval;
use crate::clients::Clients;
use crate::grants::Codes;
use crate::id_token::IdTokens;
use crate::session::Sessions;

/// What all handlers share. `server` is the library's; everything else a host has anyway.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) server: AuthorizationServer,
    pub(crate) clients: Clients,
    pub(crate) sessions: Sessions,
    pub(crate) codes: Codes,
    pub(crate) id_tokens: IdTokens,
    pub(crate) sealer: Arc<dyn Sealer>,
    pub(crate) random: Arc<dyn RandomSource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) approval: Approval,
    pub(crate) ask_before_errors: bool,
}

impl App {
    /// 256 random bits: a code, a token, a secret's half, a session id.
    pub(crate) fn random_text(&self) -> Result<String, RandomSourceError> {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The URL of an endpoint.
    pub(crate) fn url(&self, path: &str) -> String {
        format!(
            "{}{path}",
            self.server.issuer().as_str().trim_end_matches('/')
        )
    }
}
