use std::sync::LazyLock;

use jarm_core::JweKeyManagementAlgorithm;

use crate::backend::OaepHash;
use crate::format::PublicKey;

/// What a key management algorithm does, without its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyManagement {
    /// RSAES-OAEP of a new content key.
    Oaep(OaepHash),
    /// ECDH-ES, and the result is the content key.
    Agreement,
    /// ECDH-ES, and the result wraps a new content key. The size of the wrapping key in octets.
    AgreementAndWrap(usize),
    /// AES key wrap under a key from the client's secret.
    SecretWrap,
    /// AES-GCM key wrap under a key from the client's secret.
    SecretGcmWrap,
    /// The content key comes from the client's secret.
    Secret,
}

use KeyManagement::{Agreement, AgreementAndWrap, Oaep, Secret, SecretGcmWrap, SecretWrap};

/// Every algorithm, in the order in which they are published.
static KEY_MANAGEMENT: [(JweKeyManagementAlgorithm, KeyManagement); 15] = [
    (JweKeyManagementAlgorithm::RSA_OAEP, Oaep(OaepHash::Sha1)),
    (
        JweKeyManagementAlgorithm::RSA_OAEP_256,
        Oaep(OaepHash::Sha256),
    ),
    (
        JweKeyManagementAlgorithm::RSA_OAEP_384,
        Oaep(OaepHash::Sha384),
    ),
    (
        JweKeyManagementAlgorithm::RSA_OAEP_512,
        Oaep(OaepHash::Sha512),
    ),
    (JweKeyManagementAlgorithm::ECDH_ES, Agreement),
    (
        JweKeyManagementAlgorithm::ECDH_ES_A128KW,
        AgreementAndWrap(16),
    ),
    (
        JweKeyManagementAlgorithm::ECDH_ES_A192KW,
        AgreementAndWrap(24),
    ),
    (
        JweKeyManagementAlgorithm::ECDH_ES_A256KW,
        AgreementAndWrap(32),
    ),
    (JweKeyManagementAlgorithm::A128KW, SecretWrap),
    (JweKeyManagementAlgorithm::A192KW, SecretWrap),
    (JweKeyManagementAlgorithm::A256KW, SecretWrap),
    (JweKeyManagementAlgorithm::A128GCMKW, SecretGcmWrap),
    (JweKeyManagementAlgorithm::A192GCMKW, SecretGcmWrap),
    (JweKeyManagementAlgorithm::A256GCMKW, SecretGcmWrap),
    (JweKeyManagementAlgorithm::DIR, Secret),
];

pub(crate) static ALL: LazyLock<Vec<JweKeyManagementAlgorithm>> = LazyLock::new(|| {
    let names = KEY_MANAGEMENT.iter().map(|(name, _)| name);
    names.cloned().collect()
});

pub(crate) static OF_SECRETS: LazyLock<Vec<JweKeyManagementAlgorithm>> = LazyLock::new(|| {
    let of_secrets = |name: &&JweKeyManagementAlgorithm| name.uses_client_secret();
    ALL.iter().filter(of_secrets).cloned().collect()
});

/// The algorithms of a key pair.
pub(crate) fn of(key: &PublicKey) -> Vec<JweKeyManagementAlgorithm> {
    let fits = |what: &KeyManagement| match key {
        PublicKey::Rsa { .. } => matches!(what, Oaep(_)),
        PublicKey::Ec { .. } | PublicKey::X25519 { .. } => {
            matches!(what, Agreement | AgreementAndWrap(_))
        }
        PublicKey::Ed25519 { .. } => false,
    };
    KEY_MANAGEMENT
        .iter()
        .filter(|(_, what)| fits(what))
        .map(|(name, _)| name.clone())
        .collect()
}

/// What an algorithm does.
pub(crate) fn key_management(algorithm: &JweKeyManagementAlgorithm) -> Option<KeyManagement> {
    KEY_MANAGEMENT
        .iter()
        .find(|(name, _)| name == algorithm)
        .map(|(_, what)| *what)
}
