//! PKCS#8 ([RFC 5958]), PKCS#1 ([RFC 8017 A.1.2]) and SEC1 ([RFC 5915]).
//!
//! [RFC 5958]: https://www.rfc-editor.org/rfc/rfc5958
//! [RFC 8017 A.1.2]: https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2
//! [RFC 5915]: https://www.rfc-editor.org/rfc/rfc5915

use ::rsa::pkcs1;
pub(crate) use ::rsa::pkcs8::der::SecretDocument;
use ::rsa::pkcs8::der::asn1::{OctetStringRef, UintRef};
use ::rsa::pkcs8::der::{Decode as _, Encode as _};
use ::rsa::pkcs8::{AlgorithmIdentifierRef, LineEnding, ObjectIdentifier, PrivateKeyInfo};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::{Curve, EcNumbers, KeyMaterial, OkpNumbers, RsaNumbers};
use crate::KeyError;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const CURVES: [(ObjectIdentifier, Curve); 3] = [
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        Curve::P256,
    ),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521),
];

pub(crate) fn read_pkcs8(der: &[u8]) -> Result<KeyMaterial, KeyError> {
    let info = PrivateKeyInfo::from_der(der).map_err(|_| KeyError::Der)?;
    match info.algorithm.oid {
        RSA => read_pkcs1(info.private_key),
        EC => {
            let curve = curve(info.algorithm.parameters_oid().ok())?;
            read_ec(info.private_key, Some(curve))
        }
        ED25519 => read_okp(&info).map(KeyMaterial::Ed25519),
        X25519 => read_okp(&info).map(KeyMaterial::X25519),
        other => Err(KeyError::UnsupportedKeyType {
            found: other.to_string(),
        }),
    }
}

pub(crate) fn read_pkcs1(der: &[u8]) -> Result<KeyMaterial, KeyError> {
    let Ok(key) = pkcs1::RsaPrivateKey::from_der(der) else {
        let is_public = pkcs1::RsaPublicKey::from_der(der).is_ok();
        return Err(if is_public {
            KeyError::PublicKey
        } else {
            KeyError::Der
        });
    };
    if key.other_prime_infos.is_some() {
        return Err(KeyError::UnsupportedKeyType {
            found: "RSA with more than two primes".into(),
        });
    }
    let open = |number: UintRef<'_>| number.as_bytes().to_vec();
    let secret = |number: UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
    Ok(KeyMaterial::Rsa(RsaNumbers {
        n: open(key.modulus),
        e: open(key.public_exponent),
        d: secret(key.private_exponent),
        p: secret(key.prime1),
        q: secret(key.prime2),
        dp: secret(key.exponent1),
        dq: secret(key.exponent2),
        qi: secret(key.coefficient),
    }))
}

pub(crate) fn read_sec1(der: &[u8]) -> Result<KeyMaterial, KeyError> {
    read_ec(der, None)
}

/// Writes PKCS#1 for a backend that wants it.
#[cfg(feature = "aws-lc-rs")]
pub(crate) fn write_pkcs1(key: &RsaNumbers) -> Result<SecretDocument, KeyError> {
    let RsaNumbers {
        n,
        e,
        d,
        p,
        q,
        dp,
        dq,
        qi,
    } = key;
    let number = |octets| UintRef::new(octets).map_err(|_| KeyError::Inconsistent);
    let key = pkcs1::RsaPrivateKey {
        modulus: number(n)?,
        public_exponent: number(e)?,
        private_exponent: number(d)?,
        prime1: number(p)?,
        prime2: number(q)?,
        exponent1: number(dp)?,
        exponent2: number(dq)?,
        coefficient: number(qi)?,
        other_prime_infos: None,
    };
    SecretDocument::encode_msg(&key).map_err(|_| KeyError::Inconsistent)
}

/// Writes SEC1 without the public point, so that the backend derives it.
#[cfg(feature = "aws-lc-rs")]
pub(crate) fn write_sec1(key: &EcNumbers) -> Result<SecretDocument, KeyError> {
    let key = EcPrivateKey {
        private_key: &key.d,
        parameters: None,
        public_key: None,
    };
    SecretDocument::encode_msg(&key).map_err(|_| KeyError::Inconsistent)
}

/// Writes PKCS#8 of an X25519 key, which no library here does: version 1, without the public key.
pub(crate) fn write_x25519(d: &[u8]) -> Result<SecretDocument, KeyError> {
    let failed = |_| KeyError::Backend;
    let octets = OctetStringRef::new(d).map_err(failed)?;
    let octets = octets.to_der().map(Zeroizing::new).map_err(failed)?;
    let algorithm = AlgorithmIdentifierRef {
        oid: X25519,
        parameters: None,
    };
    let info = PrivateKeyInfo::new(algorithm, &octets);
    SecretDocument::encode_msg(&info).map_err(failed)
}

pub(crate) fn pem(pkcs8: &SecretDocument) -> Result<Zeroizing<String>, KeyError> {
    pkcs8
        .to_pem("PRIVATE KEY", LineEnding::LF)
        .map_err(|_| KeyError::Backend)
}

fn read_ec(der: &[u8], curve: Option<Curve>) -> Result<KeyMaterial, KeyError> {
    let key = EcPrivateKey::from_der(der).map_err(|_| KeyError::Der)?;
    let named = key
        .parameters
        .map(|named| self::curve(named.named_curve()))
        .transpose()?;
    let curve = match (curve, named) {
        (Some(outer), Some(inner)) if outer != inner => return Err(KeyError::Inconsistent),
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => {
            return Err(KeyError::UnsupportedCurve {
                found: "unnamed".into(),
            });
        }
    };
    let d = fixed_length(key.private_key, curve.octets()).ok_or(KeyError::Inconsistent)?;
    Ok(KeyMaterial::Ec(EcNumbers {
        curve,
        d,
        point: key.public_key.map(<[u8]>::to_vec),
    }))
}

/// Some writers drop leading zeros and some add them, against RFC 5915 3.
fn fixed_length(number: &[u8], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let number = super::rsa::significant(number);
    let zeros = length.checked_sub(number.len())?;
    let mut fixed = Zeroizing::new(Vec::with_capacity(length));
    fixed.resize(zeros, 0);
    fixed.extend_from_slice(number);
    Some(fixed)
}

/// [RFC 8410 7](https://www.rfc-editor.org/rfc/rfc8410#section-7): an octet string in another.
fn read_okp(info: &PrivateKeyInfo<'_>) -> Result<OkpNumbers, KeyError> {
    let d = OctetStringRef::from_der(info.private_key).map_err(|_| KeyError::Der)?;
    let d = d
        .as_bytes()
        .try_into()
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Der)?;
    let public = info.public_key.map(<[u8]>::to_vec);
    Ok(OkpNumbers { d, public })
}

fn curve(named: Option<ObjectIdentifier>) -> Result<Curve, KeyError> {
    let Some(named) = named else {
        return Err(KeyError::UnsupportedCurve {
            found: "explicit parameters".into(),
        });
    };
    let known = CURVES
        .into_iter()
        .find(|(oid, _)| *oid == named)
        .map(|(_, curve)| curve);
    known.ok_or_else(|| KeyError::UnsupportedCurve {
        found: named.to_string(),
    })
}
