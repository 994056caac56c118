use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::vocabulary::{InvalidValue, JwsAlgorithm};

/// Members that only private and symmetric keys have (RFC 7518 6.2.2, 6.3.2, 6.4).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Members that are text wherever they occur (RFC 7517 4).
const TEXT_MEMBERS: [&str; 4] = ["kty", "use", "alg", "kid"];

/// A public JSON Web Key that loses nothing: every member is kept as it was given
/// ([RFC 7517 4]). Of a member that is given twice the last one counts.
///
/// A clone shares the members.
///
/// [RFC 7517 4]: https://www.rfc-editor.org/rfc/rfc7517#section-4
#[derive(Clone)]
pub struct Jwk(Arc<Members>);

struct Members {
    map: Map<String, Value>,
    digest: OnceLock<[u8; 32]>,
}

impl Jwk {
    /// Takes the members of a public key.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when `kty` is missing, when `kty`, `use`, `alg` or `kid` is no string, or
    /// when a member belongs to a private or symmetric key: such a key must not be published or
    /// accepted from a client.
    pub fn try_new(members: Map<String, Value>) -> Result<Self, InvalidValue> {
        if !members.contains_key("kty") {
            return Err(InvalidValue("a JWK has a `kty` member".into()));
        }
        let is_text = |name: &str| members.get(name).is_none_or(Value::is_string);
        if let Some(other) = TEXT_MEMBERS.into_iter().find(|name| !is_text(name)) {
            return Err(InvalidValue(format!("`{other}` of a JWK is a string")));
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
        Ok(Self::of(members))
    }

    fn of(map: Map<String, Value>) -> Self {
        let digest = OnceLock::new();
        Self(Arc::new(Members { map, digest }))
    }

    /// A key without material.
    #[cfg(feature = "testing")]
    pub(crate) fn fixed_for_tests() -> Self {
        Self::of(Map::from_iter([("kty".to_owned(), "fixed".into())]))
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
        self.members().get(member)?.as_str()
    }

    /// All members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0.map
    }

    /// The SHA-256 of all members, computed once. Keys with one digest are one key.
    pub(crate) fn digest(&self) -> &[u8; 32] {
        let json = |map| serde_json::to_vec(map).unwrap_or_default(); // maps of text always have one
        self.0
            .digest
            .get_or_init(|| Sha256::digest(json(&self.0.map)).into())
    }

    /// The key as a server publishes it for the algorithms that it signs with: `use` is `sig`,
    /// and `alg` stands there only if the key signs with exactly one algorithm, so that it can
    /// never differ from a header's `alg`.
    pub(crate) fn for_publication(&self, kid: &str, algorithms: &[&JwsAlgorithm]) -> Self {
        let mut members = self.members().clone();
        members.insert("kid".into(), kid.into());
        members.insert("use".into(), "sig".into());
        match algorithms {
            [only] => members.insert("alg".into(), only.as_str().into()),
            _ => members.remove("alg"),
        };
        Self::of(members)
    }
}

impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        self.members() == other.members()
    }
}

impl Eq for Jwk {}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members().serialize(serializer)
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

/// A JWK Set: what a server publishes at its `jwks_uri`, or a client registers as `jwks`
/// ([RFC 7517 5]).
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
        assert!(serde_json::from_str::<Jwk>(r#"{"kty":"EC","kid":1}"#).is_err());
    }

    #[test]
    fn the_published_alg_is_absent_when_the_key_serves_two_algorithms() {
        let key: Jwk = serde_json::from_str(r#"{"kty":"OKP","alg":"EdDSA"}"#).unwrap();
        let one = key.for_publication("k", &[&JwsAlgorithm::ED25519]);
        assert_eq!(one.text("alg"), Some("Ed25519"));
        let two = key.for_publication("k", &[&JwsAlgorithm::ED25519, &JwsAlgorithm::EDDSA]);
        assert_eq!(two.text("alg"), None);
        assert_eq!(two.text("use"), Some("sig"));
    }

    #[test]
    fn another_member_makes_another_digest() {
        let key = |json: &str| serde_json::from_str::<Jwk>(json).unwrap();
        let one = key(r#"{"kty":"EC","crv":"P-256"}"#);
        assert_eq!(one.digest(), key(r#"{"kty":"EC","crv":"P-256"}"#).digest());
        assert_ne!(one.digest(), key(r#"{"kty":"EC","crv":"P-384"}"#).digest());
    }
}
