//! Pages that have the browser send a response once more: out of the fragment, which it keeps to
//! itself, and from the client's own site, so that it sends the client's cookies along.

use axum::response::{Html, IntoResponse, Response};
use jarm_core::RequestParameters;
use jarm_core::response::{InlineScript, escaped};

/// The pair that marks what came out of the fragment.
pub(crate) const FRAGMENT: (&str, &str) = ("from", "fragment");

/// Parameters of which a response in a query has at least one; one to the type `none` has `state`.
const OF_RESPONSES: [&str; 4] = ["response", "code", "error", "state"];

/// Whether there is a response among the parameters.
pub(crate) fn holds_response(parameters: &RequestParameters) -> bool {
    parameters
        .iter()
        .any(|(name, _)| OF_RESPONSES.contains(&name))
}

/// The longest response that is sent once more, in octets, and the most parameters: a page takes many
/// times what the form took, and what is larger would be refused the second time.
const LONGEST: usize = 64 * 1024;
const MOST: usize = 256;

/// Whether a form is small enough to be posted again.
pub(crate) fn is_small(parameters: &RequestParameters) -> bool {
    let octets = parameters
        .iter()
        .map(|(name, value)| name.len() + value.len());
    parameters.iter().count() <= MOST && octets.sum::<usize>() <= LONGEST
}

/// Takes the form's methods from where no field can stand in their way: a parameter may be called
/// `submit`.
const HAND_OVER: &str = "var form = document.getElementById('relay');
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
var mark = new URLSearchParams(location.search);
mark.set('from', 'fragment');
form.setAttribute('action', '?' + mark);
Element.prototype.append.call(form, inputs);
if (count) HTMLFormElement.prototype.submit.call(form);";

const POST_AGAIN: &str = "HTMLFormElement.prototype.submit.call(document.getElementById('relay'));";

/// A page that has the browser send the response once more.
#[derive(Clone, Debug)]
pub struct Relay {
    fields: Vec<(String, String)>,
    script: &'static str,
    words: &'static str,
}

impl Relay {
    /// Hands the fragment over.
    pub(crate) fn fragment() -> Self {
        Self {
            fields: Vec::new(),
            script: HAND_OVER,
            words: "<p>If nothing happens, switch JavaScript on and try again.</p>",
        }
    }

    /// Posts the same form again, from this site.
    pub(crate) fn repost(parameters: &RequestParameters) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            fields: parameters.iter().map(owned).collect(),
            script: POST_AGAIN,
            words: "<noscript><button>Continue</button></noscript>",
        }
    }

    fn html(&self) -> String {
        let mut html = String::from(
            "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>One moment</title>\
             <form id=\"relay\" method=\"post\">",
        );
        for (name, value) in &self.fields {
            let [name, value] = [name, value].map(|text| escaped(text));
            html.extend([
                "<input type=\"hidden\" name=\"",
                &name,
                "\" value=\"",
                &value,
                "\">",
            ]);
        }
        let (words, script) = (self.words, self.script);
        html.extend([words, "</form><script>", script, "</script></html>"]);
        html
    }
}

impl IntoResponse for Relay {
    fn into_response(self) -> Response {
        let hash = InlineScript::try_new(self.script).map(|script| script.csp_source());
        let policy = format!(
            "default-src 'none'; script-src {}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            hash.unwrap_or_else(|_| "'none'".to_owned())
        );
        let headers = [
            ("content-security-policy", policy.as_str()),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ];
        (headers, Html(self.html())).into_response()
    }
}
