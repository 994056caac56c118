use std::borrow::Cow;

use super::{InvalidValue, wire_form};

/// A `response_mode` value: how the authorization response travels.
///
/// An open set: the seven standard names are constants, others come from configuration. Names are
/// compared exactly, so `QUERY.JWT` is not [`ResponseMode::QUERY_JWT`]
/// ([OAuth 2.0 Multiple Response Types 2.1], [JARM 2.3]).
///
/// ```
/// use jarm_core::ResponseMode;
///
/// let mode: ResponseMode = "web_message".parse()?;
/// assert_eq!(mode.jwt_secured(), "web_message.jwt".parse()?);
/// assert!(ResponseMode::FORM_POST_JWT.names_jwt());
/// # Ok::<(), jarm_core::InvalidValue>(())
/// ```
///
/// [OAuth 2.0 Multiple Response Types 2.1]: https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes
/// [JARM 2.3]: https://openid.net/specs/oauth-v2-jarm.html#section-2.3
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResponseMode(Cow<'static, str>);

impl ResponseMode {
    /// `query`: parameters in the redirect URI's query.
    pub const QUERY: Self = Self(Cow::Borrowed("query"));
    /// `fragment`: parameters in the redirect URI's fragment.
    pub const FRAGMENT: Self = Self(Cow::Borrowed("fragment"));
    /// `form_post`: parameters in the body of a form that the browser posts.
    pub const FORM_POST: Self = Self(Cow::Borrowed("form_post"));
    /// `query.jwt`: one `response` JWT in the query.
    pub const QUERY_JWT: Self = Self(Cow::Borrowed("query.jwt"));
    /// `fragment.jwt`: one `response` JWT in the fragment.
    pub const FRAGMENT_JWT: Self = Self(Cow::Borrowed("fragment.jwt"));
    /// `form_post.jwt`: one `response` JWT in a posted form.
    pub const FORM_POST_JWT: Self = Self(Cow::Borrowed("form_post.jwt"));
    /// `jwt`: the shortcut to the response type's default redirect encoding, as a JWT.
    pub const JWT: Self = Self(Cow::Borrowed("jwt"));

    /// The seven standard names, in the order of the specifications.
    pub const STANDARD: [Self; 7] = [
        Self::QUERY,
        Self::FRAGMENT,
        Self::FORM_POST,
        Self::QUERY_JWT,
        Self::FRAGMENT_JWT,
        Self::FORM_POST_JWT,
        Self::JWT,
    ];

    /// Makes a mode from its name.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the name is empty, longer than 64 characters, or holds anything but
    /// ASCII letters, digits, `.`, `_`, `-` and `:`.
    pub fn try_new(name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidValue> {
        let name = name.into();
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
        if name.is_empty() || name.len() > 64 || !name.chars().all(known) {
            return Err(InvalidValue(format!(
                "{name:?} cannot name a response mode: use 1 to 64 ASCII letters, digits, `.`, `_`, `-` or `:`"
            )));
        }
        Ok(Self(name))
    }

    /// The value as clients send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name promises a JWT: it is `jwt` or ends in `.jwt`, in whatever case.
    pub fn names_jwt(&self) -> bool {
        names_jwt(&self.0)
    }

    /// The name of this mode's JWT form: `x` becomes `x.jwt`.
    #[must_use]
    pub fn jwt_secured(&self) -> Self {
        Self(Cow::Owned(format!("{}.jwt", self.0)))
    }

    /// Whether this is one of the seven names that the specifications define.
    pub fn is_standard(&self) -> bool {
        Self::STANDARD.contains(self)
    }
}

/// Whether a requested mode, known or not, promises a JWT, in whatever case it is written.
pub(crate) fn names_jwt(name: &str) -> bool {
    let last = name.trim().rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("jwt")
}

wire_form!(ResponseMode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_exactly() {
        for other in ["QUERY.JWT", "query_jwt", "jwt.query", "Query"] {
            let mode = ResponseMode::try_new(other).unwrap();
            assert!(!mode.is_standard(), "{other}");
        }
        for impossible in ["", " jwt", "jwt ", "a b", "a\n", "é"] {
            assert!(ResponseMode::try_new(impossible).is_err(), "{impossible:?}");
        }
    }

    #[test]
    fn the_wire_form_round_trips() {
        for mode in ResponseMode::STANDARD {
            let json = serde_json::to_string(&mode).unwrap();
            assert_eq!(json, format!("\"{mode}\""));
            assert_eq!(serde_json::from_str::<ResponseMode>(&json).unwrap(), mode);
        }
    }
}
