//! Pages that have the browser send a response once more: out of the fragment, which it keeps to
//! itself, and from the client's own site, so that it sends the client's cookies along.

use std::fmt;

use crate::RequestParameters;
use crate::response::{InlineScript, escaped};

/// The pair that marks what came out of the fragment.
pub(super) const FRAGMENT: (&str, &str) = ("from", "fragment");

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

/// A page that has the browser send the response once more. `Debug` shows no parameter.
#[derive(Clone)]
pub struct Relay {
    html: String,
    content_security_policy: String,
}

impl Relay {
    /// Hands the fragment over.
    pub(super) fn fragment() -> Self {
        let words = "<p>If nothing happens, switch JavaScript on and try again.</p>";
        Self::new("", words, HAND_OVER)
    }

    /// Posts the same form again, from this site.
    pub(super) fn repost(parameters: &RequestParameters) -> Self {
        let mut fields = String::new();
        for (name, value) in parameters.iter() {
            let [name, value] = [name, value].map(escaped);
            fields.extend([
                "<input type=\"hidden\" name=\"",
                &name,
                "\" value=\"",
                &value,
                "\">",
            ]);
        }
        let words = "<noscript><button>Continue</button></noscript>";
        Self::new(&fields, words, POST_AGAIN)
    }

    fn new(fields: &str, words: &str, script: &'static str) -> Self {
        let hash = InlineScript::try_new(script).map(|script| script.csp_source());
        let hash = hash.unwrap_or_else(|_| "'none'".to_owned());
        Self {
            html: format!(
                "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>One moment</title>\
                 <form id=\"relay\" method=\"post\">{fields}{words}</form>\
                 <script>{script}</script></html>"
            ),
            // No `form-action`: browsers apply it to redirects, and the host's handler may answer the
            // post with one to another origin. The form names no origin, `base-uri` keeps it on this one,
            // and what arrived stands in names and values alone.
            content_security_policy: format!(
                "default-src 'none'; script-src {hash}; base-uri 'none'; frame-ancestors 'none'"
            ),
        }
    }

    /// The HTML.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The page's content security policy.
    pub fn content_security_policy(&self) -> &str {
        &self.content_security_policy
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").finish_non_exhaustive()
    }
}
