use std::borrow::Cow;
use std::fmt;

use serde_json::{Number, Value};

/// The parameters of one authorization response: ordered, each name once, each value with its
/// JSON type.
///
/// In a plain mode every value becomes text, an object or array its JSON text (as RFC 9396 sends
/// `authorization_details`). In a JWT mode strings stay strings and numbers stay numbers
/// ([JARM 2.1]).
///
/// `Debug` shows the names only.
///
/// [JARM 2.1]: https://openid.net/specs/oauth-v2-jarm.html#section-2.1
#[derive(Clone, Default, PartialEq)]
pub struct ResponseParameters(Vec<(Cow<'static, str>, ParameterValue)>);

impl ResponseParameters {
    /// No parameters, with room for `count`.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Adds a parameter at the end.
    ///
    /// # Errors
    ///
    /// [`ParameterError`] when the name is malformed ([RFC 6749 8.2]), already there, or
    /// `_charset_`.
    ///
    /// [RFC 6749 8.2]: https://www.rfc-editor.org/rfc/rfc6749#section-8.2
    pub fn insert(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<ParameterValue>,
    ) -> Result<(), ParameterError> {
        let name = name.into();
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || !name.chars().all(known) {
            return Err(ParameterError::Name(name.into_owned()));
        }
        if name.eq_ignore_ascii_case("_charset_") {
            // A hidden field of this name is filled in by the browser.
            return Err(ParameterError::Reserved(name.into_owned()));
        }
        if self.get(&name).is_some() {
            return Err(ParameterError::Duplicate(name.into_owned()));
        }
        self.0.push((name, value.into()));
        Ok(())
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&ParameterValue> {
        self.iter()
            .find_map(|(own, value)| (own == name).then_some(value))
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ParameterValue)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The parameters in `application/x-www-form-urlencoded`, as query and fragment carry them.
    pub(crate) fn form_urlencoded(&self) -> String {
        let length = |(name, value): (&str, &ParameterValue)| name.len() + value.text_length() + 2;
        let mut encoded = String::with_capacity(self.iter().map(length).sum());
        for (name, value) in self.iter() {
            if !encoded.is_empty() {
                encoded.push('&');
            }
            append_encoded(&mut encoded, name);
            encoded.push('=');
            append_encoded(&mut encoded, &value.as_text());
        }
        encoded
    }
}

/// Most values, JWTs above all, hold nothing to be encoded; to see that is cheaper than to encode.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches many bytes are looked at at once"
)]
fn append_encoded(encoded: &mut String, text: &str) {
    let unchanged = |byte: u8| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        letter | digit | (byte == b'-') | (byte == b'.') | (byte == b'_')
    };
    if text.bytes().fold(true, |all, byte| all & unchanged(byte)) {
        encoded.push_str(text);
    } else {
        encoded.extend(form_urlencoded::byte_serialize(text.as_bytes()));
    }
}

/// A JSON object, with the values' types.
impl serde::Serialize for ResponseParameters {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl IntoIterator for ResponseParameters {
    type Item = (Cow<'static, str>, ParameterValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Debug for ResponseParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// The value of a response parameter.
///
/// Made with `From` out of strings, integers and [`serde_json::Value`]. `Debug` shows the kind
/// only.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum ParameterValue {
    /// A string.
    Text(Cow<'static, str>),
    /// A number, such as `expires_in`.
    Number(Number),
    /// Any other JSON value, such as `authorization_details`.
    Json(Value),
}

impl ParameterValue {
    /// The value as a plain mode sends it.
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Json(value) => Cow::Owned(value.to_string()),
        }
    }

    fn text_length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Number(_) => 20,
            Self::Json(_) => 64,
        }
    }
}

impl From<&'static str> for ParameterValue {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for ParameterValue {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for ParameterValue {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<Value> for ParameterValue {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => text.into(),
            Value::Number(number) => Self::Number(number),
            other => Self::Json(other),
        }
    }
}

impl serde::Serialize for ParameterValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => number.serialize(serializer),
            Self::Json(value) => value.serialize(serializer),
        }
    }
}

impl fmt::Debug for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(_)",
            Self::Number(_) => "Number(_)",
            Self::Json(_) => "Json(_)",
        })
    }
}

/// Why a parameter cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// The name is empty or has characters beyond ASCII letters, digits, `_`, `-` and `.`.
    #[error("{0:?} cannot name a response parameter: use ASCII letters, digits, `_`, `-` and `.`")]
    Name(String),
    /// The response already has a parameter of this name.
    #[error("the response already has a parameter `{0}`")]
    Duplicate(String),
    /// The name is set by the library, or is a claim with a meaning of its own.
    #[error("`{0}` is reserved: it is set by the library or has its own meaning in a JWT")]
    Reserved(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_occurs_at_most_once() {
        let mut parameters = ResponseParameters::default();
        parameters.insert("code", "a").unwrap();
        assert_eq!(
            parameters.insert("code", "b"),
            Err(ParameterError::Duplicate("code".into()))
        );
        assert_eq!(
            parameters.insert("", "b"),
            Err(ParameterError::Name(String::new()))
        );
        assert!(parameters.insert("a b", "b").is_err());
        assert_eq!(parameters.len(), 1);
    }

    #[test]
    fn plain_modes_send_objects_as_json_text() {
        let mut parameters = ResponseParameters::default();
        parameters
            .insert("authorization_details", serde_json::json!([{"type": "a"}]))
            .unwrap();
        parameters.insert("expires_in", 3600).unwrap();
        let encoded = parameters.form_urlencoded();
        assert_eq!(
            encoded,
            "authorization_details=%5B%7B%22type%22%3A%22a%22%7D%5D&expires_in=3600"
        );
    }

    #[test]
    fn every_character_arrives_as_it_was_sent() {
        for value in [
            "",
            "c0de-._~*",
            "a b+c&d=e#f%g",
            "\r\n\u{0}",
            "é\u{202e}\u{1f511}",
        ] {
            let mut parameters = ResponseParameters::default();
            parameters.insert("a", value).unwrap();
            parameters.insert("b", "2").unwrap();
            let encoded = parameters.form_urlencoded();
            assert!(
                encoded.bytes().all(|byte| byte.is_ascii_graphic()),
                "{encoded}"
            );
            let arrived: Vec<_> = form_urlencoded::parse(encoded.as_bytes())
                .into_owned()
                .collect();
            assert_eq!(
                arrived,
                [("a".into(), value.to_owned()), ("b".into(), "2".to_owned())]
            );
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let mut parameters = ResponseParameters::default();
        parameters.insert("code", "canary".to_owned()).unwrap();
        assert!(!format!("{parameters:?}{:?}", parameters.get("code")).contains("canary"));
    }
}
