use std::fmt;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use jarm_core::jose::{RandomSource as _, RandomSourceError, Sealer, SealingError};
use zeroize::Zeroizing;

use crate::SystemRandom;

const NONCE: usize = 12;

/// AES-256-GCM with a random nonce of 96 bits in front of what it seals.
///
/// Every process that may get the browser's next request needs the same key. To rotate it, seal
/// with the new key and go on opening with the old one for as long as pending responses live.
/// Rotate before 2³² values are sealed: that is where random nonces of this size stop being safe
/// ([NIST SP 800-38D 8.3]).
///
/// ```
/// use jarm_core::jose::Sealer as _;
/// use jarm_jose::Aes256GcmSealer;
///
/// let (old, new) = ([1; 32], [2; 32]);
/// let sealed = Aes256GcmSealer::new(old).seal(b"issuer", b"pending")?;
///
/// let sealer = Aes256GcmSealer::new(new).also_opening(old);
/// assert_eq!(sealer.unseal(b"issuer", &sealed)?, b"pending");
/// assert!(sealer.unseal(b"another issuer", &sealed).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [NIST SP 800-38D 8.3]: https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf
#[derive(Clone)]
pub struct Aes256GcmSealer {
    current: Aes256Gcm,
    old: Vec<Aes256Gcm>,
}

impl Aes256GcmSealer {
    /// Takes a key of 32 random octets, such as `openssl rand 32` makes.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            current: cipher(&Zeroizing::new(key)),
            old: Vec::new(),
        }
    }

    /// Makes a key that only this process has: what it sealed is lost when it ends.
    ///
    /// # Errors
    ///
    /// [`RandomSourceError`] when the source of randomness fails.
    pub fn generate() -> Result<Self, RandomSourceError> {
        let mut key = Zeroizing::new([0; 32]);
        SystemRandom.fill(key.as_mut_slice())?;
        Ok(Self {
            current: cipher(&key),
            old: Vec::new(),
        })
    }

    /// Opens what was sealed with an earlier key, too. Nothing is sealed with it.
    #[must_use]
    pub fn also_opening(mut self, old_key: [u8; 32]) -> Self {
        self.old.push(cipher(&Zeroizing::new(old_key)));
        self
    }
}

impl Sealer for Aes256GcmSealer {
    fn seal(&self, associated_data: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, SealingError> {
        let mut nonce = [0; NONCE];
        SystemRandom.fill(&mut nonce).map_err(|_| SealingError)?;
        let payload = Payload {
            msg: plaintext,
            aad: associated_data,
        };
        let encrypted = self.current.encrypt(&Nonce::from(nonce), payload);
        let mut sealed = nonce.to_vec();
        sealed.extend(encrypted.map_err(|_| SealingError)?);
        Ok(sealed)
    }

    fn unseal(&self, associated_data: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealingError> {
        let (nonce, encrypted) = sealed.split_first_chunk::<NONCE>().ok_or(SealingError)?;
        let payload = || Payload {
            msg: encrypted,
            aad: associated_data,
        };
        std::iter::once(&self.current)
            .chain(&self.old)
            .find_map(|cipher| cipher.decrypt(&Nonce::from(*nonce), payload()).ok())
            .ok_or(SealingError)
    }
}

impl fmt::Debug for Aes256GcmSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aes256GcmSealer")
            .field("old_keys", &self.old.len())
            .finish_non_exhaustive()
    }
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(key.into())
}
