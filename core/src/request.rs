//! The authorization request, as far as it decides how the answer travels.

use std::fmt;

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
pub struct RequestParameters(Vec<(String, String)>);

impl RequestParameters {
    /// Parses `application/x-www-form-urlencoded`: a query string or a form body.
    pub fn from_urlencoded(encoded: impl AsRef<[u8]>) -> Self {
        Self(
            form_urlencoded::parse(encoded.as_ref())
                .into_owned()
                .collect(),
        )
    }

    /// Takes decoded pairs, in order.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
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

    /// All pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for RequestParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// A request parameter occurs more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} occurs more than once")]
pub struct DuplicateParameter(pub &'static str);
