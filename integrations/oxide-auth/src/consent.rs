use jarm_core::authorization_server::{PendingError, PendingResponse};
use jarm_core::metadata::Client;
use jarm_core::{AuthorizationServer, RequestParameters};
use oxide_auth::endpoint::{Scope, Solicitation};
use url::Url;

use crate::{LocalError, Ticket};

/// The pending response while the user is asked.
pub(crate) struct Consent<'a> {
    server: &'a AuthorizationServer,
    client: &'a Client,
    session: &'a str,
    pending: Option<PendingResponse>,
    shown: Option<Shown>,
}

/// What the user has seen.
struct Shown {
    ticket: Ticket,
    scope: Scope,
}

impl<'a> Consent<'a> {
    /// Nobody was asked yet.
    pub(crate) fn begin(
        server: &'a AuthorizationServer,
        client: &'a Client,
        session: &'a str,
        pending: PendingResponse,
    ) -> Self {
        Self {
            server,
            client,
            session,
            pending: Some(pending),
            shown: None,
        }
    }

    /// The user has the ticket, and was shown a scope. Returns the request that it was for, too.
    pub(crate) fn resume<E>(
        server: &'a AuthorizationServer,
        client: &'a Client,
        session: &'a str,
        sealed: &str,
    ) -> Result<(Self, RequestParameters), LocalError<E>> {
        let refused = |error: PendingError| LocalError::NotAnswered(error.into());
        let client_id = client.client_id();
        let pending = server.unseal(sealed, client_id, session)?;
        let host_data = pending.host_data().and_then(|data| data.split_once('\n'));
        let (scope, request) = host_data.ok_or_else(|| refused(PendingError::Format))?;
        let scope = scope.parse().map_err(|_| refused(PendingError::Format))?;
        let parameters = RequestParameters::from_urlencoded(request);
        let ticket = Ticket::new(client_id, sealed, pending.target().csp_source());
        let own = Self {
            server,
            client,
            session,
            pending: Some(pending),
            shown: Some(Shown { ticket, scope }),
        };
        Ok((own, parameters))
    }

    /// The ticket for a page that shows what oxide-auth solicits. Nothing else may be shown, or granted, than
    /// what the ticket is for.
    pub(crate) fn ticket<E>(
        &mut self,
        solicitation: &Solicitation<'_>,
        parameters: &RequestParameters,
    ) -> Result<&Ticket, LocalError<E>> {
        let grant = solicitation.pre_grant();
        let pending = self.pending.take();
        let pending =
            pending.ok_or_else(|| LocalError::NotAnswered(PendingError::Format.into()))?;
        // oxide-auth shows the URI as it was parsed, not as it was written.
        let is_there = Url::parse(pending.target().as_str()) == Ok(grant.redirect_uri.to_url());
        if !is_there || grant.client_id != self.client.client_id().as_str() {
            return Err(LocalError::Changed);
        }
        let (pending, shown) = match self.shown.take() {
            Some(shown) if shown.scope != grant.scope => return Err(LocalError::Changed),
            Some(shown) => (pending, shown),
            None => self.seal(pending, &grant.scope, parameters)?,
        };
        self.pending = Some(pending);
        Ok(&self.shown.insert(shown).ticket)
    }

    /// A ticket, and the pending response as it will come back with it.
    fn seal<E>(
        &self,
        pending: PendingResponse,
        scope: &Scope,
        parameters: &RequestParameters,
    ) -> Result<(PendingResponse, Shown), LocalError<E>> {
        let client_id = self.client.client_id();
        let csp_source = pending.target().csp_source();
        // `state` is in the pending response, and may be long.
        let kept = parameters.without_parameter("state").to_urlencoded();
        let pending = pending.with_host_data(format!("{scope}\n{kept}"));
        let sealed = self.server.seal(pending, self.session)?;
        let pending = self.server.unseal(&sealed, client_id, self.session)?;
        let shown = Shown {
            ticket: Ticket::new(client_id, &sealed, csp_source),
            scope: scope.clone(),
        };
        Ok((pending, shown))
    }

    /// The ticket, once there was a page to show.
    pub(crate) fn into_ticket(self) -> Option<Ticket> {
        self.shown.map(|shown| shown.ticket)
    }

    /// Whether the answer goes to this redirect URI.
    pub(crate) fn is_for(&self, redirect_uri: &str) -> bool {
        let pending = self.pending.as_ref();
        pending.is_some_and(|pending| pending.target().as_str() == redirect_uri)
    }

    /// What is to be answered now.
    pub(crate) fn into_pending<E>(self) -> Result<PendingResponse, LocalError<E>> {
        let pending = self.pending;
        pending.ok_or_else(|| LocalError::NotAnswered(PendingError::Format.into()))
    }
}
