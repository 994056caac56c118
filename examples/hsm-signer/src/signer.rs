use std::fmt;
use std::sync::Arc;

use jarm::BoxFuture;
use jarm::JwsAlgorithm;
use jarm::jose::{Jwk, JwsSigner, SigningError};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::key::{KeyName, Sha256Digest};
use crate::sessions::Sessions;
use crate::{HsmError, Token};

/// How many signatures are under way at once. A module that hangs then stops as many threads of
/// tokio's blocking pool, and not all of them.
const AT_ONCE: usize = 4;

/// A key pair on a token, with one algorithm.
///
/// Signing needs a tokio runtime. Each signature is made on a thread of its blocking pool, so a
/// slow module keeps no other request waiting, and a time-out around
/// [`respond`](jarm::AuthorizationServer::respond) holds.
pub struct HsmSigner {
    sessions: Arc<Sessions>,
    free: Arc<Semaphore>,
    algorithm: JwsAlgorithm,
    key_id: String,
    public: Jwk,
}

impl HsmSigner {
    pub(crate) fn try_new(
        token: Token,
        label: &str,
        algorithm: &JwsAlgorithm,
    ) -> Result<Self, HsmError> {
        let name = KeyName::new(label, algorithm)?;
        let sessions = Sessions::open(token, name)?;
        let public = sessions.public().to_jwk();
        Ok(Self {
            public: public.map_err(|problem| sessions.name().problem(problem))?,
            key_id: sessions.public().thumbprint(),
            sessions: Arc::new(sessions),
            free: Arc::new(Semaphore::new(AT_ONCE)),
            algorithm: algorithm.clone(),
        })
    }

    /// Sets the `kid`; the RFC 7638 thumbprint, if not called.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = key_id.into();
        self
    }

    async fn sign_digest(&self, digest: Sha256Digest) -> Result<Vec<u8>, HsmError> {
        let runtime = Handle::try_current().map_err(|error| HsmError::Runtime(error.into()))?;
        let turn = Arc::clone(&self.free).acquire_owned().await;
        let turn = turn.map_err(|error| HsmError::Runtime(error.into()))?;
        let sessions = Arc::clone(&self.sessions);
        let call = runtime.spawn_blocking(move || {
            let _turn = turn; // over when the module has answered, even if nobody waits any more
            sessions.sign(&digest)
        });
        call.await
            .map_err(|error| HsmError::Runtime(error.into()))?
    }
}

impl JwsSigner for HsmSigner {
    fn algorithm(&self) -> &JwsAlgorithm {
        &self.algorithm
    }

    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn public_key(&self) -> Jwk {
        self.public.clone()
    }

    fn sign<'a>(&'a self, signing_input: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        let digest = Sha256::digest(signing_input).into();
        Box::pin(async move {
            let signature = self.sign_digest(digest).await;
            signature.map_err(SigningError::from_source)
        })
    }
}

impl fmt::Debug for HsmSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HsmSigner")
            .field("key_id", &self.key_id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
