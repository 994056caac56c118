//! The public key: read from the token, published as JWK.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::jose::Jwk;
use sha2::{Digest as _, Sha256};

use crate::KeyProblem;

/// The curve P-256 as `CKA_EC_PARAMS` has it: an object identifier in DER.
pub(crate) const P256: [u8; 10] = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

const LEAST_RSA_BITS: usize = 2048;

/// A public key in the canonical form of [RFC 7638 3.2]: the required members in order.
///
/// [RFC 7638 3.2]: https://www.rfc-editor.org/rfc/rfc7638#section-3.2
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    canonical: String,
    signature_length: usize,
}

impl PublicKey {
    /// Takes `CKA_MODULUS` and `CKA_PUBLIC_EXPONENT`.
    pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyProblem> {
        let [n, e] = [modulus, exponent].map(without_leading_zeros);
        let unused_bits = n.first().map_or(0, |octet| octet.leading_zeros() as usize);
        let bits = n.len() * 8 - unused_bits;
        if bits < LEAST_RSA_BITS {
            return Err(KeyProblem::Weak { bits });
        }
        let [n_text, e] = [n, e].map(|octets| URL_SAFE_NO_PAD.encode(octets));
        Ok(Self {
            canonical: format!(r#"{{"e":"{e}","kty":"RSA","n":"{n_text}"}}"#),
            signature_length: n.len(),
        })
    }

    /// Takes `CKA_EC_PARAMS` and `CKA_EC_POINT`: an uncompressed point, which PKCS #11 wraps in a
    /// DER octet string and some modules do not.
    pub(crate) fn p256(parameters: &[u8], point: &[u8]) -> Result<Self, KeyProblem> {
        let xy = match point {
            [4, 65, 4, xy @ ..] | [4, xy @ ..] if xy.len() == 64 => xy,
            _ => return Err(KeyProblem::UnknownForm),
        };
        if parameters != P256 {
            return Err(KeyProblem::UnknownForm);
        }
        let (x, y) = xy.split_at(32);
        let [x, y] = [x, y].map(|octets| URL_SAFE_NO_PAD.encode(octets));
        Ok(Self {
            canonical: format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
            signature_length: xy.len(),
        })
    }

    /// The `kid`, unless the host gives another one.
    pub(crate) fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.canonical))
    }

    pub(crate) fn to_jwk(&self) -> Result<Jwk, KeyProblem> {
        serde_json::from_str(&self.canonical).map_err(|_| KeyProblem::UnknownForm)
    }

    /// How many octets every signature has: those of the modulus, or `R || S`.
    pub(crate) fn signature_length(&self) -> usize {
        self.signature_length
    }
}

fn without_leading_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rsa_thumbprint_is_that_of_rfc_7638() {
        const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let mut modulus = vec![0; 3];
        modulus.extend(URL_SAFE_NO_PAD.decode(N).unwrap());
        let key = PublicKey::rsa(&modulus, &[0, 1, 0, 1]).unwrap();
        // RFC 7638 3.1
        assert_eq!(
            key.thumbprint(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        assert_eq!(key.to_jwk().unwrap().text("n"), Some(N));
        assert_eq!(key.signature_length(), 256);
    }

    #[test]
    fn rsa_below_2048_bits_is_refused() {
        let modulus = |first| {
            let mut octets = vec![0xff; 256];
            octets[0] = first;
            octets
        };
        assert!(PublicKey::rsa(&modulus(0x80), &[3]).is_ok());
        for (modulus, bits) in [(modulus(0x7f), 2047), (Vec::new(), 0), (vec![0; 256], 0)] {
            assert_eq!(
                PublicKey::rsa(&modulus, &[3]),
                Err(KeyProblem::Weak { bits })
            );
        }
    }

    #[test]
    fn a_point_is_read_with_and_without_its_der() {
        // An X that begins as the DER does.
        let mut point = vec![4, 65, 4];
        point.resize(65, 7);
        let bare = PublicKey::p256(&P256, &point).unwrap();
        assert!(bare.to_jwk().unwrap().text("x").unwrap().starts_with("QQQ"));
        let wrapped = [&[4, 65], point.as_slice()].concat();
        assert_eq!(PublicKey::p256(&P256, &wrapped).unwrap(), bare);

        let compressed = [&[2][..], &[7; 32]].concat();
        for (parameters, point) in [
            (&P256[..], compressed.as_slice()),
            (&P256, &point[..64]),
            (&P256[..9], &point),
        ] {
            assert_eq!(
                PublicKey::p256(parameters, point),
                Err(KeyProblem::UnknownForm)
            );
        }
    }
}
