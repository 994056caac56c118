//! What each signature algorithm does, for signing and for verification.

use std::sync::LazyLock;

use jarm_core::JwsAlgorithm;

use crate::backend::{Hash, Scheme};
use crate::format::{Curve, PublicKey};

/// Every algorithm with a key pair, in the order of preference.
static SCHEMES: [(JwsAlgorithm, Scheme); 11] = [
    (JwsAlgorithm::RS256, Scheme::RsaPkcs1(Hash::Sha256)),
    (JwsAlgorithm::RS384, Scheme::RsaPkcs1(Hash::Sha384)),
    (JwsAlgorithm::RS512, Scheme::RsaPkcs1(Hash::Sha512)),
    (JwsAlgorithm::PS256, Scheme::RsaPss(Hash::Sha256)),
    (JwsAlgorithm::PS384, Scheme::RsaPss(Hash::Sha384)),
    (JwsAlgorithm::PS512, Scheme::RsaPss(Hash::Sha512)),
    (JwsAlgorithm::ES256, Scheme::Ecdsa(Curve::P256)),
    (JwsAlgorithm::ES384, Scheme::Ecdsa(Curve::P384)),
    (JwsAlgorithm::ES512, Scheme::Ecdsa(Curve::P521)),
    (JwsAlgorithm::ED25519, Scheme::Ed25519),
    (JwsAlgorithm::EDDSA, Scheme::Ed25519),
];

/// The names, in order.
pub(crate) static ALL: LazyLock<Vec<JwsAlgorithm>> = LazyLock::new(|| {
    let names = SCHEMES.iter().map(|(name, _)| name);
    names.cloned().collect()
});

/// What an algorithm does.
pub(crate) fn scheme(algorithm: &JwsAlgorithm) -> Option<Scheme> {
    SCHEMES
        .iter()
        .find(|(name, _)| name == algorithm)
        .map(|(_, scheme)| *scheme)
}

/// The algorithms of a key.
pub(crate) fn of(key: &PublicKey) -> Vec<JwsAlgorithm> {
    let fits = |scheme: &Scheme| match (key, scheme) {
        (PublicKey::Rsa { .. }, Scheme::RsaPkcs1(_) | Scheme::RsaPss(_))
        | (PublicKey::Ed25519 { .. }, Scheme::Ed25519) => true,
        (PublicKey::Ec { curve, .. }, Scheme::Ecdsa(needed)) => curve == needed,
        _ => false,
    };
    SCHEMES
        .iter()
        .filter(|(_, scheme)| fits(scheme))
        .map(|(name, _)| name.clone())
        .collect()
}
