//! What waits in the browser while the user logs in and consents: a hidden input, sealed.

use std::fmt;
use std::sync::Arc;

use jarm::authorization_server::{Error, PendingError, PendingResponse};
use jarm::{ClientId, RequestParameters};
use serde::{Deserialize, Serialize};

use crate::clients::RegisteredClient;
use crate::request::Request;
use crate::session::Session;
use crate::state::App;

/// The page that a ticket is for: nobody skips a login that the client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Page {
    Login,
    Consent,
}

/// The hidden inputs: the pending response, sealed by the library with the server's own values in
/// it, and the client that it belongs to.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) client_id: ClientId,
    pub(crate) pending: String,
}

/// What a ticket stands for.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) pending: PendingResponse,
    pub(crate) request: Request,
    pub(crate) client: Arc<RegisteredClient>,
}

impl Ticket {
    /// `pending` carries `request` from here on.
    pub(crate) fn seal(
        app: &App,
        page: Page,
        session: &Session,
        pending: PendingResponse,
        request: &Request,
    ) -> Result<Self, Error> {
        let session = session.id().ok_or(PendingError::NotAuthentic)?;
        let own = serde_json::to_string(&(page, request)).map_err(|_| PendingError::Format)?;
        let pending = pending.with_host_data(own);
        Ok(Self {
            client_id: pending.client_id().clone(),
            pending: app.server.seal(pending, session)?,
        })
    }

    pub(crate) fn open(
        app: &App,
        page: Page,
        session: &Session,
        form: &RequestParameters,
    ) -> Result<Opened, Error> {
        let field = |name| -> Result<&str, Error> {
            Ok(form.single(name)?.ok_or(PendingError::NotAuthentic)?)
        };
        let session = session.id().ok_or(PendingError::NotAuthentic)?;
        let client = app
            .clients
            .get(field("client_id")?)
            .ok_or(Error::UnknownClient)?;
        let pending = app
            .server
            .unseal(field("pending")?, client.client.client_id(), session)?;
        // The registration may have changed meanwhile.
        app.clients
            .select(&client, Some(pending.target().as_str()))?;
        match serde_json::from_str(pending.host_data().unwrap_or_default()) {
            Ok((sealed_for, request)) if page == sealed_for => Ok(Opened {
                pending,
                request,
                client,
            }),
            _ => Err(PendingError::NotAuthentic.into()),
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_what_is_sealed() {
        let ticket = Ticket {
            client_id: ClientId::try_new("web").unwrap(),
            pending: "canary".to_owned(),
        };
        assert_eq!(format!("{ticket:?}"), "Ticket { client_id: \"web\", .. }");
    }
}
