//! What arrived at the redirect URI of the built-in client without having been asked for: it is
//! shown, and not believed.

use axum::http::Method;
use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::RequestParameters;
use maud::{Markup, html};
use serde_json::Value;

use crate::inspect;
use crate::pages::page;

/// How much is taken apart, in octets: JSON that is nested deeply is a hundred times as long with a
/// line for each value.
const TAKEN_APART: usize = 64 * 1024;

/// Shows what arrived to a browser in which nothing is under way.
pub(crate) fn show(parts: &Parts, parameters: &RequestParameters) -> Response {
    let arrived: Vec<(&str, &str)> = parameters.iter().collect();
    let by = match (&parts.method, parts.uri.query()) {
        (&Method::POST, Some("from=fragment")) => {
            "in the fragment, and the script of this page handed it over"
        }
        (&Method::POST, _) => "in a form that the browser posted",
        _ => "in the query",
    };
    let content = html! {
        h1 { "What arrived" }
        p { "It came " (by) "." }
        p { strong { "Nothing here is verified." } " The client asked for nothing in this browser, so it cannot know
            whom this is for. A client that asked checks the issuer, the audience, the expiry and the signature of a
            response JWT, and its own state, before it believes a word of it: begin at " a href="." { "the list" } "." }
        (table(&arrived))
        (inspect::button(parameters))
    };
    page("What arrived", "form-action 'self'", &content)
}

fn table(parameters: &[(&str, &str)]) -> Markup {
    let octets: usize = parameters.iter().map(|(_, value)| value.len()).sum();
    let is_small = octets <= TAKEN_APART;
    html! {
        table {
            @for (name, value) in parameters {
                tr {
                    th { code { (name) } }
                    td {
                        code { (value) }
                        @if is_small {
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
    fn what_is_nested_deeply_does_not_make_a_page_of_many_megabytes() {
        let values = vec!["1"; 300_000].join(",");
        let json = format!("{}{values}{}", "[".repeat(120), "]".repeat(120));
        let jwt = format!("e30.{}.e30", URL_SAFE_NO_PAD.encode(json));
        let page = table(&[("response", &jwt)]).into_string();
        assert!(page.len() < 2 * jwt.len(), "{}", page.len());
        let (half, _) = jwt.split_at(TAKEN_APART);
        assert!(
            !table(&[("a", half), ("b", "e30.e30.e30")])
                .into_string()
                .contains("<pre>")
        );
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
