use jarm_core::BoxFuture;
use jarm_core::JwsAlgorithm;
use jarm_core::jose::{Jwk, JwsSigner, SigningError};

use super::SigningKey;
use crate::backend::Scheme;

/// A key in memory with one of its algorithms.
#[derive(Debug)]
pub(super) struct KeySigner {
    key: SigningKey,
    algorithm: JwsAlgorithm,
    scheme: Scheme,
}

impl KeySigner {
    pub(super) fn new(key: SigningKey, (algorithm, scheme): (JwsAlgorithm, Scheme)) -> Self {
        Self {
            key,
            algorithm,
            scheme,
        }
    }
}

impl JwsSigner for KeySigner {
    fn algorithm(&self) -> &JwsAlgorithm {
        &self.algorithm
    }

    fn key_id(&self) -> &str {
        self.key.key_id()
    }

    fn public_key(&self) -> Jwk {
        self.key.public_jwk()
    }

    fn sign<'a>(&'a self, signing_input: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        Box::pin(async move { self.key.private.sign(self.scheme, signing_input) })
    }
}
