//! `/callback`: the redirect URI of the built-in client, for every mode.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jarm::axum::{Callback, CallbackPage, Parameters};
use jarm::client::{CallbackRejection, Transaction, VerifiedResponse};
use jarm::{Protection, RequestParameters};
use maud::html;

use crate::pages::{page, parameters};
use crate::state::{App, Host};
use crate::{arrived, begin, inspect};

/// `GET /callback` and `POST /callback`
///
/// A client that is no demonstration takes [`Callback`] for its only argument. This one keeps the
/// request for a second look: it shows what arrived to those who ask by hand.
pub(crate) async fn callback(
    State(host): State<Arc<Host>>,
    State(app): State<App>,
    request: Request,
) -> Result<Response, Response> {
    let is_under_way = begin::is_under_way(&app, request.headers());
    let (parts, body) = request.into_parts();
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let body = body.map_err(IntoResponse::into_response)?;
    let again = || Request::from_parts(parts.clone(), Body::from(body.clone()));
    match Callback::from_request(again(), &host).await {
        Ok(Callback {
            response,
            transaction,
            ..
        }) => Ok(show(&response, &transaction)),
        Err(CallbackPage(CallbackRejection::Refused(_))) => {
            let Parameters(parameters) = Parameters::from_request(again(), &()).await?;
            Ok(if is_under_way {
                refuse(&parameters)
            } else {
                arrived::show(&parts, &parameters)
            })
        }
        Err(page) => Err(page.into_response()),
    }
}

/// Shows what was verified. A real client has the user logged in by now, and shows nothing of it.
fn show(response: &VerifiedResponse, transaction: &Transaction) -> Response {
    let checked = match response.protection() {
        Protection::Jwt => {
            "The signature is the issuer's, the response is for this client, it has not expired, and it answers what \
             this browser asked for."
        }
        Protection::Plain => {
            "The response names the issuer that was asked, and answers what this browser asked for. Plain parameters \
             are not signed: ask for a JWT."
        }
    };
    let content = html! {
        h1 { "Verified" }
        p { (checked) }
        p { "Issuer " code { (transaction.issuer()) } ", state " code { (transaction.state()) } }
        @if response.outcome().is_err() { h2 { "The server's answer is an error" } }
        (parameters(response.parameters()))
        p { a href="." { "Back to the list" } }
    };
    page("Verified", "", &content)
}

/// Tells one sentence, whatever the reason. That there is a button to have it explained is because
/// this is a demonstration: it would help whoever forges responses.
fn refuse(parameters: &RequestParameters) -> Response {
    let content = html! {
        h1 { "Refused" }
        p { "The authorization response is not valid. Nothing of it counts. The log says why." }
        (inspect::button(parameters))
        p { a href="." { "Back to the list" } }
    };
    let page = page("Refused", "form-action 'self'", &content);
    (StatusCode::BAD_REQUEST, page).into_response()
}
