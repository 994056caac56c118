use std::path::Path;
use std::sync::Arc;

use jarm::jose::{JwsSigner, KeyKind, SigningKey, SigningKeys};

use crate::{Configuration, StartError};

/// The signing keys of a configuration, whose files are relative to `directory`; where it names none,
/// keys that end with the process.
///
/// # Errors
///
/// [`StartError`] naming the file that is no key.
pub fn keys(
    configuration: &Configuration,
    directory: &Path,
) -> Result<Vec<Arc<dyn JwsSigner>>, StartError> {
    let mut keys = Vec::new();
    for file in &configuration.signing_keys {
        let path = directory.join(file);
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let pem = std::fs::read(&path).map_err(|error| named(&error))?;
        keys.push(SigningKey::from_pem(pem).map_err(|error| named(&error))?);
    }
    if keys.is_empty() {
        for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::Ed25519] {
            keys.push(SigningKey::generate(kind)?);
        }
    }
    Ok(SigningKeys::from_keys(keys)?.signers())
}
