use jarm_core::jose::EncryptionError;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::format::Octets;

/// What the derived key is for. The size of the key is added to it.
#[derive(Clone, Copy)]
pub(crate) struct OtherInfo<'a> {
    /// `AlgorithmID`: `enc` for a content key, `alg` for a wrapping key.
    pub(crate) algorithm: &'a str,
    /// `PartyUInfo`: what `apu` holds, which responses that are made here never have.
    pub(crate) party_u: &'a [u8],
    /// `PartyVInfo`: what `apv` holds, which responses that are made here never have.
    pub(crate) party_v: &'a [u8],
}

/// Derives a key of `octets` octets: Concat KDF with SHA-256 ([RFC 7518 4.6.2]).
///
/// [RFC 7518 4.6.2]: https://www.rfc-editor.org/rfc/rfc7518#section-4.6.2
pub(crate) fn concat_kdf(
    secret: &[u8],
    info: OtherInfo<'_>,
    octets: usize,
) -> Result<Octets, EncryptionError> {
    let OtherInfo {
        algorithm,
        party_u,
        party_v,
    } = info;
    let bits = length(octets)?.checked_mul(8).ok_or(EncryptionError)?;
    let mut key = Zeroizing::new(vec![0; octets]);
    for (counter, part) in (1_u32..).zip(key.chunks_mut(Sha256::output_size())) {
        let mut hash = Sha256::new_with_prefix(counter.to_be_bytes());
        hash.update(secret);
        for field in [algorithm.as_bytes(), party_u, party_v] {
            hash.update(length(field.len())?.to_be_bytes());
            hash.update(field);
        }
        hash.update(bits.to_be_bytes());
        let digest: Zeroizing<[u8; 32]> = Zeroizing::new(hash.finalize().into());
        part.iter_mut()
            .zip(*digest)
            .for_each(|(to, from)| *to = from);
    }
    Ok(key)
}

fn length(octets: usize) -> Result<u32, EncryptionError> {
    u32::try_from(octets).map_err(|_| EncryptionError)
}
