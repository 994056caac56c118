use std::fmt;

use serde::{Deserialize, Serialize};

/// What goes out to the browser: a redirect or a page, in plain strings.
///
/// It can only be made from a validated redirect target, by a provider through its
/// [`EncodeContext`](crate::provider::EncodeContext). Integrations turn it into their framework's
/// response; without one, write [`status`](Self::status), [`headers`](Self::headers) and
/// [`body`](Self::body) into yours.
///
/// `Debug` shows no parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodedResponse {
    /// An HTTP redirect.
    Redirect(Redirect),
    /// A page that carries the parameters.
    Document(Document),
}

impl EncodedResponse {
    /// The HTTP status: 303 (or 302) for a redirect, 200 for a page.
    pub fn status(&self) -> u16 {
        match self {
            Self::Redirect(redirect) => redirect.status.as_u16(),
            Self::Document(_) => 200,
        }
    }

    /// All headers of the answer: names in lower case, values in visible ASCII.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let (own, referrer_policy) = match self {
            Self::Redirect(redirect) => (
                vec![("location", redirect.location.as_str())],
                redirect.referrer_policy,
            ),
            Self::Document(document) => (
                vec![
                    ("content-type", "text/html; charset=UTF-8"),
                    (
                        "content-security-policy",
                        document.content_security_policy.as_str(),
                    ),
                    ("x-content-type-options", "nosniff"),
                ],
                document.referrer_policy,
            ),
        };
        let common = [
            ("cache-control", "no-cache, no-store"),
            ("pragma", "no-cache"),
            ("referrer-policy", referrer_policy),
        ];
        own.into_iter().chain(common)
    }

    /// The body by value, once the headers are taken.
    pub fn into_body(self) -> String {
        match self {
            Self::Redirect(_) => String::new(),
            Self::Document(document) => document.html,
        }
    }

    /// The body: a page's HTML, and nothing for a redirect.
    pub fn body(&self) -> &str {
        match self {
            Self::Redirect(_) => "",
            Self::Document(document) => &document.html,
        }
    }
}

/// A redirect to the client.
#[derive(Clone, PartialEq, Eq)]
pub struct Redirect {
    pub(crate) location: String,
    pub(crate) status: RedirectStatus,
    pub(crate) referrer_policy: &'static str,
}

impl Redirect {
    /// The `Location`: the redirect URI with the parameters appended.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The status.
    pub fn status(&self) -> RedirectStatus {
        self.status
    }

    /// Ends a `Location` that has no fragment with `#_`, so that browsers do not carry an older
    /// fragment over to the client ([RFC 9700 4.1.3]).
    ///
    /// [RFC 9700 4.1.3]: https://www.rfc-editor.org/rfc/rfc9700#section-4.1.3
    #[must_use]
    pub fn with_dummy_fragment(mut self) -> Self {
        if !self.location.contains('#') {
            self.location.push_str("#_");
        }
        self
    }
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redirect")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl From<Redirect> for EncodedResponse {
    fn from(redirect: Redirect) -> Self {
        Self::Redirect(redirect)
    }
}

/// The status of redirects. 307 and 308 do not exist here: they would make the browser send the
/// user's login or consent form on to the client ([RFC 9700 4.12]).
///
/// [RFC 9700 4.12]: https://www.rfc-editor.org/rfc/rfc9700#section-4.12
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum RedirectStatus {
    /// 303 See Other: the browser always follows with GET.
    #[default]
    SeeOther,
    /// 302 Found.
    Found,
}

impl RedirectStatus {
    /// The number.
    pub fn as_u16(self) -> u16 {
        match self {
            Self::SeeOther => 303,
            Self::Found => 302,
        }
    }
}

impl TryFrom<u16> for RedirectStatus {
    type Error = &'static str;

    fn try_from(status: u16) -> Result<Self, Self::Error> {
        match status {
            303 => Ok(Self::SeeOther),
            302 => Ok(Self::Found),
            _ => Err(
                "a redirect is 303 or 302; 307 and 308 would re-send the user's form to the client",
            ),
        }
    }
}

impl From<RedirectStatus> for u16 {
    fn from(status: RedirectStatus) -> Self {
        status.as_u16()
    }
}

/// A page that carries the parameters to the client.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    pub(crate) html: String,
    pub(crate) content_security_policy: String,
    pub(crate) referrer_policy: &'static str,
    pub(crate) form: Option<Form>,
}

impl Document {
    /// The HTML.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The page's content security policy.
    pub fn content_security_policy(&self) -> &str {
        &self.content_security_policy
    }

    /// The form that the page posts, for hosts that render it with their own templates or hand
    /// it to a single-page front end.
    pub fn form(&self) -> Option<&Form> {
        self.form.as_ref()
    }

    /// Attaches the form that the page posts.
    #[must_use]
    pub fn with_form(mut self, form: Form) -> Self {
        self.form = Some(form);
        self
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").finish_non_exhaustive()
    }
}

impl From<Document> for EncodedResponse {
    fn from(document: Document) -> Self {
        Self::Document(document)
    }
}

/// A form to be posted to the client, as data: not escaped.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// The redirect URI, byte for byte.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Names and values of the fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form").finish_non_exhaustive()
    }
}
