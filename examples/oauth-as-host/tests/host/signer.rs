//! Keys, and a signer that can fail.

use std::sync::{Arc, Mutex};

use jarm::BoxFuture;
use jarm::JwsAlgorithm;
use jarm::jose::{Jwk, JwsSigner, KeyKind, SigningError, SigningKey};
use serde_json::Value;

use crate::answer::decoded;

pub(crate) fn key() -> Arc<dyn JwsSigner> {
    SigningKey::generate(KeyKind::P256)
        .unwrap()
        .signer(&JwsAlgorithm::ES256)
        .unwrap()
}

/// A signer that remembers what it was given to sign, and fails when told to.
#[derive(Debug)]
pub(crate) struct Recorder {
    key: Arc<dyn JwsSigner>,
    fails: bool,
    seen: Mutex<Vec<Value>>,
}

impl Recorder {
    pub(crate) fn new(fails: bool) -> Arc<Self> {
        Arc::new(Self {
            key: key(),
            fails,
            seen: Mutex::default(),
        })
    }

    /// The codes that it was given to sign.
    pub(crate) fn codes(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter_map(|claims| Some(claims["code"].as_str()?.to_owned()))
            .collect()
    }
}

impl JwsSigner for Recorder {
    fn algorithm(&self) -> &JwsAlgorithm {
        self.key.algorithm()
    }

    fn key_id(&self) -> &str {
        self.key.key_id()
    }

    fn public_key(&self) -> Jwk {
        self.key.public_key()
    }

    fn sign<'a>(&'a self, signing_input: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        let text = std::str::from_utf8(signing_input).unwrap();
        let (_, payload) = text.split_once('.').unwrap();
        self.seen.lock().unwrap().push(decoded(payload));
        if self.fails {
            return Box::pin(std::future::ready(Err(SigningError::from_source(
                "the HSM is away",
            ))));
        }
        self.key.sign(signing_input)
    }
}
