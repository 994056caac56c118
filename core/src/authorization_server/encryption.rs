//! Whether and how a client's responses are encrypted.

use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::observer::ResponseEncryptionDetails;
use super::{AuthorizationServer, ClientKeySource, ClientKeysRequest, Error};
use crate::jose::{
    AlgAndEnc, ClientSecret, EncryptionError, JweEncrypter, JwePublicKey, Jwk, JwkSet,
    KeySourceError, PublicKeyError, Recipient, in_order_of_preference, why_unsuitable,
};
use crate::metadata::{Client, ClientMetadata, EncWithoutAlg, InvalidClientMetadata};
use crate::rules::Permission;
use crate::vocabulary::{Issuer, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

/// A parsed key takes a few kilobytes, and parsing it again takes microseconds.
const PARSED_KEYS: NonZero<usize> = NonZero::new(1024).unwrap();

/// How many keys of a client are looked at: more are refused at registration, and passed over if
/// they come from elsewhere, so that nobody keeps the server busy by reading keys.
pub(super) const KEYS_OF_A_CLIENT: usize = 32;

/// What a server encrypts with, and where it finds for whom.
#[derive(Debug)]
pub(super) struct ResponseEncryption {
    pub(super) encrypter: Arc<dyn JweEncrypter>,
    pub(super) client_keys: Arc<dyn ClientKeySource>,
    /// By the digest of the whole JWK: neither a client's name nor a `kid` leads to a key that is
    /// not in the set just read. It belongs to this value, and so to one issuer.
    parsed: Mutex<LruCache<[u8; 32], ParsedKey>>,
}

#[derive(Clone, Debug)]
struct ParsedKey {
    algorithm: JweKeyManagementAlgorithm,
    key: Arc<dyn JwePublicKey>,
}

impl ResponseEncryption {
    pub(super) fn new(
        encrypter: Arc<dyn JweEncrypter>,
        client_keys: Arc<dyn ClientKeySource>,
    ) -> Self {
        Self {
            encrypter,
            client_keys,
            parsed: Mutex::new(LruCache::sparse(PARSED_KEYS)),
        }
    }

    fn offers(&self, AlgAndEnc { alg, enc }: AlgAndEnc<'_>) -> bool {
        self.encrypter.key_management_algorithms().contains(alg)
            && self.encrypter.content_encryption_algorithms().contains(enc)
    }

    /// The best key of a set that can be used.
    fn best(
        &self,
        JwkSet { keys }: &JwkSet,
        algorithm: &JweKeyManagementAlgorithm,
    ) -> Result<(Arc<dyn JwePublicKey>, Jwk), EncryptionFailure> {
        in_order_of_preference(keys, algorithm)
            .take(KEYS_OF_A_CLIENT)
            .find_map(|key| Some((self.parsed(algorithm, key).ok()?, key.clone())))
            .ok_or_else(|| EncryptionFailure::NoKey(self.complaints(keys, algorithm)))
    }

    /// The best key of those that the client publishes elsewhere. If none can be used there may be
    /// a newer one.
    async fn fetched(
        &self,
        issuer: &Issuer,
        client: &Client,
        algorithm: &JweKeyManagementAlgorithm,
    ) -> Result<(Arc<dyn JwePublicKey>, Jwk), EncryptionFailure> {
        let request = ClientKeysRequest::new(issuer, client);
        let set = self.client_keys.keys(request).await?;
        match self.best(&set, algorithm) {
            Err(EncryptionFailure::NoKey(_)) => {
                let newer = self.client_keys.keys(request.after_miss()).await?;
                self.best(&newer, algorithm)
            }
            decided => decided,
        }
    }

    /// Whether a set has a key that can be used, and none that is broken among those that could
    /// have been.
    pub(super) fn check(
        &self,
        set: &JwkSet,
        algorithm: &JweKeyManagementAlgorithm,
    ) -> Result<(), InvalidClientMetadata> {
        for (index, key) in set.keys.iter().enumerate() {
            if why_unsuitable(key, algorithm).is_some() {
                continue;
            }
            if let Err(PublicKeyError::Invalid(why)) = self.parsed(algorithm, key) {
                return Err(InvalidClientMetadata::new(
                    format!("jwks.keys[{index}]"),
                    why,
                ));
            }
        }
        let Err(EncryptionFailure::NoKey(complaints)) = self.best(set, algorithm) else {
            return Ok(());
        };
        let why = format!("no key can be used with `{algorithm}`: {complaints}");
        Err(InvalidClientMetadata::new("jwks", why))
    }

    /// What speaks against each key of a set, none of which can be used.
    fn complaints(&self, keys: &[Jwk], algorithm: &JweKeyManagementAlgorithm) -> String {
        let complaint = |(index, key): (usize, &Jwk)| {
            let why = why_unsuitable(key, algorithm).or_else(|| {
                let refused = self.parsed(algorithm, key).err()?;
                Some(refused.to_string())
            })?;
            Some(format!("keys[{index}]: {why}"))
        };
        let looked_at = keys.iter().take(KEYS_OF_A_CLIENT).enumerate();
        let all: Vec<_> = looked_at.filter_map(complaint).collect();
        if all.is_empty() {
            return "the set is empty".to_owned();
        }
        all.join("; ")
    }

    /// A key, read and checked for an algorithm.
    fn parsed(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        key: &Jwk,
    ) -> Result<Arc<dyn JwePublicKey>, PublicKeyError> {
        let cache = || self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(digest) = key.digest() else {
            return self.encrypter.public_key(algorithm, key);
        };
        if let Some(parsed) = cache().get(digest)
            && parsed.algorithm == *algorithm
        {
            return Ok(parsed.key.clone());
        }
        let parsed = ParsedKey {
            algorithm: algorithm.clone(),
            key: self.encrypter.public_key(algorithm, key)?, // without the lock
        };
        cache().put(*digest, parsed.clone());
        Ok(parsed.key)
    }
}

impl AuthorizationServer {
    /// What encrypts a client's responses now, with the key at hand; `None` for a client that has
    /// registered no encryption.
    pub(super) async fn encrypting<'a>(
        &'a self,
        client: &'a Client,
    ) -> Result<Option<Encrypting<'a>>, Error> {
        let failed = |failure| Error::Encryption {
            client_id: client.client_id().clone(),
            failure,
        };
        match client.metadata().encryption() {
            Ok(None) => Ok(None),
            Ok(Some(wanted)) => {
                let found = self.encrypting_by(wanted, client).await;
                found.map(Some).map_err(failed)
            }
            Err(EncWithoutAlg) => Err(failed(EncryptionFailure::EncWithoutAlg)),
        }
    }

    async fn encrypting_by<'a>(
        &'a self,
        algorithms: AlgAndEnc<'a>,
        client: &'a Client,
    ) -> Result<Encrypting<'a>, EncryptionFailure> {
        let AlgAndEnc { alg, enc } = algorithms;
        let encryption = self.encryption.as_ref();
        let Some(encryption) = encryption.filter(|own| own.offers(algorithms)) else {
            let (algorithm, encryption) = (alg.clone(), enc.clone());
            return Err(EncryptionFailure::NotOffered {
                algorithm,
                encryption,
            });
        };
        let key = if let Some(least) = alg.least_secret_octets(enc) {
            let secret = client.usable_secret(self.clock.now(), least);
            let none = EncryptionFailure::NoClientSecret { least };
            RecipientKey::Secret(secret.ok_or(none)?)
        } else {
            let (public, key) = match &client.metadata().jwks {
                Some(registered) => encryption.best(registered, alg)?,
                None => encryption.fetched(&self.issuer, client, alg).await?,
            };
            RecipientKey::Public(public, key)
        };
        Ok(Encrypting {
            encrypter: encryption.encrypter.as_ref(),
            algorithms,
            key,
        })
    }
}

/// Whether a permission is given for what a client registered.
pub(super) fn is_granted(permission: Permission, client: &ClientMetadata) -> bool {
    match permission {
        Permission::Allowed => true,
        Permission::OnlyEncrypted => client.authorization_encrypted_response_alg.is_some(),
        Permission::Refused => false,
    }
}

/// What encrypts one client's responses.
pub(super) struct Encrypting<'a> {
    encrypter: &'a dyn JweEncrypter,
    algorithms: AlgAndEnc<'a>,
    key: RecipientKey<'a>,
}

enum RecipientKey<'a> {
    Secret(&'a ClientSecret),
    Public(Arc<dyn JwePublicKey>, Jwk),
}

impl Encrypting<'_> {
    fn key_id(&self) -> Option<&str> {
        match &self.key {
            RecipientKey::Secret(_) => None,
            RecipientKey::Public(_, key) => key.kid(),
        }
    }

    /// What an observer is told.
    pub(super) fn details(&self) -> ResponseEncryptionDetails {
        ResponseEncryptionDetails {
            alg: self.algorithms.alg.clone(),
            enc: self.algorithms.enc.clone(),
            key_id: self.key_id().map(str::to_owned),
        }
    }

    /// Encrypts a signed response ([JARM 2.2](https://openid.net/specs/oauth-v2-jarm.html#section-2.2)).
    pub(super) fn encrypt(&self, jws: String) -> Result<String, EncryptionFailure> {
        let (encrypter, AlgAndEnc { alg, enc }) = (self.encrypter, self.algorithms);
        let kid = self.key_id();
        let content_key = match &self.key {
            RecipientKey::Secret(secret) => encrypter.content_key_for_secret(alg, enc, secret),
            RecipientKey::Public(public, _) => public.content_key(enc),
        };
        let jwe = content_key.and_then(|content_key| {
            let content_key = &content_key;
            let recipient = Recipient { content_key, kid };
            self.algorithms.encrypt(encrypter, recipient, jws)
        });
        jwe.map_err(|source| EncryptionFailure::Primitive {
            algorithm: alg.clone(),
            encryption: enc.clone(),
            key_id: kid.map(str::to_owned),
            source,
        })
    }
}

/// Why a response that must be encrypted cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptionFailure {
    /// The server has no encrypter, or the encrypter not these algorithms.
    #[error("{algorithm} with {encryption} is not offered")]
    NotOffered {
        /// The key management algorithm.
        algorithm: JweKeyManagementAlgorithm,
        /// The content encryption algorithm.
        encryption: JweContentEncryptionAlgorithm,
    },
    /// The client has registered how the content is encrypted and not with which key.
    #[error(
        "authorization_encrypted_response_enc is registered without authorization_encrypted_response_alg"
    )]
    EncWithoutAlg,
    /// Responses are encrypted with the client's secret, and there is none that may be used.
    #[error("the client has no secret that is readable, has not expired, and has {least} octets")]
    NoClientSecret {
        /// How many octets it must have at least.
        least: usize,
    },
    /// The client has no public key that can be used; says of each why.
    #[error("no key of the client can be used: {0}")]
    NoKey(String),
    /// The client's keys cannot be had.
    #[error(transparent)]
    KeySource(#[from] KeySourceError),
    /// The response was negotiated to be encrypted, and the client is not registered for that any
    /// more.
    #[error("encryption was negotiated, and the client has none registered any more")]
    Withdrawn,
    /// A primitive failed.
    #[error("a primitive failed with {algorithm} and {encryption}, key {key_id:?}")]
    Primitive {
        /// The key management algorithm.
        algorithm: JweKeyManagementAlgorithm,
        /// The content encryption algorithm.
        encryption: JweContentEncryptionAlgorithm,
        /// The `kid` of the client's key; `None` for a key without one and for the secret.
        key_id: Option<String>,
        /// What the encrypter said.
        source: EncryptionError,
    },
}
