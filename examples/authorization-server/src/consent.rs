//! The consent page, and what follows from the user's decision.

use axum::extract::State;
use axum::response::Response;
use jarm::authorization_server::PendingResponse;
use jarm::axum::Parameters;
use jarm::response::AuthorizationError;
use maud::html;

use crate::authorize::respond;
use crate::clients::{RegisteredClient, Trust};
use crate::grants;
use crate::pages::{LocalPage, page};
use crate::request::Request;
use crate::session::{Session, User};
use crate::state::App;
use crate::ticket::{Opened, Page, Ticket};

/// Asks the user.
pub(crate) fn show(
    app: &App,
    session: &Session,
    pending: PendingResponse,
    client: &RegisteredClient,
    request: &Request,
    user: &User,
) -> Result<Response, LocalPage> {
    let (target, response_mode) = (pending.target().clone(), pending.response_mode().clone());
    let ticket = Ticket::seal(app, Page::Consent, session, pending, request)?;
    let content = html! {
        h1 { "Do you agree?" }
        p { strong { (client.display_name()) } " asks for access as " strong { (user.name) } ":" }
        ul { @for scope in request.scope.split(' ') { li { code { (scope) } } } }
        @if client.trust == Trust::SelfRegistered {
            p { "The application registered itself: the operator of this server has not verified it." }
        }
        p { "The answer goes to " code { (target.as_str()) } " in the response mode " code { (response_mode) } "." }
        form method="post" action="consent" {
            (ticket)
            button type="submit" name="decision" value="approve" { "Approve" }
            button type="submit" name="decision" value="deny" { "Deny" }
        }
    };
    // Browsers apply form-action to the redirect that follows the form, too: name the client.
    let form_action = format!("form-action 'self' {}", target.csp_source());
    Ok(page("Consent", &form_action, &content))
}

/// `POST /consent`
pub(crate) async fn decide(
    State(app): State<App>,
    session: Session,
    Parameters(form): Parameters,
) -> Result<Response, LocalPage> {
    let Opened {
        pending,
        request,
        client,
    } = Ticket::open(&app, Page::Consent, &session, &form)?;
    let logged_out =
        || LocalPage::bad_request("nobody is logged in any more: start again at the application");
    let user = session.user(&app).ok_or_else(logged_out)?;
    match form.single("decision")? {
        Some("approve") => {
            let consent = request.consent(&pending, &client);
            // An answer that is not given, say to a ticket that was used before, is no approval.
            let answered = grants::approve(&app, pending, &client, &request, &user).await?;
            if let Some(consent) = consent {
                session.remember(&app, consent);
            }
            Ok(answered)
        }
        Some("deny") => respond(&app, pending, &client, AuthorizationError::access_denied()).await,
        _ => Err(LocalPage::bad_request("the decision is approve or deny")),
    }
}
