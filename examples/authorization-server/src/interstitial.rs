//! The page before an error goes to a client that registered itself.
//!
//! Anybody can register a redirect URI and send around a faulty request: without this page the
//! server would be an open redirector to it (RFC 9700 4.11.2). Who is logged in, or came with
//! `prompt=none`, goes on at once, and so does everybody to a client of the configuration file.
//!
//! Off unless the file says `ask_before_errors = true`: it stands in the way of scripts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::authorization_server::PendingError;
use jarm::axum::Parameters;
use jarm::response::AuthorizationError;
use jarm::{RedirectTarget, RequestParameters};
use maud::html;

use crate::Approval;
use crate::authorize::answer;
use crate::clients::{RegisteredClient, Trust};
use crate::pages::{LocalPage, page};
use crate::session::Session;
use crate::state::App;

/// Whether the user has agreed to take an error to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreed {
    NotYet,
    Yes,
}

/// Whether the user has to be asked before an error takes them to the client.
pub(crate) fn is_needed(
    app: &App,
    session: &Session,
    client: &RegisteredClient,
    parameters: &RequestParameters,
) -> bool {
    app.asks_before_errors()
        && app.approval == Approval::ByUser
        && client.trust == Trust::SelfRegistered
        && parameters.single("prompt") != Ok(Some("none"))
        && session.user(app).is_none()
}

/// Lets the user decide. The request waits as it came, sealed and bound to the session: it is resolved
/// once more when the user goes on.
pub(crate) fn show(
    app: &App,
    session: Session,
    target: &RedirectTarget,
    came: &RequestParameters,
    error: &AuthorizationError,
) -> Result<Response, LocalPage> {
    let session = session.or_new(app)?;
    let pairs: Vec<_> = came.iter().collect();
    let json = serde_json::to_vec(&pairs).map_err(|_| not_authentic())?;
    let sealed = app.keys.sealer.seal(&bound_to(&session), &json)?;
    let content = html! {
        h1 { "This cannot be done" }
        p { "An application asked for something that it cannot have: " (error) "." }
        p { "Go on only if you know " code { (target.csp_source()) } ", where it will be told." }
        form method="post" action="continue" {
            input type="hidden" name="request" value=(URL_SAFE_NO_PAD.encode(sealed));
            button type="submit" { "Back to the application" }
        }
    };
    let form_action = format!("form-action 'self' {}", target.csp_source());
    let page = page("This cannot be done", &form_action, &content);
    Ok(session.with_cookie(app, (StatusCode::BAD_REQUEST, page).into_response()))
}

/// `POST /continue`
pub(crate) async fn go_on(
    State(app): State<App>,
    session: Session,
    Parameters(form): Parameters,
) -> Result<Response, LocalPage> {
    let sealed = form.single("request")?.unwrap_or_default();
    let sealed = URL_SAFE_NO_PAD
        .decode(sealed)
        .map_err(|_| not_authentic())?;
    let json = app
        .keys
        .sealer
        .unseal(&bound_to(&session), &sealed)
        .map_err(|_| not_authentic())?;
    let pairs: Vec<(String, String)> =
        serde_json::from_slice(&json).map_err(|_| not_authentic())?;
    answer(
        &app,
        session,
        &RequestParameters::from_pairs(pairs),
        Agreed::Yes,
    )
    .await
}

fn bound_to(session: &Session) -> Vec<u8> {
    format!("faulty request, {}", session.id().unwrap_or_default()).into_bytes()
}

fn not_authentic() -> LocalPage {
    PendingError::NotAuthentic.into()
}
