use std::fmt;
use std::sync::Arc;

use jarm_core::jose::{ContentKey, DecryptionError, EncryptedKey, JweDecryptionKey, Jwk};
use jarm_core::{BoxFuture, JweKeyManagementAlgorithm};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{agreement, of_size};
use crate::KeyError;
use crate::backend::DecryptingKey;
use crate::encryption::algorithms::{self, KeyManagement, key_management};
use crate::encryption::{content, key_wrap};
use crate::format::jwk::PrivateJwk;
use crate::format::{KeyMaterial, Purpose, der, jwk, pem};

/// One private key of a client in memory, parsed and checked once, with which it decrypts
/// responses.
///
/// An RSA key decrypts with `RSA-OAEP`, `RSA-OAEP-256`, `RSA-OAEP-384` and `RSA-OAEP-512`, one on
/// P-256, P-384, P-521 or X25519 with `ECDH-ES`, `ECDH-ES+A128KW`, `ECDH-ES+A192KW` and
/// `ECDH-ES+A256KW`. The `alg` of a JWK leaves it that one algorithm.
///
/// ```
/// use jarm_core::JweKeyManagementAlgorithm;
/// use jarm_jose::{DecryptionKey, DecryptionKeyKind};
///
/// let key = DecryptionKey::generate(DecryptionKeyKind::X25519)?.with_key_id("2026-11");
/// assert_eq!(key.algorithms()[0], JweKeyManagementAlgorithm::ECDH_ES);
///
/// // What the client registers in its `jwks`, and what it keeps.
/// let public = key.public_jwk();
/// assert_eq!((public.kid(), public.text("use")), (Some("2026-11"), Some("enc")));
/// let kept = DecryptionKey::from_pem(key.to_pem()?.as_str())?.with_key_id("2026-11");
/// assert_eq!(kept.public_jwk(), public);
/// # Ok::<(), jarm_jose::KeyError>(())
/// ```
#[derive(Clone)]
pub struct DecryptionKey {
    private: Arc<DecryptingKey>,
    public: Jwk,
    key_id: Option<String>,
    /// What the JWK says that the key is for.
    alg: Option<JweKeyManagementAlgorithm>,
    algorithms: Vec<JweKeyManagementAlgorithm>,
}

/// The kinds of key that can be generated for decryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecryptionKeyKind {
    /// RSA with 2048 bits, for `RSA-OAEP*`.
    Rsa2048,
    /// RSA with 3072 bits, for `RSA-OAEP*`.
    Rsa3072,
    /// RSA with 4096 bits, for `RSA-OAEP*`.
    Rsa4096,
    /// The NIST curve P-256, for `ECDH-ES*`.
    P256,
    /// The NIST curve P-384, for `ECDH-ES*`.
    P384,
    /// The NIST curve P-521, for `ECDH-ES*`.
    P521,
    /// Curve25519 for agreement, for `ECDH-ES*`.
    X25519,
}

impl DecryptionKey {
    /// Reads the one private key of a PEM text: PKCS#8 (`PRIVATE KEY`), PKCS#1
    /// (`RSA PRIVATE KEY`) or SEC1 (`EC PRIVATE KEY`). It has no `kid`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when there is no or more than one private key, when it is encrypted, too
    /// weak, of a kind that decrypts no response, or contradicts itself.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_material(&pem::read(pem.as_ref())?)
    }

    /// Reads a private JWK. Its `kid` is kept, its `alg` leaves the key that one algorithm.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem), and [`KeyError::NotForDecryption`] when `use` is not
    /// `enc`, or `key_ops` has none of `decrypt`, `unwrapKey`, `deriveKey` and `deriveBits`. An
    /// RSA key needs `p`, `q`, `dp`, `dq` and `qi`.
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        Self::from_private_jwk(&jwk::from_text(json)?)
    }

    /// Reads a private JWK that is parsed JSON already.
    ///
    /// # Errors
    ///
    /// As [`from_jwk`](Self::from_jwk).
    pub fn from_jwk_value(json: &Value) -> Result<Self, KeyError> {
        Self::from_private_jwk(&PrivateJwk::from_value(json)?)
    }

    /// Makes a new key, without a `kid`. RSA takes up to some seconds.
    ///
    /// # Errors
    ///
    /// [`KeyError::Backend`] when the source of randomness fails.
    pub fn generate(kind: DecryptionKeyKind) -> Result<Self, KeyError> {
        Self::from_private(DecryptingKey::generate(kind)?)
    }

    /// Sets the `kid` under which the public key is registered.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// The `kid`. A server repeats it in its responses if the registered key has one.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The public key as the client registers it: `kty`, the members that make the key,
    /// `"use": "enc"`, its `kid` if it has one, and `alg` if the private JWK had one.
    pub fn public_jwk(&self) -> Jwk {
        let mut members = self.public.members().clone();
        members.insert("use".into(), "enc".into());
        if let Some(key_id) = &self.key_id {
            members.insert("kid".into(), key_id.as_str().into());
        }
        if let Some(alg) = &self.alg {
            members.insert("alg".into(), alg.as_str().into());
        }
        // Three texts more, none of them secret, leave it a public JWK.
        Jwk::try_new(members).unwrap_or_else(|_| self.public.clone())
    }

    /// The algorithms that the key decrypts with.
    pub fn algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        &self.algorithms
    }

    /// Writes the private key as PKCS#8 in PEM. `kid` and `alg` are not part of it.
    ///
    /// # Errors
    ///
    /// [`KeyError::Backend`] when the crypto backend does not export the key.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        der::pem(&self.private.to_pkcs8()?)
    }

    pub(super) fn from_private_jwk(jwk: &PrivateJwk) -> Result<Self, KeyError> {
        let mut key = Self::from_material(&jwk.material(Purpose::Decryption)?)?;
        key.key_id.clone_from(&jwk.kid);
        if let Some(alg) = &jwk.alg {
            let own = key.algorithms.iter().find(|own| own.as_str() == alg);
            let Some(own) = own.cloned() else {
                return Err(KeyError::UnsupportedKeyManagement {
                    algorithm: alg.clone(),
                    usable: key.algorithms,
                });
            };
            key.algorithms = vec![own.clone()];
            key.alg = Some(own);
        }
        Ok(key)
    }

    fn from_material(material: &KeyMaterial) -> Result<Self, KeyError> {
        Self::from_private(DecryptingKey::try_new(material)?)
    }

    fn from_private(private: DecryptingKey) -> Result<Self, KeyError> {
        let public = private.public();
        Ok(Self {
            private: Arc::new(private),
            public: public.to_jwk()?,
            key_id: None,
            alg: None,
            algorithms: algorithms::of(&public),
        })
    }

    fn decrypt(&self, encrypted: &EncryptedKey<'_>) -> Result<ContentKey, DecryptionError> {
        let alg = encrypted.alg();
        if !self.algorithms.contains(alg) {
            return Err(DecryptionError);
        }
        let agreed = |use_of| agreement::agreed(&self.private, encrypted, use_of);
        let key = match key_management(alg).ok_or(DecryptionError)? {
            KeyManagement::Oaep(hash) => self.private.decrypt(hash, encrypted.octets())?,
            // RFC 7516 5.2, step 10: there is no encrypted key when the content key is agreed upon.
            KeyManagement::Agreement if encrypted.octets().is_empty() => {
                let enc = encrypted.enc();
                let octets = content::key_octets(enc).map_err(|_| DecryptionError)?;
                agreed((enc.as_str(), octets))?
            }
            KeyManagement::AgreementAndWrap(octets) => {
                key_wrap::unwrap(&agreed((alg.as_str(), octets))?, encrypted.octets())?
            }
            KeyManagement::Agreement
            | KeyManagement::Secret
            | KeyManagement::SecretWrap
            | KeyManagement::SecretGcmWrap => return Err(DecryptionError),
        };
        of_size(encrypted, key)
    }
}

impl JweDecryptionKey for DecryptionKey {
    fn key_id(&self) -> Option<&str> {
        self.key_id()
    }

    fn algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        self.algorithms()
    }

    fn content_key<'a>(
        &'a self,
        encrypted: &'a EncryptedKey<'a>,
    ) -> BoxFuture<'a, Result<ContentKey, DecryptionError>> {
        Box::pin(async move { self.decrypt(encrypted) })
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey")
            .field("key_id", &self.key_id)
            .field("kty", &self.public.kty())
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}
