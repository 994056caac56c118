//! `/callback`: the built-in client. It shows what arrives, in whatever mode.

use axum::extract::RawQuery;
use axum::http::Method;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::axum::Parameters;
use jarm::response::InlineScript;
use maud::{Markup, html};
use serde_json::Value;

use crate::pages::{LocalPage, page};

/// A fragment stays in the browser, so a script hands it over. It has no character that HTML
/// escapes, so that its text is what its hash is of. It asks the form for nothing: an input that a
/// parameter names `append` or `children` would stand in the way.
const SCRIPT: &str = "var form = document.getElementById('fragment');
var inputs = document.createDocumentFragment();
var count = 0;
new URLSearchParams(location.hash.slice(1)).forEach(function (value, name) {
  var input = document.createElement('input');
  input.type = 'hidden';
  input.name = name;
  input.value = value;
  inputs.append(input);
  count += 1;
});
Element.prototype.append.call(form, inputs);
if (count) HTMLFormElement.prototype.submit.call(form);";

/// `GET /callback` and `POST /callback`
pub(crate) async fn callback(
    method: Method,
    RawQuery(query): RawQuery,
    Parameters(parameters): Parameters,
) -> Result<Response, LocalPage> {
    let arrived: Vec<(&str, &str)> = parameters.iter().collect();
    let by = match (&method, query.as_deref()) {
        (&Method::POST, Some("from=fragment")) => {
            "in the fragment, and the script of this page handed it over"
        }
        (&Method::POST, _) => "in a form that the browser posted",
        _ => "in the query",
    };
    let content = html! {
        h1 { "What arrived" }
        @if arrived.is_empty() {
            p { "Nothing yet. A response in the fragment shows up here with JavaScript only." }
            form #fragment method="post" action="callback?from=fragment" {}
        } @else {
            p { "It came " (by) "." }
            p { strong { "Nothing here is verified." } " A client checks the signature, the issuer, the audience and the
                expiry of a response JWT, and its own state, before it believes a word of it." }
            (table(&arrived))
        }
        p { a href="." { "Back to the list" } }
    };
    let script = InlineScript::try_new(SCRIPT).map_err(LocalPage::bad_request)?;
    if !arrived.is_empty() {
        return Ok(page("What arrived", "", &content));
    }
    let content = html! { (content) script { (script.source()) } };
    let directives = format!("form-action 'self'; script-src {}", script.csp_source());
    Ok(page("What arrived", &directives, &content))
}

fn table(parameters: &[(&str, &str)]) -> Markup {
    html! {
        table {
            @for (name, value) in parameters {
                tr {
                    th { code { (name) } }
                    td {
                        code { (value) }
                        @for (name, json) in taken_apart(value) {
                            h2 { (name) }
                            pre { (json) }
                        }
                    }
                }
            }
        }
    }
}

/// What there is to be looked at in a JWT: header and claims of a signed one, of an encrypted one
/// the header.
fn taken_apart(jwt: &str) -> Vec<(&'static str, String)> {
    let names: &[&str] = match jwt.split('.').count() {
        3 => &["header", "claims"],
        5 => &["header (the rest is for the client alone)"],
        _ => &[],
    };
    let parts = names.iter().zip(jwt.split('.'));
    let read = parts.map(|(name, part)| Some((*name, pretty(part)?)));
    read.collect::<Option<_>>().unwrap_or_default()
}

fn pretty(part: &str) -> Option<String> {
    let json: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
    serde_json::to_string_pretty(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_what_its_hash_is_of() {
        assert_eq!(html! { (SCRIPT) }.into_string(), SCRIPT);
    }

    #[test]
    fn a_jwt_is_taken_apart_and_other_text_is_not() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIn0.c2lnbmF0dXJl";
        let [(_, header), (_, claims)] = taken_apart(jwt).try_into().unwrap();
        assert!(header.contains("HS256") && claims.contains("\"iss\": \"i\""));
        let [(_, header)] = taken_apart("eyJhbGciOiJkaXIifQ..aXY.Yw.dA")
            .try_into()
            .unwrap();
        assert!(header.contains("dir"));
        for other in [
            "",
            "a.b.c",
            "a.b.c.d.e",
            "eyJhbGciOiJIUzI1NiJ9",
            "playground",
        ] {
            assert_eq!(taken_apart(other), []);
        }
    }
}
