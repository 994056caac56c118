//! The server's keys: made at start-up, or kept in a directory between runs.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::Arc;

use jarm::authorization_server::ClientKeySource;
use jarm::jose::{
    Aes256GcmSealer, JwaEncrypter, JweEncrypter, JwsSigner, KeyKind, RandomSource as _, Sealer,
    SigningKey, SigningKeys, SystemRandom,
};

use crate::StartError;

/// Every key that a client may want responses signed with, by the name of its file.
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
    /// Where the keys of clients are that registered none.
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
        Self::of(keys?, Aes256GcmSealer::generate()?)
    }

    /// Reads the keys of a directory; makes and keeps the ones that are not there yet.
    ///
    /// # Errors
    ///
    /// [`StartError`] naming the file that cannot be read, written or understood.
    pub fn kept_in(directory: &Path) -> Result<Self, StartError> {
        let unreadable = |source| StartError::Unreadable {
            path: directory.to_owned(),
            source,
        };
        std::fs::create_dir_all(directory).map_err(unreadable)?;
        let signing = KINDS.iter().map(|(name, kind)| {
            let make = || Ok(SigningKey::generate(*kind)?.to_pem()?.as_bytes().to_vec());
            let pem = kept(&directory.join(name), make)?;
            let explain =
                |error: jarm::jose::KeyError| explain(&directory.join(name), &error.to_string());
            SigningKey::from_pem(pem).map_err(explain)
        });
        let signing = signing.collect::<Result<Vec<_>, _>>()?;
        let path = directory.join("sealing.key");
        let sealing = kept(&path, || {
            let mut key = vec![0; 32];
            SystemRandom.fill(&mut key)?;
            Ok(key)
        })?;
        let key = sealing
            .try_into()
            .map_err(|_| explain(&path, "a sealing key has 32 octets"))?;
        Self::of(signing, Aes256GcmSealer::new(key))
    }

    fn of(signing: Vec<SigningKey>, sealer: Aes256GcmSealer) -> Result<Self, StartError> {
        let signers = SigningKeys::from_keys(signing)?.signers();
        Ok(Self {
            signers,
            sealer: Arc::new(sealer),
            encrypter: Arc::new(JwaEncrypter),
            client_keys: None,
        })
    }
}

/// The file's content; made and written, readable for the owner alone, where there is none.
fn kept(
    path: &Path,
    make: impl FnOnce() -> Result<Vec<u8>, StartError>,
) -> Result<Vec<u8>, StartError> {
    let unreadable = |source| StartError::Unreadable {
        path: path.to_owned(),
        source,
    };
    match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => return read.map_err(unreadable),
    }
    let content = make()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(&content))
        .map_err(unreadable)?;
    Ok(content)
}

fn explain(path: &Path, problem: &str) -> StartError {
    let source = std::io::Error::new(
        ErrorKind::InvalidData,
        format!("{problem}; remove the file for a new key"),
    );
    StartError::Unreadable {
        path: path.to_owned(),
        source,
    }
}
