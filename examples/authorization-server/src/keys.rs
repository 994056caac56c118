//! The server's keys: made at start-up, or kept in a directory between runs.

use std::cmp::Reverse;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jarm::authorization_server::ClientKeySource;
use jarm::jose::{
    Aes256GcmSealer, JwaEncrypter, JweEncrypter, JwsSigner, KeyError, KeyKind, RandomSource as _,
    Sealer, SigningKey, SigningKeys, SystemRandom,
};

use crate::StartError;

/// Every key that a client may want responses signed with, by the name of the file that keeps it at
/// first.
const KINDS: [(&str, KeyKind); 5] = [
    ("rsa-2048.pem", KeyKind::Rsa2048),
    ("p-256.pem", KeyKind::P256),
    ("p-384.pem", KeyKind::P384),
    ("p-521.pem", KeyKind::P521),
    ("ed25519.pem", KeyKind::Ed25519),
];

/// What signs responses and ID Tokens, what encrypts responses, what seals pending ones.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The signers; the first for an algorithm is used.
    pub signers: Vec<Arc<dyn JwsSigner>>,
    /// The sealer.
    pub sealer: Arc<dyn Sealer>,
    /// The encrypter.
    pub encrypter: Arc<dyn JweEncrypter>,
    /// Where the keys of clients are that registered none, if not where `[jwks_uri]` says.
    pub client_keys: Option<Arc<dyn ClientKeySource>>,
}

impl Keys {
    /// Makes keys that end with the process.
    ///
    /// # Errors
    ///
    /// [`StartError::Key`] or [`StartError::Random`] when the crypto backend fails.
    pub fn generate() -> Result<Self, StartError> {
        let keys: Result<Vec<_>, _> = KINDS
            .iter()
            .map(|(_, kind)| SigningKey::generate(*kind))
            .collect();
        let signers = SigningKeys::from_keys(keys?)?.signers();
        Ok(Self::of(signers, Arc::new(Aes256GcmSealer::generate()?)))
    }

    /// Reads the keys of a directory, as [`signers_in`](Self::signers_in) does. At first, when there is
    /// no signing key, it makes one of each kind and keeps them; from then on they are the operator's.
    ///
    /// # Errors
    ///
    /// [`StartError`] naming the file that cannot be read, written or understood.
    pub fn kept_in(directory: &Path) -> Result<Self, StartError> {
        std::fs::create_dir_all(directory).map_err(|error| unreadable(directory, error))?;
        if pem_files(directory)?.is_empty() {
            for (name, kind) in KINDS {
                let pem = SigningKey::generate(kind)?.to_pem()?;
                keep(&directory.join(name), pem.as_bytes())?;
            }
        }
        let signers = Self::signers_in(directory)?;
        let sealer = Arc::new(sealer_in(directory)?);
        Ok(Self::of(signers, sealer))
    }

    /// Reads the signing keys of a directory: every `*.pem`. Of those for one algorithm the last by
    /// its name signs, where `p-256.pem` comes before `p-256-2.pem`, and that before
    /// `p-256-10.pem`.
    ///
    /// # Errors
    ///
    /// [`StartError`] naming the file that cannot be read or understood, or the directory that has no
    /// key.
    pub fn signers_in(directory: &Path) -> Result<Vec<Arc<dyn JwsSigner>>, StartError> {
        let mut files = pem_files(directory)?;
        files.sort_by_cached_key(|path| Reverse(counted(path)));
        let keys = files.iter().map(|path| {
            let pem = std::fs::read(path).map_err(|error| unreadable(path, error))?;
            let explain = |error: KeyError| {
                invalid(path, format!("{error}; remove the file or put a key there"))
            };
            SigningKey::from_pem(pem).map_err(explain)
        });
        let keys = keys.collect::<Result<Vec<_>, StartError>>()?;
        let keys =
            SigningKeys::from_keys(keys).map_err(|error| invalid(directory, error.to_string()))?;
        Ok(keys.signers())
    }

    fn of(signers: Vec<Arc<dyn JwsSigner>>, sealer: Arc<dyn Sealer>) -> Self {
        Self {
            signers,
            sealer,
            encrypter: Arc::new(JwaEncrypter),
            client_keys: None,
        }
    }
}

/// The sealing key, made and kept where there is none.
fn sealer_in(directory: &Path) -> Result<Aes256GcmSealer, StartError> {
    let path = directory.join("sealing.key");
    let key = match std::fs::read(&path) {
        Ok(key) => key,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut key = vec![0; 32];
            SystemRandom.fill(&mut key)?;
            keep(&path, &key)?;
            key
        }
        Err(error) => return Err(unreadable(&path, error)),
    };
    let wrong = |_| {
        invalid(
            &path,
            "a sealing key has 32 octets; remove the file for a new key",
        )
    };
    Ok(Aes256GcmSealer::new(key.try_into().map_err(wrong)?))
}

fn pem_files(directory: &Path) -> Result<Vec<PathBuf>, StartError> {
    let paths = std::fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(|error| unreadable(directory, error))?;
    let mut paths: Vec<PathBuf> = paths;
    paths.retain(|path| path.extension().is_some_and(|own| own == "pem"));
    Ok(paths)
}

/// A file's name without `.pem` and with numbers of one length, so that names compare as people
/// count.
fn counted(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let (mut counted, mut rest) = (String::new(), &*name);
    while !rest.is_empty() {
        let is_digit = |c: char| c.is_ascii_digit();
        let (number, behind) = rest.split_at(rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
        let (text, behind) = behind.split_at(behind.find(is_digit).unwrap_or(behind.len()));
        if !number.is_empty() {
            counted.push_str(&"0".repeat(20_usize.saturating_sub(number.len())));
        }
        counted.push_str(number);
        counted.push_str(text);
        rest = behind;
    }
    counted
}

/// Writes a new file, readable for the owner alone.
fn keep(path: &Path, content: &[u8]) -> Result<(), StartError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(content))
        .map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, source: std::io::Error) -> StartError {
    StartError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

fn invalid(path: &Path, problem: impl Into<String>) -> StartError {
    unreadable(
        path,
        std::io::Error::new(ErrorKind::InvalidData, problem.into()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_people_count() {
        let names = [
            "2026-11.pem",
            "p-256.pem",
            "p-256-2.pem",
            "p-256-10.pem",
            "p-256-10b.pem",
            "p-384.pem",
            "p-1024.pem",
            "rsa.pem",
        ];
        let counted = names.map(|name| counted(Path::new(name)));
        assert!(counted.is_sorted(), "{counted:?}");
    }
}
