use serde::Deserializer;
use serde::de::DeserializeOwned;

use super::{ConfigurationError, Problem};

/// Deserializes configuration, and names the key path and the nearest known key in errors.
///
/// Takes any deserializer: a `toml::Table`, a `serde_json::Value`, … Use it for your whole file, with
/// [`Configuration`](super::Configuration) as one of its tables.
///
/// ```
/// use jarm_core::configuration::read;
///
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct File { jarm: jarm_core::Configuration }
///
/// let file = serde_json::json!({"jarm": {"issuer": "https://as.example", "page": {"cps": "hash"}}});
/// let error = read::<File, _>(file).unwrap_err();
/// assert_eq!(error.to_string(), "jarm.page.cps: unknown key `cps`, did you mean `csp`?");
/// ```
///
/// # Errors
///
/// [`ConfigurationError`] at the first value that does not fit.
pub fn read<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, ConfigurationError> {
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        // TOML repeats the path in a line of its own.
        let message = message.split("\nin `").next().unwrap_or_default();
        explain(path, &for_operators(message.trim_end()))
    })
}

/// Serde names what it expects as a programmer would.
fn for_operators(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let expected = match expected {
        "a sequence" => "a list in brackets",
        "u8" | "u16" | "u32" | "u64" => "a whole number",
        "a map" => "a table",
        other => other,
    };
    format!("{found}, expected {expected}")
}

/// Serde tells what it does not know in a sentence only:
/// ``unknown field `x`, expected one of `a`, `b` ``, and likewise for a variant.
fn explain(path: String, message: &str) -> ConfigurationError {
    let path = if path == "." { String::new() } else { path };
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let Some((unknown, known)) = quoted.split_first() else {
        return ConfigurationError::new(path, Problem::Invalid(message.to_owned()));
    };
    let hint = hint(unknown, known);
    if message.starts_with("unknown variant `") {
        let problem = Problem::Invalid(format!("unknown value `{unknown}`{hint}"));
        return ConfigurationError::new(path, problem);
    }
    if !message.starts_with("unknown field `") {
        return ConfigurationError::new(path, Problem::Invalid(message.to_owned()));
    }
    let last = path.rsplit('.').next().unwrap_or_default();
    let path = match path.as_str() {
        "" => (*unknown).to_owned(),
        _ if last == *unknown => path,
        _ => format!("{path}.{unknown}"),
    };
    ConfigurationError::new(
        path,
        Problem::Invalid(format!("unknown key `{unknown}`{hint}")),
    )
}

/// What could have been written: the known word that looks most like it, or all of them.
pub(crate) fn hint(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known.iter().copied()) {
        Some(nearest) => format!(", did you mean `{nearest}`?"),
        None if known.is_empty() => ": none is known here".to_owned(),
        None => format!(", known are `{}`", known.join("`, `")),
    }
}

/// The candidate that looks most like `word`: at most a third of it is written otherwise, and the
/// case does not count.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = word.to_ascii_lowercase();
    let distance = |own: &str| strsim::damerau_levenshtein(&lower, &own.to_ascii_lowercase());
    let scored = candidates.map(|own| (distance(own), own));
    let (distance, best) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= word.len().max(best.len())).then_some(best)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct File {
        #[serde(rename = "table")]
        _table: Table,
        #[serde(rename = "nothing")]
        _nothing: Nothing,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Table {
        #[serde(rename = "first_key")]
        _first: u8,
        #[serde(rename = "second_key")]
        _second: u8,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    #[test]
    fn an_unknown_key_is_named_with_its_path_and_what_is_known() {
        for (file, text) in [
            (
                json!({"tabel": {}}),
                "tabel: unknown key `tabel`, did you mean `table`?",
            ),
            (
                json!({"table": {"frist_key": 1}}),
                "table.frist_key: unknown key `frist_key`, did you mean `first_key`?",
            ),
            (
                json!({"table": {"elephant": 1}}),
                "table.elephant: unknown key `elephant`, known are `first_key`, `second_key`",
            ),
            (
                json!({"nothing": {"x": 1}}),
                "nothing.x: unknown key `x`: none is known here",
            ),
            (
                json!({"table": {"first_key": 300}}),
                "table.first_key: invalid value: integer `300`, expected a whole number",
            ),
        ] {
            assert_eq!(read::<File, _>(file).unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn what_looks_like_a_word_shares_two_thirds_of_it() {
        let known = ["query", "fragment"];
        for (word, expected) in [
            ("qeury", Some("query")),
            ("fragmnt", Some("fragment")),
            ("FRAGMENT", Some("fragment")),
            ("frag", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), expected, "{word}");
        }
    }
}
