//! Pages: the frame around each, and the ones that say what went wrong.

use std::fmt::Display;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::response::{IntoResponse, Response};
use jarm::authorization_server::Error;
use jarm::response::{ParameterValue, ResponseParameters};
use maud::{DOCTYPE, Markup, Render, html};
use serde_json::Value;

use crate::ticket::Ticket;

/// Served apart, so that no page needs an inline style.
pub(crate) const STYLE: &str = "\
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; white-space: pre-wrap; }
th code { overflow-wrap: normal; }
table { border-collapse: collapse; }
td, th { border: 1px solid; padding: .3rem .6rem; text-align: left; vertical-align: top; }
button, input, textarea { font: inherit; margin: .5rem .5rem .5rem 0; padding: .3rem .8rem; }
";

/// A page that nobody frames and that loads nothing but the style. `directives` are added to
/// its content security policy; without a `form-action` among them it can post nowhere.
pub(crate) fn page(title: &str, directives: &str, content: &Markup) -> Response {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="style.css";
            }
            body { (content) }
        }
    };
    let directives = if directives.is_empty() {
        "form-action 'none'"
    } else {
        directives
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; {directives}"
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, policy.as_str()),
        (X_FRAME_OPTIONS, "DENY"),
        // `no-referrer` would make browsers send `Origin: null` with the forms.
        (REFERRER_POLICY, "strict-origin"),
    ];
    (headers, html.into_string()).into_response()
}

/// Verified parameters, as JSON so that text and numbers can be told apart.
pub(crate) fn parameters(parameters: &ResponseParameters) -> Markup {
    html! {
        table {
            @for (name, value) in parameters.iter() {
                tr { th { code { (name) } } td { code { (json_value(value)) } } }
            }
        }
    }
}

/// A parameter with its JSON type.
pub(crate) fn json_value(value: &ParameterValue) -> Value {
    match value {
        ParameterValue::Number(number) => Value::Number(number.clone()),
        ParameterValue::Json(json) => json.clone(),
        text => Value::String(text.as_text().into_owned()),
    }
}

impl Render for Ticket {
    fn render(&self) -> Markup {
        html! {
            input type="hidden" name="client_id" value=(self.client_id);
            input type="hidden" name="pending" value=(self.pending);
        }
    }
}

/// What is told to the user alone: nothing goes to a client.
#[derive(Debug)]
pub(crate) enum LocalPage {
    /// The request cannot be trusted: status 400.
    BadRequest(String),
    /// The library has no answer.
    NotAnswered(Error),
}

impl LocalPage {
    pub(crate) fn bad_request(why: impl Display) -> Self {
        Self::BadRequest(why.to_string())
    }
}

impl<E: Into<Error>> From<E> for LocalPage {
    fn from(error: E) -> Self {
        Self::NotAnswered(error.into())
    }
}

impl IntoResponse for LocalPage {
    fn into_response(self) -> Response {
        let (status, why) = match self {
            Self::BadRequest(why) => (400, why),
            Self::NotAnswered(error) => (error.http_status(), error.public_message().to_owned()),
        };
        let title = if status == 400 {
            "This cannot be done"
        } else {
            "Something went wrong"
        };
        let content = html! {
            h1 { (title) }
            p { (why) }
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, page(title, "", &content)).into_response()
    }
}
