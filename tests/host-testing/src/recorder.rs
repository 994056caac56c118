use std::sync::{Arc, Mutex};

use jarm::jose::{Jwk, JwsSigner, SigningError};
use jarm::{BoxFuture, JwsAlgorithm};

use crate::decoded;

/// A signer that remembers the codes it was given to sign.
#[derive(Debug)]
pub struct Recorder {
    key: Arc<dyn JwsSigner>,
    ending: Ending,
    codes: Mutex<Vec<String>>,
}

/// How it ends.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// With a signature.
    Signs,
    /// With an error.
    Fails,
    /// Never.
    Hangs,
}

impl Recorder {
    /// A signer with a key, as which it is published.
    pub fn new(key: Arc<dyn JwsSigner>, ending: Ending) -> Arc<Self> {
        Arc::new(Self {
            key,
            ending,
            codes: Mutex::default(),
        })
    }

    /// The codes, in order.
    pub fn codes(&self) -> Vec<String> {
        self.codes.lock().unwrap().clone()
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
        let code = decoded(payload)["code"].as_str().map(str::to_owned);
        self.codes.lock().unwrap().extend(code);
        match self.ending {
            Ending::Signs => self.key.sign(signing_input),
            Ending::Fails => {
                let error = SigningError::from_source("the HSM is away");
                Box::pin(std::future::ready(Err(error)))
            }
            Ending::Hangs => Box::pin(std::future::pending()),
        }
    }
}
