//! Which of a client's keys its responses are encrypted to, and which of an issuer's may have signed
//! them.
//!
//! A key says itself what it is for: `use`, `alg` and `key_ops` ([RFC 7517 4.2 to 4.4]). What the
//! client registered decides, and a key that says otherwise is passed over. Of those that are left
//! one with `use` comes before one without, then one with `alg` before one without, then the
//! earlier one in the set.
//!
//! [RFC 7517 4.2 to 4.4]: https://www.rfc-editor.org/rfc/rfc7517#section-4.2

use serde_json::Value;

use super::Jwk;
use crate::vocabulary::{JweKeyManagementAlgorithm, JwsAlgorithm};

/// What a public key does in encryption.
const OPERATIONS: [&str; 4] = ["encrypt", "wrapKey", "deriveKey", "deriveBits"];

/// How much of a client's own text stands in a log or an error.
const SHOWN: usize = 32;

/// The keys that may be used, the best one first.
pub(crate) fn in_order_of_preference<'a>(
    keys: &'a [Jwk],
    algorithm: &'a JweKeyManagementAlgorithm,
) -> impl Iterator<Item = &'a Jwk> {
    // With `use` and `alg`, with `use`, with `alg`, with neither.
    let ranks = [(true, true), (true, false), (false, true), (false, false)];
    let suitable = |key: &&Jwk| why_unsuitable(key, algorithm).is_none();
    ranks.into_iter().flat_map(move |rank| {
        let says = |key: &&Jwk| (key.text("use").is_some(), key.text("alg").is_some());
        keys.iter()
            .filter(move |key| says(key) == rank)
            .filter(suitable)
    })
}

/// What in a key's own words speaks against it; `None` when nothing does.
pub(crate) fn why_unsuitable(key: &Jwk, algorithm: &JweKeyManagementAlgorithm) -> Option<String> {
    let other = |member, expected| {
        let found = key.text(member).filter(|found| *found != expected)?;
        let found: String = found.chars().take(SHOWN).collect();
        Some(format!("`{member}` is {found:?}, not {expected:?}"))
    };
    other("use", "enc")
        .or_else(|| other("alg", algorithm.as_str()))
        .or_else(|| match key.members().get("key_ops")? {
            // A public key for key agreement has no operation of its own in Web Crypto, which
            // exports it with an empty list.
            Value::Array(all) if all.is_empty() => None,
            Value::Array(all) if all.iter().any(is_for_encryption) => None,
            _ => Some(format!("`key_ops` has none of {}", OPERATIONS.join(", "))),
        })
}

fn is_for_encryption(operation: &Value) -> bool {
    operation
        .as_str()
        .is_some_and(|own| OPERATIONS.contains(&own))
}

/// Whether an issuer's key may have made a signature: its type is the algorithm's, and its own
/// words say nothing else.
pub(crate) fn is_for_verification(key: &Jwk, algorithm: &JwsAlgorithm) -> bool {
    let (kty, crv) = match algorithm.as_str() {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => ("RSA", None),
        "ES256" => ("EC", Some("P-256")),
        "ES384" => ("EC", Some("P-384")),
        "ES512" => ("EC", Some("P-521")),
        "Ed25519" | "EdDSA" => ("OKP", Some("Ed25519")),
        // Of one that is not known here the verifier knows the type.
        _ => (key.kty(), key.text("crv")),
    };
    // RFC 9864 gave a second name to the one algorithm of this curve.
    let name = |alg| if alg == "EdDSA" { "Ed25519" } else { alg };
    let is_type = key.kty() == kty && crv.is_none_or(|crv| key.text("crv") == Some(crv));
    let is_use = key.text("use").is_none_or(|own| own == "sig");
    let is_alg = key
        .text("alg")
        .is_none_or(|own| name(own) == name(algorithm.as_str()));
    let verifies = match key.members().get("key_ops") {
        None => true,
        Some(Value::Array(all)) => all.iter().any(|one| one == "verify"),
        Some(_) => false,
    };
    is_type && is_use && is_alg && verifies
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `kid` of the keys that may be used with RSA-OAEP-256, in order.
    fn chosen(keys: &str) -> Vec<String> {
        let keys: Vec<Jwk> = serde_json::from_str(keys).unwrap();
        in_order_of_preference(&keys, &JweKeyManagementAlgorithm::RSA_OAEP_256)
            .map(|key| key.kid().unwrap_or("-").to_owned())
            .collect()
    }

    #[test]
    fn a_key_that_says_it_is_for_something_else_is_never_used() {
        for other in [
            r#""use":"sig""#,
            r#""use":"ENC""#,
            r#""alg":"RSA-OAEP""#,
            r#""use":"enc","alg":"RSA-OAEP""#,
            r#""key_ops":["verify"]"#,
            r#""key_ops":"encrypt""#,
        ] {
            let keys = format!(r#"[{{"kty":"RSA",{other}}}]"#);
            assert!(chosen(&keys).is_empty(), "{other}");
        }
        for good in [
            r#""use":"enc""#,
            r#""alg":"RSA-OAEP-256""#,
            r#""key_ops":["wrapKey","verify"]"#,
            r#""key_ops":[]"#,
            r#""x":1"#,
        ] {
            let keys = format!(r#"[{{"kty":"RSA",{good}}}]"#);
            assert_eq!(chosen(&keys).len(), 1, "{good}");
        }
    }

    #[test]
    fn use_comes_before_alg_and_alg_before_the_order_of_the_set() {
        let keys = r#"[
            {"kty":"RSA","kid":"nothing"},
            {"kty":"RSA","kid":"alg","alg":"RSA-OAEP-256"},
            {"kty":"RSA","kid":"enc","use":"enc"},
            {"kty":"RSA","kid":"enc too","use":"enc"},
            {"kty":"RSA","kid":"enc, alg","use":"enc","alg":"RSA-OAEP-256"}
        ]"#;
        assert_eq!(
            chosen(keys),
            ["enc, alg", "enc", "enc too", "alg", "nothing"]
        );
    }
}
