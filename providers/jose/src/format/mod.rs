//! How keys are written: PEM, DER and JWK, read into the numbers that a key consists of.
//! Whatever can be refused without a backend is refused here, so that both builds refuse alike.
//!
//! No private-key operation happens here: what contradicts itself is found by the backend, which
//! computes the public part anew.

pub(crate) mod der;
pub(crate) mod jwk;
pub(crate) mod pem;
mod public;
pub(crate) mod public_jwk;
pub(crate) mod rsa;

use zeroize::Zeroizing;

pub(crate) use public::{PublicKey, coordinates};
pub(crate) use rsa::RsaNumbers;

use crate::KeyError;

/// Secret octets.
pub(crate) type Octets = Zeroizing<Vec<u8>>;

/// The numbers of one private key, not yet checked against each other.
pub(crate) enum KeyMaterial {
    Rsa(RsaNumbers),
    Ec(EcNumbers),
    Ed25519(OkpNumbers),
    X25519(OkpNumbers),
}

/// What a private key is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Signing,
    Decryption,
}

pub(crate) struct EcNumbers {
    pub(crate) curve: Curve,
    /// As long as the field, big endian.
    pub(crate) d: Octets,
    /// The public point as it was given: SEC1, compressed or not.
    pub(crate) point: Option<Vec<u8>>,
}

/// A private key on Curve25519, in either of its forms.
pub(crate) struct OkpNumbers {
    pub(crate) d: Zeroizing<[u8; 32]>,
    /// The public key as it was given.
    pub(crate) public: Option<Vec<u8>>,
}

impl OkpNumbers {
    /// Compares what was given with what belongs to `d`.
    pub(crate) fn check_public(&self, derived: &[u8]) -> Result<(), KeyError> {
        let same = self.public.as_deref().is_none_or(|given| given == derived);
        same.then_some(()).ok_or(KeyError::Inconsistent)
    }
}

impl EcNumbers {
    /// Compares what was given with the uncompressed point that belongs to `d`.
    pub(crate) fn check_point(&self, derived: &[u8]) -> Result<(), KeyError> {
        let same = match self.point.as_deref() {
            None => true,
            Some([tag @ (2 | 3), x @ ..]) => {
                let parity = derived.last().map(|octet| 2 + (octet & 1));
                parity == Some(*tag) && derived.get(1..=self.curve.octets()) == Some(x)
            }
            Some(given) => given == derived,
        };
        same.then_some(()).ok_or(KeyError::Inconsistent)
    }
}

/// The curves of [RFC 7518 3.4](https://www.rfc-editor.org/rfc/rfc7518#section-3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(crate) fn crv(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The length of a coordinate and of the private number.
    pub(crate) fn octets(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(crate) fn from_crv(crv: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|curve| curve.crv() == crv)
    }
}

/// Where two keys agree on a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Nist(Curve),
    X25519,
}

impl Group {
    pub(crate) fn crv(self) -> &'static str {
        match self {
            Self::Nist(curve) => curve.crv(),
            Self::X25519 => "X25519",
        }
    }
}
