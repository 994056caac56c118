//! How long a set is fresh.

use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{AGE, CACHE_CONTROL};

use crate::Limits;

/// What `Cache-Control` and `Age` say ([RFC 9111 4.2]), within the limits.
///
/// [RFC 9111 4.2]: https://www.rfc-editor.org/rfc/rfc9111#section-4.2
pub(crate) fn freshness(headers: &HeaderMap, limits: &Limits) -> Duration {
    let lines = headers.get_all(CACHE_CONTROL);
    let lines = lines.iter().filter_map(|value| value.to_str().ok());
    let directives = lines.flat_map(|line| line.split(',')).map(str::trim);
    let said = directives.filter_map(seconds).min();
    let freshness = said.map_or(limits.usual_freshness, |seconds| {
        Duration::from_secs(seconds.saturating_sub(age(headers)))
    });
    freshness
        .min(limits.most_freshness)
        .max(limits.least_freshness)
}

/// How long a directive lets a document be used, if it speaks of that at all. What cannot be read
/// counts as none ([RFC 9111 4.2.1](https://www.rfc-editor.org/rfc/rfc9111#section-4.2.1)).
fn seconds(directive: &str) -> Option<u64> {
    let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
    let is = |other: &str| name.trim().eq_ignore_ascii_case(other);
    if is("max-age") {
        return Some(number(value.trim().trim_matches('"')));
    }
    (is("no-store") || is("no-cache")).then_some(0)
}

fn age(headers: &HeaderMap) -> u64 {
    let age = headers.get(AGE).and_then(|value| value.to_str().ok());
    age.map_or(0, |age| number(age.trim()))
}

fn number(digits: &str) -> u64 {
    let is_number = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    if !is_number {
        return 0;
    }
    digits.parse().unwrap_or(u64::MAX) // too large to be read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_counts_between_floor_and_ceiling() {
        for (lines, seconds) in [
            (&[][..], 300),
            (&["public"], 300),
            (&["max-age=120"], 120),
            (&["public, MAX-AGE = \"120\" , must-revalidate"], 120),
            (&["max-age=1"], 60),
            (&["max-age=0"], 60),
            (&["max-age=-5"], 60),
            (&["max-age=soon"], 60),
            (&["max-age="], 60),
            (&["max-age"], 60),
            (&["max-age=86400"], 3600),
            (&["max-age=99999999999999999999999"], 3600),
            (&["no-store"], 60),
            (&["No-Cache, max-age=1200"], 60),
            (&["max-age=1200", "no-store"], 60),
            (&["max-age=1200, max-age=600"], 600),
            (&["s-maxage=1200"], 300),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CACHE_CONTROL, line.parse().unwrap());
            }
            let found = freshness(&headers, &Limits::default());
            assert_eq!(found, Duration::from_secs(seconds), "{lines:?}");
        }
    }

    #[test]
    fn what_a_cache_on_the_way_has_used_up_is_not_used_again() {
        for (age, seconds) in [("100", 500), ("x", 600), ("9999", 60)] {
            let mut headers = HeaderMap::new();
            headers.append(CACHE_CONTROL, "max-age=600".parse().unwrap());
            headers.append(AGE, age.parse().unwrap());
            let found = freshness(&headers, &Limits::default());
            assert_eq!(found, Duration::from_secs(seconds), "{age}");
        }
    }

    #[test]
    fn a_floor_above_the_ceiling_is_no_panic() {
        let limits = Limits {
            most_freshness: Duration::ZERO,
            ..Limits::default()
        };
        let found = freshness(&HeaderMap::new(), &limits);
        assert_eq!(found, limits.least_freshness);
    }
}
