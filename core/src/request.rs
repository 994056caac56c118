//! The authorization request, as far as it decides how the answer travels.

use std::fmt;

use crate::clock::UnixTime;

/// The registered parameters of authorization requests that occur once: those of OAuth 2.0, PKCE,
/// OpenID Connect, and of JWT-secured, rich and sender-constrained requests.
const REGISTERED: [&str; 23] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "display",
    "prompt",
    "max_age",
    "ui_locales",
    "claims_locales",
    "id_token_hint",
    "login_hint",
    "acr_values",
    "claims",
    "request",
    "request_uri",
    "registration",
    "authorization_details",
    "dpop_jkt",
];

/// The parameters of an authorization request as they came: every pair, duplicates included.
///
/// Form parsers that build a map keep one of two equal names and so hide an attack; take the raw
/// pairs instead ([RFC 6749 3.1]). `Debug` shows the names only.
///
/// ```
/// use jarm_core::RequestParameters;
///
/// let request = RequestParameters::from_urlencoded("client_id=a&state=&scope=x+y&scope=z");
/// assert_eq!(request.single("client_id"), Ok(Some("a")));
/// assert_eq!(request.single("state"), Ok(None), "empty counts as absent");
/// assert!(request.single("scope").is_err());
/// ```
///
/// [RFC 6749 3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RequestParameters {
    pairs: Vec<(String, String)>,
    source: RequestSource,
}

/// From which place the parameters of a request are.
///
/// Only [`AuthorizationServer::resolve`](crate::AuthorizationServer::resolve) says anything but
/// [`Parameters`](Self::Parameters), so a host that demands signed or pushed requests looks here.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestSource {
    /// The parameters of the request itself.
    #[default]
    Parameters,
    /// A request object that was verified ([RFC 9101]).
    ///
    /// [RFC 9101]: https://www.rfc-editor.org/rfc/rfc9101
    RequestObject,
    /// A request that was pushed before ([RFC 9126]).
    ///
    /// [RFC 9126]: https://www.rfc-editor.org/rfc/rfc9126
    #[non_exhaustive]
    Pushed {
        /// Its handle.
        request_uri: String,
        /// Whether its parameters were in a request object that was verified.
        signed: bool,
        /// Until when it can be answered: all that comes of one handle expires at once.
        answer_until: UnixTime,
    },
}

impl RequestParameters {
    /// Parses `application/x-www-form-urlencoded`: a query string or a form body.
    pub fn from_urlencoded(encoded: impl AsRef<[u8]>) -> Self {
        Self::from_pairs(form_urlencoded::parse(encoded.as_ref()).into_owned())
    }

    /// Whether a `Content-Type` says that a body is `application/x-www-form-urlencoded`, whatever
    /// its parameters. Others are not parameters of a request ([RFC 6749 B]).
    ///
    /// [RFC 6749 B]: https://www.rfc-editor.org/rfc/rfc6749#appendix-B
    pub fn is_urlencoded(content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    /// Takes decoded pairs, in order.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let owned = |(name, value): (N, V)| (name.into(), value.into());
        Self {
            pairs: pairs.into_iter().map(owned).collect(),
            source: RequestSource::default(),
        }
    }

    pub(crate) fn with_source(mut self, source: RequestSource) -> Self {
        self.source = source;
        self
    }

    /// Adds a parameter that the server itself found out, such as the `dpop_jkt` of the proof beside
    /// a pushed request ([RFC 9449 10.1]). The source stays what it is.
    ///
    /// [RFC 9449 10.1]: https://www.rfc-editor.org/rfc/rfc9449#section-10.1
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.pairs.push((name.into(), value.into()));
        self
    }

    /// Leaves a parameter out, such as one that is kept elsewhere. The source stays what it is.
    #[must_use]
    pub fn without_parameter(&self, name: &str) -> Self {
        let mut left = self.clone();
        left.pairs.retain(|(own, _)| own != name);
        left
    }

    /// From which place the parameters are.
    pub fn source(&self) -> &RequestSource {
        &self.source
    }

    /// The value of a parameter that may occur once; an empty value counts as absent.
    ///
    /// # Errors
    ///
    /// [`DuplicateParameter`] when it occurs more than once, empty or not. For `client_id` and
    /// `redirect_uri` show a local page; the library itself looks at the others.
    pub fn single(&self, name: &'static str) -> Result<Option<&str>, DuplicateParameter> {
        let mut values = self
            .iter()
            .filter_map(|(own, value)| (own == name).then_some(value));
        let first = values.next();
        match values.next() {
            Some(_) => Err(DuplicateParameter(name)),
            None => Ok(first.filter(|value| !value.is_empty())),
        }
    }

    /// The first registered parameter that occurs more than once, if any.
    ///
    /// `resource` may ([RFC 8707 2]); names that are not registered are not looked at.
    ///
    /// [RFC 8707 2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
    pub fn duplicate(&self) -> Option<DuplicateParameter> {
        REGISTERED
            .into_iter()
            .find_map(|name| self.single(name).err())
    }

    /// The pairs with a value: what is left when empty ones count as absent. Hand these on to a
    /// parser that does not know that rule.
    pub fn present(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(_, value)| !value.is_empty())
    }

    /// The pairs as `application/x-www-form-urlencoded`.
    ///
    /// The text does not say from which [source](Self::source) they are: to negotiate a request later,
    /// keep it as it came, and [resolve](crate::AuthorizationServer::resolve) it again.
    pub fn to_urlencoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .finish()
    }

    /// All pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.pairs.iter();
        all.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for RequestParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.pairs.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Whoever knows a handle can use it up.
impl fmt::Debug for RequestSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameters => f.write_str("Parameters"),
            Self::RequestObject => f.write_str("RequestObject"),
            Self::Pushed { signed, .. } => f
                .debug_struct("Pushed")
                .field("signed", signed)
                .finish_non_exhaustive(),
        }
    }
}

/// A request parameter occurs more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} occurs more than once")]
pub struct DuplicateParameter(pub &'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_parameter_occurs_once() {
        let duplicate = |query: &str| RequestParameters::from_urlencoded(query).duplicate();
        assert_eq!(
            duplicate("scope=a&scope="),
            Some(DuplicateParameter("scope"))
        );
        assert_eq!(duplicate("scope=a&resource=b&resource=c&x=1&x=2"), None);
    }

    #[test]
    fn a_form_is_known_by_its_media_type_alone() {
        for form in [
            "application/x-www-form-urlencoded",
            "Application/X-WWW-Form-URLencoded ; charset=utf-8",
        ] {
            assert!(RequestParameters::is_urlencoded(form), "{form}");
        }
        for other in [
            "",
            "application/json",
            "multipart/form-data; boundary=x",
            "text/plain; application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded2",
        ] {
            assert!(!RequestParameters::is_urlencoded(other), "{other}");
        }
    }

    #[test]
    fn parameters_can_be_kept_as_text() {
        let request = RequestParameters::from_urlencoded("a=%C3%A9+%26&b=&a=2");
        assert_eq!(
            RequestParameters::from_urlencoded(request.to_urlencoded()),
            request
        );
        let present: Vec<_> = request.present().collect();
        assert_eq!(present, [("a", "é &"), ("a", "2")]);
    }
}
