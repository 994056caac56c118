use std::borrow::Cow;

use super::{InvalidValue, wire_form};

/// A `response_type`: a set of values, such as `code id_token`.
///
/// The order of the values has no meaning and case does ([RFC 6749 3.1.1]); the type keeps one
/// canonical order, so equal sets are equal values. The eight combinations of OpenID Connect are
/// constants; extension types parse as well and are usable once the configuration lists them.
///
/// ```
/// use jarm_core::ResponseType;
///
/// let hybrid: ResponseType = "id_token code".parse()?;
/// assert_eq!(hybrid, ResponseType::CODE_ID_TOKEN);
/// assert!(!hybrid.contains("token"), "no substring test");
/// # Ok::<(), jarm_core::InvalidValue>(())
/// ```
///
/// [RFC 6749 3.1.1]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1.1
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResponseType(Cow<'static, str>);

impl ResponseType {
    /// `code`
    pub const CODE: Self = Self(Cow::Borrowed("code"));
    /// `token`
    pub const TOKEN: Self = Self(Cow::Borrowed("token"));
    /// `id_token`
    pub const ID_TOKEN: Self = Self(Cow::Borrowed("id_token"));
    /// `id_token token`
    pub const ID_TOKEN_TOKEN: Self = Self(Cow::Borrowed("id_token token"));
    /// `code id_token`
    pub const CODE_ID_TOKEN: Self = Self(Cow::Borrowed("code id_token"));
    /// `code token`
    pub const CODE_TOKEN: Self = Self(Cow::Borrowed("code token"));
    /// `code id_token token`
    pub const CODE_ID_TOKEN_TOKEN: Self = Self(Cow::Borrowed("code id_token token"));
    /// `none`
    pub const NONE: Self = Self(Cow::Borrowed("none"));

    /// The eight response types of OpenID Connect and OAuth 2.0 Multiple Response Types.
    pub const STANDARD: [Self; 8] = [
        Self::CODE,
        Self::TOKEN,
        Self::ID_TOKEN,
        Self::ID_TOKEN_TOKEN,
        Self::CODE_ID_TOKEN,
        Self::CODE_TOKEN,
        Self::CODE_ID_TOKEN_TOKEN,
        Self::NONE,
    ];

    /// Parses a space-separated set of values.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty, longer than 128 characters, uses anything but single
    /// spaces between values, repeats a value, combines `none` with another value, or a value
    /// holds anything but ASCII letters, digits and `_` ([RFC 6749 8.4]; `.`, `-` and `:` are
    /// accepted for values that are URIs or vendor names).
    ///
    /// [RFC 6749 8.4]: https://www.rfc-editor.org/rfc/rfc6749#section-8.4
    pub fn try_new(value: impl AsRef<str>) -> Result<Self, InvalidValue> {
        let value = value.as_ref();
        if let Some(standard) = Self::STANDARD.into_iter().find(|known| known.0 == value) {
            return Ok(standard);
        }
        if value.len() > 128 {
            return Err(InvalidValue(
                "a response_type has at most 128 characters".into(),
            ));
        }
        let mut values: Vec<&str> = value.split(' ').collect();
        if !values.iter().copied().all(is_value) {
            return Err(InvalidValue(
                "a response_type is a list of names with one space between them".into(),
            ));
        }
        values.sort_unstable();
        if values.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(InvalidValue("a response_type names each value once".into()));
        }
        if values.len() > 1 && values.contains(&"none") {
            return Err(InvalidValue(
                "the response_type `none` is not combined with other values".into(),
            ));
        }
        let canonical = values.join(" ");
        let standard = Self::STANDARD
            .into_iter()
            .find(|known| known.0 == canonical);
        Ok(standard.unwrap_or(Self(Cow::Owned(canonical))))
    }

    /// The canonical form: values in alphabetical order, one space between them.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The values of the set.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// Whether `value` is one of the set.
    pub fn contains(&self, value: &str) -> bool {
        self.values().any(|own| own == value)
    }

    /// Whether the response carries a token that must not appear in a plain query: an access
    /// token or an ID Token issued at the authorization endpoint.
    pub fn carries_token(&self) -> bool {
        self.contains("token") || self.contains("id_token")
    }
}

fn is_value(value: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    !value.is_empty() && value.chars().all(known)
}

wire_form!(ResponseType);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_values_is_irrelevant_and_case_is_not() {
        for (written, canonical) in [
            ("token id_token", ResponseType::ID_TOKEN_TOKEN),
            ("token code", ResponseType::CODE_TOKEN),
            ("token id_token code", ResponseType::CODE_ID_TOKEN_TOKEN),
        ] {
            assert_eq!(written.parse(), Ok(canonical));
        }
        assert_ne!("Code".parse(), Ok(ResponseType::CODE));
    }

    #[test]
    fn a_value_is_compared_as_a_whole() {
        let tokenx: ResponseType = "tokenx".parse().unwrap();
        assert!(!tokenx.carries_token());
        assert!(!ResponseType::STANDARD.contains(&tokenx));
        assert!(ResponseType::ID_TOKEN.carries_token());
        assert!(!ResponseType::ID_TOKEN.contains("token"));
    }

    #[test]
    fn malformed_sets_are_refused() {
        for bad in [
            "",
            " ",
            "code  token",
            " code",
            "code ",
            "code\ttoken",
            "code code",
            "none code",
            "co\"de",
        ] {
            assert!(bad.parse::<ResponseType>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn standard_types_are_canonical() {
        for standard in ResponseType::STANDARD {
            let mut values: Vec<_> = standard.values().collect();
            values.sort_unstable();
            assert_eq!(values.join(" "), standard.as_str());
        }
    }
}
