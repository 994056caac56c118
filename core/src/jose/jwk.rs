use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::vocabulary::{InvalidValue, JwsAlgorithm};

/// Members that only private and symmetric keys have (RFC 7518 6.2.2, 6.3.2, 6.4).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public JSON Web Key that loses nothing: every member is kept as it was given
/// ([RFC 7517 4]).
///
/// [RFC 7517 4]: https://www.rfc-editor.org/rfc/rfc7517#section-4
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Jwk(Map<String, Value>);

impl Jwk {
    /// Takes the members of a public key.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when `kty` is missing or no string, or when a member belongs to a
    /// private or symmetric key: such a key must not be published or accepted from a client.
    pub fn try_new(members: Map<String, Value>) -> Result<Self, InvalidValue> {
        if !members.get("kty").is_some_and(Value::is_string) {
            return Err(InvalidValue("a JWK has a `kty` member".into()));
        }
        if members.get("kty").is_some_and(|kty| kty == "oct") {
            return Err(InvalidValue(
                "a symmetric key is not public: `kty` is not `oct`".into(),
            ));
        }
        if let Some(secret) = SECRET_MEMBERS
            .into_iter()
            .find(|name| members.contains_key(*name))
        {
            return Err(InvalidValue(format!(
                "a public JWK has no member `{secret}`: send the public half only"
            )));
        }
        Ok(Self(members))
    }

    /// A key without material.
    #[cfg(feature = "testing")]
    pub(crate) fn fixed_for_tests() -> Self {
        Self(Map::from_iter([("kty".to_owned(), "fixed".into())]))
    }

    /// The key type, such as `RSA`.
    pub fn kty(&self) -> &str {
        self.text("kty").unwrap_or_default()
    }

    /// The key identifier.
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// A member that is a string.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member)?.as_str()
    }

    /// All members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The key as a server publishes it for the algorithms that it signs with: `use` is `sig`,
    /// and `alg` stands there only if the key signs with exactly one algorithm, so that it can
    /// never differ from a header's `alg`.
    pub(crate) fn for_publication(mut self, kid: &str, algorithms: &[&JwsAlgorithm]) -> Self {
        self.0.insert("kid".into(), kid.into());
        self.0.insert("use".into(), "sig".into());
        match algorithms {
            [only] => self.0.insert("alg".into(), only.as_str().into()),
            _ => self.0.remove("alg"),
        };
        self
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_new(Map::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.kty())
            .field("kid", &self.kid())
            .finish()
    }
}

/// A JWK Set: what a server publishes at its `jwks_uri` ([RFC 7517 5]).
///
/// [RFC 7517 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JwkSet {
    /// The keys, in order.
    pub keys: Vec<Jwk>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_jwk_has_no_secret_member() {
        for secret in SECRET_MEMBERS {
            let json = format!(r#"{{"kty":"RSA","n":"AQAB","e":"AQAB","{secret}":"AQ"}}"#);
            let error = serde_json::from_str::<Jwk>(&json).unwrap_err().to_string();
            assert!(error.contains(secret), "{error}");
        }
        let kept: Jwk = serde_json::from_str(r#"{"kty":"EC","x-custom":1}"#).unwrap();
        assert_eq!(
            (kept.kty(), kept.kid(), kept.members().len()),
            ("EC", None, 2)
        );
        assert_eq!(
            serde_json::to_string(&kept).unwrap(),
            r#"{"kty":"EC","x-custom":1}"#
        );
        assert!(serde_json::from_str::<Jwk>("{}").is_err());
        assert!(serde_json::from_str::<Jwk>(r#"{"kty":"oct"}"#).is_err());
    }

    #[test]
    fn the_published_alg_is_absent_when_the_key_serves_two_algorithms() {
        let key: Jwk = serde_json::from_str(r#"{"kty":"OKP","alg":"EdDSA"}"#).unwrap();
        let one = key.clone().for_publication("k", &[&JwsAlgorithm::ED25519]);
        assert_eq!(one.text("alg"), Some("Ed25519"));
        let two = key.for_publication("k", &[&JwsAlgorithm::ED25519, &JwsAlgorithm::EDDSA]);
        assert_eq!(two.text("alg"), None);
        assert_eq!(two.text("use"), Some("sig"));
    }
}
