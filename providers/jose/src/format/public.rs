use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm_core::jose::Jwk;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Curve;
use crate::KeyError;

/// The public part of a key: as the backend derived it from the private part, or as it was read.
pub(crate) enum PublicKey {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { curve: Curve, point: Vec<u8> },
    Ed25519 { x: Vec<u8> },
    X25519 { x: Vec<u8> },
}

impl PublicKey {
    /// The members that make the key, and nothing else: `kty`, and those of
    /// [RFC 7518 6](https://www.rfc-editor.org/rfc/rfc7518#section-6) and
    /// [RFC 8037 2](https://www.rfc-editor.org/rfc/rfc8037#section-2).
    pub(crate) fn to_jwk(&self) -> Result<Jwk, KeyError> {
        let members = self.members()?.into_iter();
        let members = members
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Jwk::try_new(members).map_err(|_| KeyError::Backend)
    }

    /// The SHA-256 thumbprint in base64url ([RFC 7638 3]): those same members in lexicographic
    /// order.
    ///
    /// [RFC 7638 3]: https://www.rfc-editor.org/rfc/rfc7638#section-3
    pub(crate) fn thumbprint(&self) -> Result<String, KeyError> {
        let members = self.members()?.into_iter();
        let json = Value::Object(
            members
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        );
        Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(json.to_string())))
    }

    fn members(&self) -> Result<BTreeMap<&'static str, String>, KeyError> {
        let encode = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
        Ok(match self {
            Self::Rsa { n, e } => {
                BTreeMap::from([("kty", "RSA".into()), ("n", encode(n)), ("e", encode(e))])
            }
            Self::Ec { curve, point } => {
                let (x, y) = coordinates(*curve, point).ok_or(KeyError::Backend)?;
                let crv = curve.crv().into();
                let kty = "EC".into();
                BTreeMap::from([
                    ("kty", kty),
                    ("crv", crv),
                    ("x", encode(x)),
                    ("y", encode(y)),
                ])
            }
            Self::Ed25519 { x } => okp("Ed25519", encode(x)),
            Self::X25519 { x } => okp("X25519", encode(x)),
        })
    }
}

fn okp(crv: &str, x: String) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("kty", "OKP".into()), ("crv", crv.into()), ("x", x)])
}

/// Splits an uncompressed SEC1 point.
pub(crate) fn coordinates(curve: Curve, point: &[u8]) -> Option<(&[u8], &[u8])> {
    let [4, both @ ..] = point else { return None };
    if both.len() != 2 * curve.octets() {
        return None;
    }
    both.split_at_checked(curve.octets())
}
