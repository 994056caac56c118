//! Public JSON Web Keys: those of clients, read for encryption, and those of authorization servers,
//! read for verification ([RFC 7518 6], [RFC 8037 2]).
//!
//! [RFC 7518 6]: https://www.rfc-editor.org/rfc/rfc7518#section-6
//! [RFC 8037 2]: https://www.rfc-editor.org/rfc/rfc8037#section-2

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm_core::jose::{Jwk, PublicKeyError};
use serde_json::Value;

use super::rsa::{PublicFault, check_public, significant};
use super::{Curve, Group};

/// The longest text of a number: far beyond the largest modulus, which has 1366 characters, and
/// short enough that whoever registers a key cannot keep the server busy with it.
const LONGEST: usize = 4096;

/// Modulus and exponent, big endian and without leading zeros. Such zeros are tolerated, because
/// keys with them are in use
/// ([RFC 7518 6.3.1.1](https://www.rfc-editor.org/rfc/rfc7518#section-6.3.1.1)).
pub(crate) fn rsa(jwk: &Jwk) -> Result<(Vec<u8>, Vec<u8>), PublicKeyError> {
    if jwk.kty() != "RSA" {
        return Err(unsupported("`kty` is not RSA"));
    }
    let number = |name| octets(jwk, name).map(|octets| significant(&octets).to_vec());
    let (n, e) = (number("n")?, number("e")?);
    check_public(&n, &e).map_err(|fault| match fault {
        PublicFault::Modulus { bits } => invalid(format!(
            "`n` has {bits} bits: an RSA key here has 2048 to 8192"
        )),
        PublicFault::EvenModulus => invalid("`n` is even: an RSA modulus is odd"),
        PublicFault::Exponent => {
            invalid("`e` must be odd, above 1 and at most 33 bits: use 65537, which is `AQAB`")
        }
    })?;
    Ok((n, e))
}

/// A key for agreement, checked but for what needs arithmetic on a NIST curve: an uncompressed
/// SEC1 point, or the 32 octets of X25519.
pub(crate) fn agreement(jwk: &Jwk) -> Result<(Group, Vec<u8>), PublicKeyError> {
    match jwk.kty() {
        "EC" => {
            let curve = curve(jwk)?;
            Ok((Group::Nist(curve), point(jwk, curve)?))
        }
        "OKP" => Ok((Group::X25519, x25519(jwk)?)),
        _ => Err(unsupported("`kty` is neither EC nor OKP")),
    }
}

/// A key for ECDSA: an uncompressed SEC1 point, which may be off the curve.
pub(crate) fn ecdsa(jwk: &Jwk, needed: Curve) -> Result<Vec<u8>, PublicKeyError> {
    if jwk.kty() != "EC" {
        return Err(unsupported("`kty` is not EC"));
    }
    if curve(jwk)? != needed {
        let crv = needed.crv();
        return Err(unsupported(format!("`crv` is not {crv}")));
    }
    point(jwk, needed)
}

/// A key for Ed25519, which is a point of its curve and not one of low order: such a key verifies
/// one signature of almost any message. An encoding that is not the point's own is refused, because
/// not every library reads it
/// ([RFC 8032 5.1.3](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.3)).
pub(crate) fn ed25519(jwk: &Jwk) -> Result<Vec<u8>, PublicKeyError> {
    if jwk.kty() != "OKP" {
        return Err(unsupported("`kty` is not OKP"));
    }
    if text(jwk, "crv")? != "Ed25519" {
        return Err(unsupported("`crv` is not Ed25519"));
    }
    let public = coordinate(jwk, "x", 32)?;
    if !is_strong_edwards(&public) {
        return Err(invalid(
            "`x` is no point of Ed25519, or one of low order: anyone can sign for such a key",
        ));
    }
    Ok(public)
}

/// Whether these octets are the one encoding of a point that is not of low order.
pub(crate) fn is_strong_edwards(point: &[u8]) -> bool {
    // The largest number below the field's prime is 0x7f, thirty times 0xff, and 0xec.
    let is_reduced = |octets: &[u8; 32]| match octets {
        [first, middle @ .., last] => {
            *first < 0xed || last & 0x7f != 0x7f || middle.iter().any(|octet| *octet != 0xff)
        }
    };
    <[u8; 32]>::try_from(point)
        .ok()
        .filter(is_reduced)
        .and_then(|octets| ed25519_dalek::VerifyingKey::from_bytes(&octets).ok())
        .is_some_and(|key| !key.is_weak())
}

/// What a backend says of coordinates that are off the curve.
pub(crate) fn not_on_curve(crv: &str) -> PublicKeyError {
    invalid(format!("the point is not on {crv}: look at `x` and `y`"))
}

fn curve(jwk: &Jwk) -> Result<Curve, PublicKeyError> {
    Curve::from_crv(text(jwk, "crv")?)
        .ok_or_else(|| unsupported("`crv` of an EC key is not one of P-256, P-384 and P-521"))
}

fn point(jwk: &Jwk, curve: Curve) -> Result<Vec<u8>, PublicKeyError> {
    let mut public = vec![4];
    public.extend(coordinate(jwk, "x", curve.octets())?);
    public.extend(coordinate(jwk, "y", curve.octets())?);
    Ok(public)
}

/// The highest bit of `x`, and a value above the field's prime, are taken as every implementation
/// takes them: the bit is ignored, the value reduced ([RFC 7748 5]).
///
/// [RFC 7748 5]: https://www.rfc-editor.org/rfc/rfc7748#section-5
fn x25519(jwk: &Jwk) -> Result<Vec<u8>, PublicKeyError> {
    if text(jwk, "crv")? != "X25519" {
        return Err(unsupported("`crv` of an OKP key is not X25519"));
    }
    let public = coordinate(jwk, "x", 32)?;
    if is_of_low_order(&public) {
        return Err(invalid(
            "`x` is a point of low order: anyone can compute what is agreed upon with it",
        ));
    }
    Ok(public)
}

/// X25519 takes each point of low order to zero, whatever the private key, and no other point
/// ([RFC 7748 6.1](https://www.rfc-editor.org/rfc/rfc7748#section-6.1)).
fn is_of_low_order(public: &[u8]) -> bool {
    const ANY_PRIVATE_KEY: [u8; 32] = [1; 32];
    <[u8; 32]>::try_from(public)
        .is_ok_and(|public| x25519_dalek::x25519(ANY_PRIVATE_KEY, public) == [0; 32])
}

fn coordinate(jwk: &Jwk, name: &str, length: usize) -> Result<Vec<u8>, PublicKeyError> {
    let octets = octets(jwk, name)?;
    let wrong = || invalid(format!("`{name}` must have {length} octets"));
    (octets.len() == length).then_some(octets).ok_or_else(wrong)
}

/// Strict base64url without padding ([RFC 7515 2](https://www.rfc-editor.org/rfc/rfc7515#section-2)).
fn octets(jwk: &Jwk, name: &str) -> Result<Vec<u8>, PublicKeyError> {
    let text = text(jwk, name)?;
    if text.len() > LONGEST {
        return Err(invalid(format!(
            "`{name}` is longer than {LONGEST} characters: it is no number of a key"
        )));
    }
    let refused = |_| invalid(format!("`{name}` is not base64url without padding"));
    URL_SAFE_NO_PAD.decode(text).map_err(refused)
}

fn text<'a>(jwk: &'a Jwk, name: &str) -> Result<&'a str, PublicKeyError> {
    match jwk.members().get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(invalid(format!("`{name}` is not a string"))),
        None => Err(invalid(format!("`{name}` is missing"))),
    }
}

fn invalid(reason: impl Into<String>) -> PublicKeyError {
    PublicKeyError::Invalid(reason.into())
}

fn unsupported(reason: impl Into<String>) -> PublicKeyError {
    PublicKeyError::Unsupported(reason.into())
}
