use super::Octets;
use crate::KeyError;

/// The numbers of a two-prime RSA key, big endian and without leading zeros
/// ([RFC 8017 3.2](https://www.rfc-editor.org/rfc/rfc8017#section-3.2)).
pub(crate) struct RsaNumbers {
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
    pub(crate) d: Octets,
    pub(crate) p: Octets,
    pub(crate) q: Octets,
    pub(crate) dp: Octets,
    pub(crate) dq: Octets,
    pub(crate) qi: Octets,
}

impl RsaNumbers {
    /// Refuses weak keys, and sizes on which a backend would waste time or divide by zero.
    ///
    /// That the numbers belong together is checked by the backend.
    pub(crate) fn check(&self) -> Result<(), KeyError> {
        let Self {
            n,
            e,
            d,
            p,
            q,
            dp,
            dq,
            qi,
        } = self;
        check_public(n, e)?;
        let primes_are_odd = [p, q]
            .into_iter()
            .all(|prime| is_odd(prime) && ***prime != [1]);
        let all_fit = [d, p, q, dp, dq, qi]
            .into_iter()
            .all(|number| !number.is_empty() && number.len() <= n.len());
        if primes_are_odd && p != q && all_fit {
            return Ok(());
        }
        Err(KeyError::Inconsistent)
    }
}

/// The largest modulus, in bits.
pub(crate) const LARGEST_MODULUS: usize = 8192;

/// What is wrong with the public half of an RSA key.
pub(crate) enum PublicFault {
    Modulus { bits: usize },
    EvenModulus,
    Exponent,
}

/// Refuses public halves that are weak, and sizes on which a backend would waste time. Both
/// numbers come without leading zeros.
pub(crate) fn check_public(n: &[u8], e: &[u8]) -> Result<(), PublicFault> {
    let bits = bits(n);
    if !(2048..=LARGEST_MODULUS).contains(&bits) {
        return Err(PublicFault::Modulus { bits });
    }
    if !is_odd(e) || *e == [1] || self::bits(e) > 33 {
        return Err(PublicFault::Exponent);
    }
    is_odd(n).then_some(()).ok_or(PublicFault::EvenModulus)
}

impl From<PublicFault> for KeyError {
    fn from(fault: PublicFault) -> Self {
        match fault {
            PublicFault::Modulus { bits } => Self::RsaModulus { bits },
            PublicFault::EvenModulus => Self::Inconsistent,
            PublicFault::Exponent => Self::RsaExponent,
        }
    }
}

/// Cuts leading zeros off.
pub(crate) fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    let zeros = number
        .first()
        .map_or(0, |octet| octet.leading_zeros() as usize);
    number.len() * 8 - zeros
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|octet| octet & 1 == 1)
}
