//! Compact serialisations as they arrive, taken apart strictly: base64url without padding or stray
//! bits, JSON objects whose members occur once ([RFC 7515 2 and 4], [RFC 7519 4]).
//!
//! [RFC 7515 2 and 4]: https://www.rfc-editor.org/rfc/rfc7515#section-2
//! [RFC 7519 4]: https://www.rfc-editor.org/rfc/rfc7519#section-4

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{IvAndTag, Signed, strict_json};

/// Header parameters by which a message would bring its own key ([RFC 8725 3.10]), is to be
/// understood in another way ([RFC 7515 4.1.11]), or was compressed ([RFC 8725 3.6]).
///
/// [RFC 8725 3.10]: https://www.rfc-editor.org/rfc/rfc8725#section-3.10
/// [RFC 7515 4.1.11]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
/// [RFC 8725 3.6]: https://www.rfc-editor.org/rfc/rfc8725#section-3.6
const REFUSED: [&str; 7] = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"];

/// Header parameters that are text wherever they occur.
const TEXTS: [&str; 5] = ["alg", "enc", "kid", "typ", "cty"];

/// A JOSE header.
pub(crate) struct Header(Map<String, Value>);

impl Header {
    fn read(part: &str) -> Result<Self, Malformed> {
        let header = Self(object(part, "header")?);
        let is_text = |name: &&str| header.get(name).is_none_or(Value::is_string);
        let has_texts = TEXTS.iter().all(is_text);
        has_texts.then_some(header).ok_or(Malformed::Json("header"))
    }

    /// A parameter that is there and none that is understood here.
    pub(crate) fn refused(&self) -> Option<&'static str> {
        REFUSED.into_iter().find(|name| self.0.contains_key(*name))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A parameter that is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The `kid`, if there is one.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// Whether a media type, where there is one, is one of these ([RFC 7515 4.1.9]).
    ///
    /// [RFC 7515 4.1.9]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9
    pub(crate) fn says(&self, name: &str, subtypes: &[&str]) -> bool {
        let is_one_of_them = |value: &str| {
            let subtype = value.strip_prefix("application/").unwrap_or(value);
            subtypes.iter().any(|own| own.eq_ignore_ascii_case(subtype))
        };
        self.text(name).is_none_or(is_one_of_them)
    }
}

/// A JWS whose signature nobody has looked at.
pub(crate) struct UnverifiedJws {
    pub(crate) header: Header,
    pub(crate) claims: Map<String, Value>,
    compact: String,
    signature: Vec<u8>,
}

impl UnverifiedJws {
    pub(crate) fn parse(compact: String) -> Result<Self, Malformed> {
        let parts: Vec<_> = compact.split('.').collect();
        let [header, claims, signature] = *parts.as_slice() else {
            return Err(Malformed::Parts);
        };
        Ok(Self {
            header: Header::read(header)?,
            claims: object(claims, "payload")?,
            signature: octets(signature, "signature")?,
            compact,
        })
    }

    /// What was signed, and the signature.
    pub(crate) fn signed(&self) -> Signed<'_> {
        let input = self.compact.rsplit_once('.');
        Signed {
            signing_input: input.map_or(&[], |(input, _)| input.as_bytes()),
            signature: &self.signature,
        }
    }
}

/// A JWE that nobody has decrypted.
pub(crate) struct UndecryptedJwe<'a> {
    pub(crate) header: Header,
    /// The header as it is authenticated.
    pub(crate) protected: &'a str,
    pub(crate) encrypted_key: Vec<u8>,
    pub(crate) iv_and_tag: IvAndTag,
    pub(crate) content: Vec<u8>,
}

impl<'a> UndecryptedJwe<'a> {
    pub(crate) fn parse(compact: &'a str) -> Result<Self, Malformed> {
        let parts: Vec<_> = compact.split('.').collect();
        let [protected, encrypted_key, iv, content, tag] = *parts.as_slice() else {
            return Err(Malformed::Parts);
        };
        Ok(Self {
            header: Header::read(protected)?,
            protected,
            encrypted_key: octets(encrypted_key, "encrypted key")?,
            iv_and_tag: IvAndTag::new(
                &octets(iv, "initialization vector")?,
                &octets(tag, "authentication tag")?,
            ),
            content: octets(content, "ciphertext")?,
        })
    }
}

/// The claims of a JWS, unverified, if it is one.
pub(crate) fn peek_at_claims(compact: &str) -> Option<Map<String, Value>> {
    let jws = UnverifiedJws::parse(compact.to_owned()).ok()?;
    Some(jws.claims)
}

fn object(part: &str, name: &'static str) -> Result<Map<String, Value>, Malformed> {
    strict_json::object(&octets(part, name)?).ok_or(Malformed::Json(name))
}

/// Decodes strictly; `name` is for the error.
pub(crate) fn octets(part: &str, name: &'static str) -> Result<Vec<u8>, Malformed> {
    let refused = |_| Malformed::Base64url(name);
    URL_SAFE_NO_PAD.decode(part).map_err(refused)
}

/// What arrived is no compact serialisation of a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// It has another number of parts than a JWS or a JWE.
    #[error("it is no JWT: a JWS has three parts with dots between them, a JWE five")]
    Parts,
    /// A part is not strict base64url ([RFC 7515 2]).
    ///
    /// [RFC 7515 2]: https://www.rfc-editor.org/rfc/rfc7515#section-2
    #[error("the {0} is not base64url without padding")]
    Base64url(&'static str),
    /// A part is no JSON object in UTF-8 whose members occur once, or is nested too deeply.
    #[error("the {0} is no JSON object whose members occur once and are nested little")]
    Json(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWS: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIn0.c2ln";

    #[test]
    fn a_jws_is_taken_apart() {
        let jws = UnverifiedJws::parse(JWS.into()).unwrap_or_else(|_| panic!());
        assert_eq!(jws.header.text("alg"), Some("HS256"));
        assert_eq!(jws.claims["iss"], "i");
        let Signed {
            signing_input,
            signature,
        } = jws.signed();
        assert_eq!(signing_input, b"eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIn0");
        assert_eq!(signature, b"sig");
    }

    #[test]
    fn nothing_but_strict_base64url_and_json_is_read() {
        use Malformed::{Base64url, Json, Parts};
        for (jws, expected) in [
            ("", Parts),
            ("a.b", Parts),
            ("a.b.c.d", Parts),
            (
                "eyJhbGciOiJIUzI1NiJ9=.eyJpc3MiOiJpIn0.c2ln",
                Base64url("header"),
            ),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIn0.c2 n",
                Base64url("signature"),
            ),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIn0.c2lnZ",
                Base64url("signature"),
            ),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIn0.c2lnZ3",
                Base64url("signature"),
            ), // a stray bit
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIn0.c2+n",
                Base64url("signature"),
            ),
            ("eyJraWQiOjF9.eyJpc3MiOiJpIn0.c2ln", Json("header")), // a number for a `kid`
            ("eyJhbGciOiJIUzI1NiJ9.W10.c2ln", Json("payload")),
            ("eyJhbGciOiJIUzI1NiJ9..c2ln", Json("payload")),
            (".eyJpc3MiOiJpIn0.c2ln", Json("header")),
        ] {
            let found = UnverifiedJws::parse(jws.into()).err();
            assert_eq!(found, Some(expected), "{jws}");
        }
    }
}
