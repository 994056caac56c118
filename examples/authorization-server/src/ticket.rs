//! What waits in the browser while the user logs in and consents: hidden inputs, sealed.

use jarm::RequestParameters;
use jarm::authorization_server::{Error, PendingError, PendingResponse};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clients::RegisteredClient;
use crate::pages::LocalPage;
use crate::request::Request;
use crate::session::Session;
use crate::state::App;

/// The page that a ticket is for: nobody skips a login that the client asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Page {
    Login,
    Consent,
}

/// Two hidden inputs: the pending response, sealed by the library, and the request's own values,
/// sealed by the server. Both are bound to the session, and the second to the first, so a form
/// that another site submits, or that is put together from two others, is refused.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) pending: String,
    pub(crate) request: String,
}

/// What a ticket stands for.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) pending: PendingResponse,
    pub(crate) request: Request,
    pub(crate) client: Arc<RegisteredClient>,
}

impl Ticket {
    pub(crate) fn seal(
        app: &App,
        page: Page,
        session: &Session,
        pending: &PendingResponse,
        request: &Request,
    ) -> Result<Self, Error> {
        let id = session.id().ok_or(PendingError::NotAuthentic)?;
        let pending = app.server.seal(pending, id)?;
        let json = serde_json::to_vec(request).map_err(|_| PendingError::Format)?;
        let request = app.sealer.seal(&bound_to(page, id, &pending), &json)?;
        Ok(Self {
            pending,
            request: URL_SAFE_NO_PAD.encode(request),
        })
    }

    pub(crate) fn open(
        app: &App,
        page: Page,
        session: &Session,
        form: &RequestParameters,
    ) -> Result<Opened, LocalPage> {
        let field = |name| {
            form.single(name)
                .map_err(LocalPage::bad_request)?
                .ok_or_else(not_authentic)
        };
        let id = session.id().ok_or_else(not_authentic)?;
        let pending = field("pending")?;
        let sealed = URL_SAFE_NO_PAD
            .decode(field("request")?)
            .map_err(|_| not_authentic())?;
        let json = app
            .sealer
            .open(&bound_to(page, id, pending), &sealed)
            .map_err(|_| not_authentic())?;
        let request: Request = serde_json::from_slice(&json).map_err(|_| not_authentic())?;
        let client = app
            .clients
            .get(request.client_id.as_str())
            .ok_or_else(not_authentic)?;
        let pending = app.server.unseal(pending, &request.client_id, id)?;
        Ok(Opened {
            pending,
            request,
            client,
        })
    }
}

/// The session's id is all characters of base64url, so no two bindings have the same octets.
fn bound_to(page: Page, session: &str, pending: &str) -> Vec<u8> {
    format!("authorization request, {page:?}, {session}, {pending}").into_bytes()
}

fn not_authentic() -> LocalPage {
    LocalPage::NotAnswered(PendingError::NotAuthentic.into())
}
