//! Private keys and the signers that share them.

#[cfg(feature = "jsonwebtoken")]
mod jsonwebtoken;
mod keys;
mod signer;

use std::fmt;
use std::sync::Arc;

use jarm_core::JwsAlgorithm;
use jarm_core::jose::{Jwk, JwsSigner};
use serde_json::Value;
use zeroize::Zeroizing;

pub use keys::SigningKeys;

use crate::KeyError;
use crate::backend::PrivateKey;
use crate::format::jwk::PrivateJwk;
use crate::format::{KeyMaterial, Purpose, der, jwk, pem};
use crate::schemes::{self, scheme};
use signer::KeySigner;

/// One private key in memory, parsed and checked once, however many signers share it.
///
/// Its `kid` is the RFC 7638 thumbprint unless the JWK has one or [`with_key_id`] sets one.
///
/// ```
/// use jarm_core::JwsAlgorithm;
/// use jarm_jose::{KeyKind, SigningKey};
///
/// let key = SigningKey::generate(KeyKind::P256)?.with_key_id("2026-11");
/// let signer = key.signer(&JwsAlgorithm::ES256)?;
/// assert_eq!(signer.key_id(), "2026-11");
/// assert_eq!(key.public_jwk().text("crv"), Some("P-256"));
///
/// let kept = SigningKey::from_pem(key.to_pem()?.as_str())?;
/// assert_eq!(kept.public_jwk(), key.public_jwk());
/// # Ok::<(), jarm_jose::KeyError>(())
/// ```
///
/// [`with_key_id`]: Self::with_key_id
#[derive(Clone)]
pub struct SigningKey {
    private: Arc<PrivateKey>,
    public: Jwk,
    key_id: String,
    algorithms: Vec<JwsAlgorithm>,
}

/// The kinds of key that can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA with 2048 bits, for `RS*` and `PS*`.
    Rsa2048,
    /// RSA with 3072 bits, for `RS*` and `PS*`.
    Rsa3072,
    /// RSA with 4096 bits, for `RS*` and `PS*`.
    Rsa4096,
    /// The NIST curve P-256, for `ES256`.
    P256,
    /// The NIST curve P-384, for `ES384`.
    P384,
    /// The NIST curve P-521, for `ES512`.
    P521,
    /// Edwards curve 25519, for `Ed25519` and its older name `EdDSA`.
    Ed25519,
}

impl SigningKey {
    /// Reads the one private key of a PEM text: PKCS#8 (`PRIVATE KEY`), PKCS#1
    /// (`RSA PRIVATE KEY`) or SEC1 (`EC PRIVATE KEY`). Certificates beside it are passed over.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when there is no or more than one private key, when it is encrypted, too
    /// weak, of a kind that signs no response, or contradicts itself.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_material(&pem::read(pem.as_ref())?)
    }

    /// Reads a private JWK. Its `kid` is kept, its `alg` leaves the key that one algorithm.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem), and [`KeyError::NotForSigning`] when `use` is not `sig`
    /// or `key_ops` lacks `sign`. An RSA key needs `p`, `q`, `dp`, `dq` and `qi`.
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

    /// Makes a new key. RSA takes up to some seconds.
    ///
    /// # Errors
    ///
    /// [`KeyError::Backend`] when the source of randomness fails.
    pub fn generate(kind: KeyKind) -> Result<Self, KeyError> {
        Self::from_private(PrivateKey::generate(kind)?)
    }

    /// Sets the `kid` under which the public key is published.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = key_id.into();
        self
    }

    /// The `kid`.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public key: `kty` and the members that make the key, without `kid`, `use` and `alg`,
    /// which are set when it is published.
    pub fn public_jwk(&self) -> Jwk {
        self.public.clone()
    }

    /// The algorithms that the key signs with, the usual choice first.
    pub fn algorithms(&self) -> &[JwsAlgorithm] {
        &self.algorithms
    }

    /// The key with one of its algorithms.
    ///
    /// It signs on the calling thread. Where RSA with 4096 bits, or the pure-Rust build, would keep
    /// other requests waiting, wrap it in a [`JwsSigner`] of your own that signs elsewhere.
    ///
    /// # Errors
    ///
    /// [`KeyError::UnsupportedAlgorithm`] when it is not one of
    /// [`algorithms`](Self::algorithms).
    pub fn signer(&self, algorithm: &JwsAlgorithm) -> Result<Arc<dyn JwsSigner>, KeyError> {
        let own = self.algorithms.iter().find(|own| *own == algorithm);
        match own.and_then(|own| Some((own.clone(), scheme(own)?))) {
            Some(own) => Ok(Arc::new(KeySigner::new(self.clone(), own))),
            None => Err(self.does_not_sign_with(algorithm.as_str())),
        }
    }

    /// The key with each of its algorithms.
    pub fn signers(&self) -> Vec<Arc<dyn JwsSigner>> {
        self.algorithms
            .iter()
            .filter_map(|algorithm| self.signer(algorithm).ok())
            .collect()
    }

    /// Writes the private key as PKCS#8 in PEM. The `kid` is not part of it.
    ///
    /// # Errors
    ///
    /// [`KeyError::Backend`] when the crypto backend does not export the key.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        der::pem(&self.private.to_pkcs8()?)
    }

    fn from_private_jwk(jwk: &PrivateJwk) -> Result<Self, KeyError> {
        let mut key = Self::from_material(&jwk.material(Purpose::Signing)?)?;
        if let Some(kid) = &jwk.kid {
            key.key_id.clone_from(kid);
        }
        if let Some(alg) = &jwk.alg {
            key.algorithms.retain(|own| own.as_str() == alg);
            if key.algorithms.is_empty() {
                key.algorithms = schemes::of(&key.private.public());
                return Err(key.does_not_sign_with(alg));
            }
        }
        Ok(key)
    }

    fn from_material(material: &KeyMaterial) -> Result<Self, KeyError> {
        Self::from_private(PrivateKey::try_new(material)?)
    }

    fn from_private(private: PrivateKey) -> Result<Self, KeyError> {
        let public = private.public();
        Ok(Self {
            private: Arc::new(private),
            key_id: public.thumbprint()?,
            algorithms: schemes::of(&public),
            public: public.to_jwk()?,
        })
    }

    fn does_not_sign_with(&self, algorithm: &str) -> KeyError {
        KeyError::UnsupportedAlgorithm {
            key_id: self.key_id.clone(),
            algorithm: algorithm.into(),
            usable: self.algorithms.clone(),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("key_id", &self.key_id)
            .field("kty", &self.public.kty())
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}
