//! What all handlers share.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRef;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::AuthorizationServer;
use jarm::authorization_server::{ClientKeySource, CurrentServer};
use jarm::clock::Clock;
use jarm::jose::{RandomSource, RandomSourceError};

use crate::begin::Transactions;
use crate::clients::Clients;
use crate::fetching::Fetching;
use crate::grants::Codes;
use crate::session::Sessions;
use crate::{Approval, Keys};

/// What all requests share. `current` is the library's; everything else a host has anyway.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) current: CurrentServer,
    pub(crate) clients: Clients,
    pub(crate) sessions: Sessions,
    pub(crate) codes: Codes,
    pub(crate) transactions: Transactions,
    pub(crate) keys: Keys,
    pub(crate) random: Arc<dyn RandomSource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) approval: Approval,
    pub(crate) ask_before_errors: AtomicBool,
    pub(crate) require_pushed_requests: AtomicBool,
    pub(crate) fetching: Mutex<Fetching>,
}

/// What one request is answered with: the server that was in force when it came, and what all
/// requests share.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) server: Arc<AuthorizationServer>,
    host: Arc<Host>,
}

impl FromRef<Arc<Host>> for App {
    fn from_ref(host: &Arc<Host>) -> Self {
        Self {
            server: host.current.get(),
            host: host.clone(),
        }
    }
}

impl Deref for App {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.host
    }
}

impl Host {
    /// 256 random bits: a code, a token, a secret's half, a session id.
    pub(crate) fn random_text(&self) -> Result<String, RandomSourceError> {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// How keys are fetched now.
    pub(crate) fn fetching(&self) -> Fetching {
        let fetching = self.fetching.lock();
        fetching.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on keys are fetched so.
    pub(crate) fn fetch_with(&self, fetching: Fetching) {
        *self.fetching.lock().unwrap_or_else(PoisonError::into_inner) = fetching;
    }

    /// Where the keys of clients are that registered none.
    pub(crate) fn client_keys(&self) -> Option<Arc<dyn ClientKeySource>> {
        let own = self.keys.client_keys.clone();
        own.or_else(|| self.fetching().source())
    }

    pub(crate) fn asks_before_errors(&self) -> bool {
        self.ask_before_errors.load(Ordering::Relaxed)
    }

    pub(crate) fn requires_pushed_requests(&self) -> bool {
        self.require_pushed_requests.load(Ordering::Relaxed)
    }
}

/// The URL of an endpoint.
pub(crate) fn endpoint(server: &AuthorizationServer, path: &str) -> String {
    format!("{}{path}", server.issuer().as_str().trim_end_matches('/'))
}
