//! `/inspect`: takes a response apart, for whoever writes a client.
//!
//! It is there because this is a demonstration. Why a response is refused is nothing that a client
//! tells whoever sent it, and with the secrets of clients this page decrypts what was encrypted to
//! nobody else. It reads no cookie and sets none: nobody is logged in by it.

use axum::extract::State;
use axum::http::header::{ACCEPT, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jarm::axum::Parameters;
use jarm::client::ResponseVerifierError;
use jarm::{DuplicateParameter, RequestParameters};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use crate::discovery::json_response;
use crate::inspection::{Fate, Inspection};
use crate::pages::{LocalPage, json_value, page, parameters};
use crate::playground::DEMO;
use crate::state::App;

/// `GET /inspect`: a form.
pub(crate) async fn form() -> Response {
    let content = html! {
        h1 { "Take a response apart" }
        form method="post" action="inspect" {
            p { label { "client_id " input name="client_id" value=(DEMO) required; } }
            p { label { "response " textarea name="response" rows="8" cols="80" required {} } }
            button type="submit" { "Verify" }
        }
        (hint())
    };
    page("Take a response apart", "form-action 'self'", &content)
}

/// `POST /inspect`
pub(crate) async fn inspect(
    State(app): State<App>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Response {
    let inspected = look(&app, &form).await;
    let response = match (inspected, prefers_json(&headers)) {
        (Ok(inspection), true) => json_response(StatusCode::OK, &as_json(&inspection)),
        (Ok(inspection), false) => as_page(&inspection),
        (Err(error), true) => error.as_json(),
        (Err(error), false) => error.as_page(),
    };
    ([(VARY, "accept")], response).into_response()
}

async fn look(app: &App, form: &RequestParameters) -> Result<Inspection, InspectError> {
    let needed = |name| form.single(name)?.ok_or(InspectError::Missing(name));
    let (response, client_id) = (needed("response")?, needed("client_id")?);
    let client = app.clients.get(client_id);
    let client = client.ok_or(InspectError::UnknownClient)?;
    Ok(Inspection::of(app, &client, response).await?)
}

/// Why nothing is taken apart.
#[derive(Debug, thiserror::Error)]
enum InspectError {
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    #[error("no client with this client_id is registered")]
    UnknownClient,
    #[error("the server cannot verify responses of this client: {0}")]
    Verifier(#[from] ResponseVerifierError),
}

impl InspectError {
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Missing(_) | Self::Duplicate(_) | Self::UnknownClient => {
                (StatusCode::BAD_REQUEST, "invalid_request")
            }
            Self::Verifier(_) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        }
    }

    fn as_json(&self) -> Response {
        let (status, error) = self.status_and_code();
        let body = json!({ "error": error, "error_description": self.to_string() });
        json_response(status, &body)
    }

    fn as_page(&self) -> Response {
        let (status, _) = self.status_and_code();
        (status, LocalPage::bad_request(self)).into_response()
    }
}

/// Whether JSON is asked for by its name, and no less than HTML is (RFC 9110 12.5.1).
fn prefers_json(headers: &HeaderMap) -> bool {
    let ranges = || {
        let lines = headers.get_all(ACCEPT).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(','))
    };
    let quality = |wanted: &str| {
        let qualities = ranges().filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let is_wanted = parts.next()?.eq_ignore_ascii_case(wanted);
            let weight =
                parts.find_map(|part| part.to_ascii_lowercase().strip_prefix("q=")?.parse().ok());
            is_wanted.then_some(weight.unwrap_or(1.0))
        });
        qualities.fold(0.0_f32, f32::max)
    };
    let json = quality("application/json");
    json > 0.0 && json >= quality("text/html")
}

fn as_json(inspection: &Inspection) -> Value {
    match inspection {
        Inspection::Verified(parameters) => {
            let members = parameters.iter();
            let members = members.map(|(name, value)| (name.to_owned(), json_value(value)));
            json!({ "verified": true, "parameters": members.collect::<Map<_, _>>() })
        }
        Inspection::Refused { step, reason } => {
            json!({ "verified": false, "step": step.as_str(), "reason": reason })
        }
    }
}

fn as_page(inspection: &Inspection) -> Response {
    let title = match inspection {
        Inspection::Verified(_) => "Verified",
        Inspection::Refused { .. } => "Refused",
    };
    let content = html! {
        h1 { (title) }
        @if let Inspection::Refused { step, reason } = inspection {
            p { "It ended in " code { (step) } ": " (reason) "." }
        }
        table {
            tr { th { "JARM 2.4" } th { "step" } th { "result" } }
            @for (number, step, fate) in inspection.steps() {
                tr {
                    td { (number) }
                    td { code { (step) } }
                    td {
                        @match fate {
                            Fate::Passed => "passed",
                            Fate::Failed(reason) => { strong { "failed" } ": " (reason) }
                            Fate::NotReached => "not reached",
                        }
                    }
                }
            }
        }
        @if let Inspection::Verified(verified) = inspection {
            h2 { "Parameters" }
            (parameters(verified))
        }
        (hint())
        p { a href="inspect" { "Another one" } }
    };
    page(title, "", &content)
}

fn hint() -> Markup {
    html! {
        p { "A client does this itself, where the response arrives, and then compares " code { "state" } " with what it
            asked for in this browser; that nobody else can do. Nobody is logged in by this page." }
    }
}

/// A form of one button that has a response of the built-in client taken apart.
pub(crate) fn button(parameters: &RequestParameters) -> Markup {
    let response = parameters.single("response").ok().flatten();
    html! {
        @if let Some(response) = response {
            form method="post" action="inspect" {
                input type="hidden" name="client_id" value=(DEMO);
                input type="hidden" name="response" value=(response);
                button type="submit" { "Take it apart" }
            }
        }
    }
}
