use std::borrow::Cow;
use std::fmt::{self, Debug};

use jarm_core::response::Form;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Deserialize;

/// Renders the page around the form.
///
/// It is given the finished form and script elements and places each once. It cannot see, drop
/// or add a parameter: a page that lacks the form, or has a form element of its own, is not sent.
pub trait FormPostRenderer: Debug + Send + Sync {
    /// The page, in HTML.
    fn render(&self, page: &FormPostPage) -> String;

    /// The source of the script that submits the form; its hash goes into the page's content
    /// security policy.
    fn script(&self) -> Cow<'static, str> {
        Cow::Borrowed(SUBMIT)
    }
}

const _: Option<&dyn FormPostRenderer> = None;

/// Submits the one form of the page. Not by its `submit` property, which a field of that name
/// would hide.
const SUBMIT: &str = "HTMLFormElement.prototype.submit.call(document.forms[0])";

/// The elements that a renderer places. `Debug` shows no parameter.
pub struct FormPostPage {
    form: String,
    script: String,
}

impl FormPostPage {
    pub(crate) fn new(form: Markup, script: String) -> Self {
        Self {
            form: form.into_string(),
            script,
        }
    }

    /// The `<form>` with its hidden fields and its button.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// The `<script>` that submits it, to stand behind the form.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// Whether a page holds form and script once, and no other element that could send, or
    /// change where something is sent.
    pub(crate) fn is_held_by(&self, html: &str) -> bool {
        let Some((before, rest)) = html.split_once(&self.form) else {
            return false;
        };
        let Some((between, after)) = rest.split_once(&self.script) else {
            return false;
        };
        let around = [before, between, after].concat().to_ascii_lowercase();
        !OTHERS.iter().any(|element| around.contains(element)) && !around.contains("<!--")
    }
}

impl fmt::Debug for FormPostPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormPostPage").finish_non_exhaustive()
    }
}

/// What could send something, or change where it is sent.
const OTHERS: [&str; 10] = [
    "<form",
    "<input",
    "<button",
    "<select",
    "<textarea",
    "<script",
    "<base",
    "<object",
    "<template",
    "http-equiv",
];

/// The form: every value escaped by maud, the action too.
pub(crate) fn form_element(form: &Form, words: &FormPostWords) -> Markup {
    html! {
        form method="post" action=(form.action()) {
            @for (name, value) in form.fields() {
                input type="hidden" name=(name) value=(value);
            }
            button type="submit" { (words.button) }
        }
    }
}

/// The words of the shipped page: the options of the kind `form_post`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FormPostWords {
    /// The page's title.
    pub title: String,
    /// The label of the button, seen when the page does not submit itself.
    pub button: String,
    /// The page's language, as in HTML's `lang`.
    pub lang: String,
}

impl Default for FormPostWords {
    fn default() -> Self {
        Self {
            title: "Returning to the application".into(),
            button: "Continue".into(),
            lang: "en".into(),
        }
    }
}

impl FormPostRenderer for FormPostWords {
    fn render(&self, page: &FormPostPage) -> String {
        let page = html! {
            (DOCTYPE)
            html lang=(self.lang) {
                head {
                    meta charset="utf-8";
                    title { (self.title) }
                }
                body {
                    (PreEscaped(page.form()))
                    (PreEscaped(page.script()))
                }
            }
        };
        page.into_string()
    }
}
