//! The login page. Any name will do: this is a demonstration.

use axum::extract::State;
use axum::response::Response;
use jarm::authorization_server::PendingResponse;
use jarm::axum::Parameters;
use maud::html;

use crate::clients::RegisteredClient;
use crate::consent;
use crate::pages::{LocalPage, page};
use crate::request::Request;
use crate::session::Session;
use crate::state::App;
use crate::ticket::{Opened, Page, Ticket};

/// Asks who the user is.
pub(crate) fn show(
    app: &App,
    session: Session,
    pending: PendingResponse,
    client: &RegisteredClient,
    request: &Request,
) -> Result<Response, LocalPage> {
    let session = session.or_new(app)?;
    let ticket = Ticket::seal(app, Page::Login, &session, pending, request)?;
    let content = html! {
        h1 { "Log in" }
        p { "to go on to " strong { (client.display_name()) } }
        form method="post" action="login" {
            (ticket)
            label { "User name " input name="username" value=[&request.login_hint] required maxlength="64" autofocus; }
            button type="submit" { "Log in" }
        }
    };
    // The answer to this form is a page of this server, so the client need not be named.
    Ok(session.with_cookie(app, page("Log in", "form-action 'self'", &content)))
}

/// `POST /login`
pub(crate) async fn log_in(
    State(app): State<App>,
    session: Session,
    Parameters(form): Parameters,
) -> Result<Response, LocalPage> {
    let Opened {
        pending,
        request,
        client,
    } = Ticket::open(&app, Page::Login, &session, &form)?;
    let name = form.single("username")?.unwrap_or_default().trim();
    if name.is_empty() || name.len() > 64 || name.chars().any(char::is_control) {
        return show(&app, session, pending, &client, &request);
    }
    let (session, user) = session.log_in(&app, name)?;
    let consent = consent::show(&app, &session, pending, &client, &request, &user)?;
    Ok(session.with_cookie(&app, consent))
}
