//! Private JSON Web Keys ([RFC 7517], [RFC 7518 6], [RFC 8037 2]).
//!
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517
//! [RFC 7518 6]: https://www.rfc-editor.org/rfc/rfc7518#section-6
//! [RFC 8037 2]: https://www.rfc-editor.org/rfc/rfc8037#section-2

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::rsa::significant;
use super::{Curve, EcNumbers, KeyMaterial, Octets, OkpNumbers, Purpose, RsaNumbers};
use crate::KeyError;

/// What `key_ops` of a key that decrypts has one of: which one depends on the algorithm, and writers
/// of such keys differ ([RFC 7517 4.3](https://www.rfc-editor.org/rfc/rfc7517#section-4.3)).
const DECRYPTING: [&str; 4] = ["decrypt", "unwrapKey", "deriveKey", "deriveBits"];

/// The members that matter here. A member that occurs twice is refused.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct PrivateJwk {
    kty: String,
    pub(crate) kid: Option<String>,
    pub(crate) alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<String>,
    p: Option<String>,
    q: Option<String>,
    dp: Option<String>,
    dq: Option<String>,
    qi: Option<String>,
    #[zeroize(skip)]
    oth: Option<serde::de::IgnoredAny>,
}

impl PrivateJwk {
    pub(crate) fn from_value(json: &Value) -> Result<Self, KeyError> {
        let refused = |_| refuse("no JSON with the members of a JWK");
        Self::deserialize(json).map_err(refused)
    }

    /// The numbers of the key, if the JWK is one for the purpose.
    pub(crate) fn material(&self, purpose: Purpose) -> Result<KeyMaterial, KeyError> {
        if self.kty == "oct" {
            return Err(KeyError::SharedSecret);
        }
        self.check_purpose(purpose)?;
        match self.kty.as_str() {
            "RSA" | "EC" | "OKP" if self.d.is_none() => Err(KeyError::PublicKey),
            "RSA" => self.rsa(),
            "EC" => self.ec(),
            "OKP" => self.okp(),
            other => Err(KeyError::UnsupportedKeyType {
                found: other.into(),
            }),
        }
    }

    /// `use` and `key_ops` ([RFC 7517 4.2, 4.3](https://www.rfc-editor.org/rfc/rfc7517#section-4.2)).
    fn check_purpose(&self, purpose: Purpose) -> Result<(), KeyError> {
        let (needed, operations, refused) = match purpose {
            Purpose::Signing => ("sig", &["sign"][..], KeyError::NotForSigning),
            Purpose::Decryption => ("enc", &DECRYPTING[..], KeyError::NotForDecryption),
        };
        let is_for = self.r#use.as_deref().is_none_or(|named| named == needed);
        let may = self
            .key_ops
            .as_ref()
            .is_none_or(|all| all.iter().any(|one| operations.contains(&one.as_str())));
        (is_for && may).then_some(()).ok_or(refused)
    }

    fn rsa(&self) -> Result<KeyMaterial, KeyError> {
        if self.oth.is_some() {
            return Err(refuse(
                "`oth` is not supported: use an RSA key with two primes",
            ));
        }
        let number = |name, value| {
            let octets = octets(name, value)?;
            Ok::<Octets, KeyError>(Zeroizing::new(significant(&octets).to_vec()))
        };
        Ok(KeyMaterial::Rsa(RsaNumbers {
            n: number("n", self.n.as_deref())?.to_vec(),
            e: number("e", self.e.as_deref())?.to_vec(),
            d: number("d", self.d.as_deref())?,
            p: number("p", self.p.as_deref())?,
            q: number("q", self.q.as_deref())?,
            dp: number("dp", self.dp.as_deref())?,
            dq: number("dq", self.dq.as_deref())?,
            qi: number("qi", self.qi.as_deref())?,
        }))
    }

    fn ec(&self) -> Result<KeyMaterial, KeyError> {
        let crv = self.crv()?;
        let unsupported = || KeyError::UnsupportedCurve { found: crv.into() };
        let curve = Curve::from_crv(crv).ok_or_else(unsupported)?;
        let [x, y, d] = [("x", &self.x), ("y", &self.y), ("d", &self.d)].map(|(name, value)| {
            let octets = octets(name, value.as_deref())?;
            let wrong = || refuse(format!("`{name}` must have {} octets", curve.octets()));
            (octets.len() == curve.octets())
                .then_some(octets)
                .ok_or_else(wrong)
        });
        let mut point = vec![4];
        point.extend_from_slice(&x?);
        point.extend_from_slice(&y?);
        Ok(KeyMaterial::Ec(EcNumbers {
            curve,
            d: d?,
            point: Some(point),
        }))
    }

    fn okp(&self) -> Result<KeyMaterial, KeyError> {
        let material = match self.crv()? {
            "Ed25519" => KeyMaterial::Ed25519,
            "X25519" => KeyMaterial::X25519,
            other => {
                return Err(KeyError::UnsupportedCurve {
                    found: other.into(),
                });
            }
        };
        let public = octets("x", self.x.as_deref())?.to_vec();
        let d = octets("d", self.d.as_deref())?;
        let d = <[u8; 32]>::try_from(d.as_slice()).map(Zeroizing::new);
        let d = d.map_err(|_| refuse("`d` must have 32 octets"))?;
        let public = Some(public);
        Ok(material(OkpNumbers { d, public }))
    }

    fn crv(&self) -> Result<&str, KeyError> {
        self.crv
            .as_deref()
            .ok_or_else(|| refuse("`crv` is missing"))
    }
}

/// A set of private keys.
#[derive(Deserialize)]
pub(crate) struct PrivateJwkSet {
    keys: Vec<PrivateJwk>,
}

impl PrivateJwkSet {
    /// Reads every key. An error has the key's index.
    pub(crate) fn read<T>(
        &self,
        read: impl Fn(&PrivateJwk) -> Result<T, KeyError>,
    ) -> Result<Vec<T>, KeyError> {
        let keys = self.keys.iter().enumerate().map(|(index, jwk)| {
            read(jwk).map_err(|source| KeyError::InSet {
                index,
                source: Box::new(source),
            })
        });
        keys.collect()
    }
}

/// Reads a private JWK or a set of them. The message has the place and not the value, which may be
/// a secret.
pub(crate) fn from_text<T: DeserializeOwned>(json: &str) -> Result<T, KeyError> {
    if json.trim().is_empty() {
        return Err(KeyError::Empty);
    }
    serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        refuse(format!(
            "no JSON with the members of a JWK, at line {line}, column {column}"
        ))
    })
}

/// Strict base64url without padding ([RFC 7515 2](https://www.rfc-editor.org/rfc/rfc7515#section-2)).
fn octets(name: &str, value: Option<&str>) -> Result<Octets, KeyError> {
    let value = value.ok_or_else(|| match name {
        "p" | "q" | "dp" | "dq" | "qi" => refuse(format!(
            "`{name}` is missing: an RSA key comes with `p`, `q`, `dp`, `dq` and `qi`"
        )),
        _ => refuse(format!("`{name}` is missing")),
    })?;
    let decoded = URL_SAFE_NO_PAD.decode(value).map(Zeroizing::new);
    decoded.map_err(|_| refuse(format!("`{name}` is not base64url without padding")))
}

fn refuse(reason: impl Into<String>) -> KeyError {
    KeyError::Jwk {
        reason: reason.into(),
    }
}
