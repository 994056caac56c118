use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::vocabulary::{InvalidValue, JwsAlgorithm};

/// Members that only private and symmetric keys have (RFC 7518 6.2.2, 6.3.2, 6.4; `priv` is that of
/// post-quantum key types).
const SECRET_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// Members that are text wherever they occur (RFC 7517 4).
const TEXT_MEMBERS: [&str; 4] = ["kty", "use", "alg", "kid"];

/// How many JSON values a key may consist of. The largest in use have a certificate chain; each
/// value takes some hundred octets of memory, whoever registered it.
const VALUES: usize = 64;

/// How many keys a set may have. Whoever rotates keys has a handful.
const KEYS: usize = 100;

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
    digest: OnceLock<Option<[u8; 32]>>,
}

impl Jwk {
    /// Takes the members of a public key.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when `kty` is missing, when `kty`, `use`, `alg` or `kid` is no string, when
    /// a member belongs to a private or symmetric key, which must not be published or accepted from
    /// a client, or when there are more than 64 values in it. The text never repeats a value.
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
        if members.values().map(values).sum::<usize>() > VALUES {
            return Err(InvalidValue(format!("a JWK has {VALUES} values at most")));
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

    /// The SHA-256 of all members, computed once for this key and its clones. Keys with one digest
    /// are one key.
    pub(crate) fn digest(&self) -> Option<&[u8; 32]> {
        let digest = || {
            let json = serde_json::to_vec(&self.0.map).ok()?;
            Some(Sha256::digest(json).into())
        };
        self.0.digest.get_or_init(digest).as_ref()
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

/// The values in a value, itself included.
fn values(value: &Value) -> usize {
    1 + match value {
        Value::Array(all) => all.iter().map(values).sum(),
        Value::Object(all) => all.values().map(values).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// An error repeats nothing of what it was read from: it may be a private key, sent by mistake.
impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refuse = || D::Error::custom("a JWK is a JSON object");
        match Value::deserialize(deserializer).map_err(|_| refuse())? {
            Value::Object(members) => Self::try_new(members).map_err(D::Error::custom),
            _ => Err(refuse()),
        }
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JwkSet {
    /// The keys, in order.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// Reads what was fetched from a `jwks_uri`. A key that cannot be read, such as one of a type
    /// that is not known yet, is left out, and the others stay ([RFC 7517 5]); of more than 100 the
    /// first are read.
    ///
    /// ```
    /// use jarm_core::jose::JwkSet;
    ///
    /// let set = JwkSet::from_fetched(br#"{"keys": [{"kty": 7}, {"kty": "EC", "kid": "a"}]}"#)?;
    /// assert_eq!(set.keys[0].kid(), Some("a"));
    /// # Ok::<(), jarm_core::InvalidValue>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is no JSON object with an array `keys`. The text repeats nothing.
    ///
    /// [RFC 7517 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
    pub fn from_fetched(json: &[u8]) -> Result<Self, InvalidValue> {
        #[derive(Deserialize)]
        struct Fetched {
            keys: Vec<Value>,
        }
        let refuse = |_| InvalidValue("a JWK Set is a JSON object with an array `keys`".into());
        let Fetched { keys } = serde_json::from_slice(json).map_err(refuse)?;
        let read = |key: Value| match key {
            Value::Object(members) => Jwk::try_new(members).ok(),
            _ => None,
        };
        Ok(keys.into_iter().take(KEYS).filter_map(read).collect())
    }
}

/// As with a single key, an error repeats nothing. A set has 100 keys at most.
impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SetVisitor)
    }
}

/// Reads member by member, so that an error has its path.
struct SetVisitor;

impl<'de> Visitor<'de> for SetVisitor {
    type Value = JwkSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JWK Set, which is a JSON object with an array `keys`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<JwkSet, A::Error> {
        let mut keys = None;
        while let Some(name) = members.next_key::<String>()? {
            if name == "keys" {
                keys = Some(members.next_value::<Keys>()?.0);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        let keys = keys.ok_or_else(|| A::Error::custom("a JWK Set has an array `keys`"))?;
        Ok(JwkSet { keys })
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<JwkSet, E> {
        Err(E::custom("a JWK Set is a JSON object, and this is a text"))
    }
}

struct Keys(Vec<Jwk>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeysVisitor).map(Self)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Vec<Jwk>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of JWKs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Vec<Jwk>, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = all.next_element()? {
            if keys.len() == KEYS {
                let why = format!("a JWK Set has {KEYS} keys at most");
                return Err(A::Error::custom(why));
            }
            keys.push(key);
        }
        Ok(keys)
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Vec<Jwk>, E> {
        Err(E::custom("`keys` is an array, and this is a text"))
    }
}

impl FromIterator<Jwk> for JwkSet {
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Self {
        let keys = keys.into_iter().collect();
        Self { keys }
    }
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
    fn an_error_repeats_nothing_of_a_key_that_was_sent_by_mistake() {
        for sent in [
            r#""{\"kty\":\"RSA\",\"d\":\"c4nary\"}""#,
            r#"{"keys":"c4nary"}"#,
            r#"{"keys":["-----BEGIN PRIVATE KEY-----c4nary"]}"#,
            r#"{"keys":[{"kty":"RSA","d":"c4nary"}]}"#,
            r#"{"keys":[{"kty":["c4nary"]}]}"#,
            r#"["c4nary"]"#,
        ] {
            let error = serde_json::from_str::<JwkSet>(sent)
                .unwrap_err()
                .to_string();
            assert!(!error.contains("c4nary"), "{error}");
        }
        let key = serde_json::from_str::<Jwk>(r#""c4nary""#)
            .unwrap_err()
            .to_string();
        assert!(!key.contains("c4nary"), "{key}");
    }

    #[test]
    fn a_key_and_a_set_take_little_memory() {
        let with = |values| {
            let values = vec![serde_json::json!({ "": 0 }); values];
            serde_json::json!({ "kty": "EC", "z": values })
        };
        assert!(serde_json::from_value::<Jwk>(with(31)).is_ok());
        assert!(serde_json::from_value::<Jwk>(with(32)).is_err());
        let set =
            |keys| serde_json::json!({ "keys": vec![serde_json::json!({ "kty": "" }); keys] });
        assert!(serde_json::from_value::<JwkSet>(set(100)).is_ok());
        assert!(serde_json::from_value::<JwkSet>(set(101)).is_err());
    }

    #[test]
    fn one_odd_key_leaves_the_rest_of_a_fetched_set() {
        let fetched = |json: &str| JwkSet::from_fetched(json.as_bytes());
        let odd =
            r#"{"keys":[7,{"kty":1},{"kty":"EC","d":"c4nary"},{"kid":"x"},{"kty":"EC"}],"x":1}"#;
        assert_eq!(fetched(odd).unwrap().keys.len(), 1);
        let many = serde_json::json!({ "keys": vec![serde_json::json!({ "kty": "" }); 101] });
        assert_eq!(fetched(&many.to_string()).unwrap().keys.len(), 100);
        for other in [
            "",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[]"#,
            r#""c4nary""#,
        ] {
            let error = fetched(other).unwrap_err().to_string();
            assert!(!error.contains("c4nary"), "{error}");
        }
    }

    #[test]
    fn another_member_makes_another_digest() {
        let key = |json: &str| serde_json::from_str::<Jwk>(json).unwrap();
        let one = key(r#"{"kty":"EC","crv":"P-256"}"#);
        assert_eq!(one.digest(), key(r#"{"kty":"EC","crv":"P-256"}"#).digest());
        assert_ne!(one.digest(), key(r#"{"kty":"EC","crv":"P-384"}"#).digest());
    }
}
