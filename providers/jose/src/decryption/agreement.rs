use jarm_core::jose::{DecryptionError, EncryptedKey, EphemeralPublicKey, KeyManagementHeader};

use crate::backend::DecryptingKey;
use crate::encryption::concat_kdf::{OtherInfo, concat_kdf};
use crate::format::{Curve, Group, Octets};

/// Agrees with the sender on a key of `octets` octets, for the algorithm that it is used with
/// ([RFC 7518 4.6](https://www.rfc-editor.org/rfc/rfc7518#section-4.6)).
pub(super) fn agreed(
    key: &DecryptingKey,
    encrypted: &EncryptedKey<'_>,
    (algorithm, octets): (&str, usize),
) -> Result<Octets, DecryptionError> {
    let Some(KeyManagementHeader::EphemeralPublicKey(epk)) = encrypted.header() else {
        return Err(DecryptionError);
    };
    let (group, public) = ephemeral(epk).ok_or(DecryptionError)?;
    let info = OtherInfo {
        algorithm,
        party_u: encrypted.party_u(),
        party_v: encrypted.party_v(),
    };
    let derive = |secret: &[u8]| concat_kdf(secret, info, octets).map_err(|_| DecryptionError);
    key.agree((group, &public), derive)
}

/// The sender's key, checked but for what needs arithmetic: an uncompressed SEC1 point, or the
/// octets of X25519.
fn ephemeral(epk: &EphemeralPublicKey) -> Option<(Group, Vec<u8>)> {
    match epk {
        EphemeralPublicKey::Ec { crv, x, y } => {
            let curve = Curve::from_crv(crv)?;
            let is_full = |coordinate: &Vec<u8>| coordinate.len() == curve.octets();
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            (is_full(x) && is_full(y)).then_some((Group::Nist(curve), point))
        }
        EphemeralPublicKey::Okp { crv, x } => {
            (crv == Group::X25519.crv()).then(|| (Group::X25519, x.clone()))
        }
    }
}
