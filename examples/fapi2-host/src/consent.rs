//! The consent page: the pending response waits in it, sealed.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, SET_COOKIE};
use axum::response::{IntoResponse as _, Response};
use jarm::RequestParameters;
use jarm::authorization_server::{Error, PendingError, PendingResponse};
use jarm::axum::{Answer, Parameters};
use maud::{DOCTYPE, html};
use oauth_as::authorization::ValidatedAuthorizationRequest;
use oauth_as::server::UserApproval;

use crate::App;
use crate::local_page::LocalPage;
use crate::session::{Session, is_same_origin};

/// The user of this example.
pub(crate) const USER: &str = "alice";

/// Asks the user.
pub(crate) fn show(
    app: &App,
    headers: &HeaderMap,
    pending: PendingResponse,
    valid: &ValidatedAuthorizationRequest,
    request: &RequestParameters,
) -> Result<Response, LocalPage> {
    let session = Session::of(headers).map_or_else(Session::new, Ok)?;
    let pending = app.host().before_consent(pending, valid, request);
    let csp_source = pending.target().csp_source();
    let sealed = app.jarm.seal(pending, session.as_str())?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Consent" } }
            body {
                h1 { "Do you agree, " (USER) "?" }
                p { strong { (valid.client_id) } " asks for " strong { (valid.scope) } "." }
                p { "The answer goes to " code { (valid.redirect_uri) } "." }
                form method="post" action="consent" {
                    input type="hidden" name="pending" value=(sealed);
                    input type="hidden" name="client_id" value=(valid.client_id);
                    button name="decision" value="approve" { "Approve" }
                    button name="decision" value="deny" { "Deny" }
                }
            }
        }
    };
    // Browsers apply form-action to the redirect that follows the form, too: name the client.
    let policy = format!(
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {csp_source}"
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        (SET_COOKIE, session.cookie(app.jarm.issuer().as_str())),
    ];
    Ok((headers, page.into_string()).into_response())
}

/// `POST /consent`
pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Result<Response, LocalPage> {
    if !is_same_origin(&headers, app.jarm.issuer()) {
        let why = "the form was not sent by a page of this server";
        return Err(LocalPage::refused(why));
    }
    let session = Session::of(&headers).ok_or(PendingError::NotAuthentic)?;
    let sealed = form.single("pending")?.ok_or(PendingError::NotAuthentic)?;
    let client_id = form.single("client_id")?;
    let client = client_id.and_then(|client_id| app.client(client_id));
    let client = client.ok_or(Error::UnknownClient)?;
    let pending = app
        .jarm
        .unseal(sealed, client.client_id(), session.as_str())?;
    let valid = match app.host().judge_again(&pending, client).await? {
        Ok(valid) => valid,
        Err(error) => {
            return Ok(Answer(app.jarm.respond(pending, client, error).await?).into_response());
        }
    };
    let answer = match form.single("decision")? {
        Some("approve") => {
            let approval = UserApproval::granted(&valid, USER);
            app.host().grant(pending, client, approval).await?
        }
        Some("deny") => app.host().deny(pending, client, &valid).await?,
        _ => return Err(LocalPage::refused("the decision is approve or deny")),
    };
    Ok(Answer(answer).into_response())
}
