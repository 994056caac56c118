//! The claims of [RFC 7519 4.1] as they are read in JWTs that others made.
//!
//! [RFC 7519 4.1]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1

use serde_json::{Map, Value};

/// A claim is not of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotOfItsType;

/// A date far enough away: the end of the year 9999.
const LAST_DATE: f64 = 253_402_300_799.0;

/// A `NumericDate`: a number of seconds since 1970, which may have a fraction ([RFC 7519 2]).
///
/// [RFC 7519 2]: https://www.rfc-editor.org/rfc/rfc7519#section-2
pub(crate) fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, NotOfItsType> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let date = value
        .as_f64()
        .filter(|date| (0.0..=LAST_DATE).contains(date));
    date.map(Some).ok_or(NotOfItsType)
}

/// Whom a JWT is for: one, or a list. `None` without `aud`.
pub(crate) fn audiences(claims: &Map<String, Value>) -> Result<Option<Vec<&str>>, NotOfItsType> {
    match claims.get("aud") {
        None => Ok(None),
        Some(Value::String(aud)) => Ok(Some(vec![aud])),
        Some(Value::Array(all)) => {
            let all: Option<Vec<_>> = all.iter().map(Value::as_str).collect();
            all.map(Some).ok_or(NotOfItsType)
        }
        Some(_) => Err(NotOfItsType),
    }
}
