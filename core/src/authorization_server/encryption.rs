//! Whether and how a client's responses are encrypted.

use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::{AuthorizationServer, ClientKeySource, ClientKeySourceError, Error};
use crate::jose::{
    ClientSecret, EncryptionError, JweAlgorithms, JweEncrypter, JwePublicKey, Jwk, PublicKeyError,
    in_order_of_preference, why_unsuitable,
};
use crate::metadata::Client;
use crate::vocabulary::JweKeyManagementAlgorithm;

/// A parsed key takes a few kilobytes, and parsing it again costs microseconds.
const PARSED_KEYS: NonZero<usize> = NonZero::new(1024).unwrap();

/// How many broken keys in front of a good one may cost time.
const KEYS_TRIED: usize = 16;

/// What a server encrypts with, and where it finds for whom.
#[derive(Debug)]
pub(super) struct ResponseEncryption {
    pub(super) encrypter: Arc<dyn JweEncrypter>,
    client_keys: Arc<dyn ClientKeySource>,
    /// By the digest of the whole JWK: neither a client's name nor a `kid` leads to a key that is
    /// not in the set just read. It belongs to this value, and so to one issuer.
    parsed: Mutex<LruCache<[u8; 32], Arc<dyn JwePublicKey>>>,
}

impl ResponseEncryption {
    pub(super) fn new(
        encrypter: Arc<dyn JweEncrypter>,
        client_keys: Arc<dyn ClientKeySource>,
    ) -> Self {
        Self {
            encrypter,
            client_keys,
            parsed: Mutex::new(LruCache::new(PARSED_KEYS)),
        }
    }

    pub(super) fn fetches_jwks_uri(&self) -> bool {
        self.client_keys.fetches_jwks_uri()
    }

    pub(super) fn offers(&self, JweAlgorithms { alg, enc }: JweAlgorithms<'_>) -> bool {
        self.encrypter.key_management_algorithms().contains(alg)
            && self.encrypter.content_encryption_algorithms().contains(enc)
    }

    /// The best key of a set that can be used.
    pub(super) fn best<'a>(
        &self,
        keys: &'a [Jwk],
        algorithm: &JweKeyManagementAlgorithm,
    ) -> Option<(Arc<dyn JwePublicKey>, &'a Jwk)> {
        in_order_of_preference(keys, algorithm)
            .into_iter()
            .take(KEYS_TRIED)
            .find_map(|key| {
                let public = self.parsed(key).ok()?;
                public
                    .algorithms()
                    .contains(algorithm)
                    .then_some((public, key))
            })
    }

    /// What speaks against each key of a set, none of which can be used.
    pub(super) fn complaints(&self, keys: &[Jwk], algorithm: &JweKeyManagementAlgorithm) -> String {
        let complaint = |(index, key): (usize, &Jwk)| {
            let why = why_unsuitable(key, algorithm)
                .or_else(|| self.parsed(key).err().map(|error| error.to_string()))
                .unwrap_or_else(|| format!("`kty` is {:?}", key.kty()));
            format!("keys[{index}]: {why}")
        };
        let all: Vec<_> = keys
            .iter()
            .take(KEYS_TRIED)
            .enumerate()
            .map(complaint)
            .collect();
        if all.is_empty() {
            return "the set is empty".to_owned();
        }
        all.join("; ")
    }

    /// A key, read and checked.
    pub(super) fn parsed(&self, key: &Jwk) -> Result<Arc<dyn JwePublicKey>, PublicKeyError> {
        let cache = || self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = key.digest();
        if let Some(public) = cache().get(digest) {
            return Ok(public.clone());
        }
        let public = self.encrypter.public_key(key)?; // without the lock
        cache().put(*digest, public.clone());
        Ok(public)
    }
}

impl AuthorizationServer {
    /// What encrypts a client's responses now, with the key at hand; `None` for a client that has
    /// registered no encryption.
    pub(super) async fn encrypting<'a>(
        &'a self,
        client: &'a Client,
    ) -> Result<Option<Encrypting<'a>>, Error> {
        if !client.metadata().wants_encryption() {
            return Ok(None);
        }
        let found = self.recipient(client).await;
        found.map(Some).map_err(|failure| Error::Encryption {
            client_id: client.client_id().clone(),
            failure,
        })
    }

    async fn recipient<'a>(
        &'a self,
        client: &'a Client,
    ) -> Result<Encrypting<'a>, EncryptionFailure> {
        let metadata = client.metadata();
        let algorithms = metadata.encryption();
        let algorithms = algorithms.ok_or(EncryptionFailure::ContentEncryptionAlone)?;
        let encryption = self.encryption.as_ref();
        let encryption = encryption.filter(|own| own.offers(algorithms));
        let encryption = encryption.ok_or_else(|| EncryptionFailure::NotOffered {
            algorithm: algorithms.alg.to_string(),
            encryption: algorithms.enc.to_string(),
        })?;
        let recipient = if algorithms.alg.uses_client_secret() {
            let least = algorithms.least_secret_octets();
            let secret = client.usable_secret(self.clock.now(), least);
            Recipient::Secret(secret.ok_or(EncryptionFailure::NoClientSecret)?)
        } else {
            let keys = encryption.client_keys.keys(client).await?.keys;
            let Some((public, key)) = encryption.best(&keys, algorithms.alg) else {
                let why = encryption.complaints(&keys, algorithms.alg);
                return Err(EncryptionFailure::NoKey(why));
            };
            Recipient::Key(public, key.clone())
        };
        Ok(Encrypting {
            encrypter: encryption.encrypter.as_ref(),
            algorithms,
            recipient,
        })
    }
}

/// What encrypts one client's responses.
pub(super) struct Encrypting<'a> {
    encrypter: &'a dyn JweEncrypter,
    algorithms: JweAlgorithms<'a>,
    recipient: Recipient<'a>,
}

enum Recipient<'a> {
    Secret(&'a ClientSecret),
    Key(Arc<dyn JwePublicKey>, Jwk),
}

impl Encrypting<'_> {
    /// Encrypts a signed response ([JARM 2.2](https://openid.net/specs/oauth-v2-jarm.html#section-2.2)).
    pub(super) fn encrypt(&self, jws: String) -> Result<String, EncryptionFailure> {
        let JweAlgorithms { alg, enc } = self.algorithms;
        let (content_key, key_id) = match &self.recipient {
            Recipient::Secret(secret) => {
                let made = self.encrypter.content_key_for_secret(alg, enc, secret);
                (made, None)
            }
            Recipient::Key(public, key) => (public.content_key(alg, enc), key.kid()),
        };
        content_key
            .and_then(|made| {
                self.algorithms
                    .encrypt(self.encrypter, (&made, key_id), jws)
            })
            .map_err(|source| EncryptionFailure::Primitive {
                algorithm: alg.clone(),
                key_id: key_id.map(str::to_owned),
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
        algorithm: String,
        /// The content encryption algorithm.
        encryption: String,
    },
    /// The client has registered how the content is encrypted and not with which key.
    #[error(
        "authorization_encrypted_response_enc is registered without authorization_encrypted_response_alg"
    )]
    ContentEncryptionAlone,
    /// Responses are encrypted with the client's secret, and there is none that may be used.
    #[error("the client has no secret that is readable, valid and long enough")]
    NoClientSecret,
    /// The client has no public key that can be used; says of each why.
    #[error("no key of the client can be used: {0}")]
    NoKey(String),
    /// The client's keys cannot be had.
    #[error(transparent)]
    KeySource(#[from] ClientKeySourceError),
    /// The response was negotiated to be encrypted, and the client is not registered for that any
    /// more.
    #[error("encryption was negotiated, and the client has none registered any more")]
    Withdrawn,
    /// A primitive failed.
    #[error("{source} with {algorithm}, key {key_id:?}")]
    Primitive {
        /// The key management algorithm.
        algorithm: JweKeyManagementAlgorithm,
        /// The `kid` of the client's key; `None` for a key without one and for the secret.
        key_id: Option<String>,
        /// What the encrypter said.
        source: EncryptionError,
    },
}
