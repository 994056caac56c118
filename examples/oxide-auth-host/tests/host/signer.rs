//! Keys, and a signer that can fail.

use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::jose::{Jwk, JwsSigner, KeyKind, SigningError, SigningKey};
use jarm::{BoxFuture, JwsAlgorithm};

static KEY: LazyLock<Arc<dyn JwsSigner>> = LazyLock::new(|| {
    let key = SigningKey::generate(KeyKind::Rsa2048).unwrap();
    key.signer(&JwsAlgorithm::RS256).unwrap()
});

pub(crate) fn key() -> Arc<dyn JwsSigner> {
    KEY.clone()
}

/// How a signer ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    Signs,
    Fails,
    Hangs,
}

/// A signer that remembers what it was given to sign.
#[derive(Debug)]
pub(crate) struct Recorder {
    ending: Ending,
    seen: Mutex<Vec<String>>,
}

impl Recorder {
    pub(crate) fn new(ending: Ending) -> Arc<Self> {
        Arc::new(Self {
            ending,
            seen: Mutex::default(),
        })
    }

    /// The codes that it was given to sign.
    pub(crate) fn codes(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let signed = seen.iter().map(|input| claims(input));
        signed
            .filter_map(|claims| Some(claims["code"].as_str()?.to_owned()))
            .collect()
    }
}

fn claims(signing_input: &str) -> serde_json::Value {
    let (_, payload) = signing_input.split_once('.').unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

impl JwsSigner for Recorder {
    fn algorithm(&self) -> &JwsAlgorithm {
        KEY.algorithm()
    }

    fn key_id(&self) -> &str {
        KEY.key_id()
    }

    fn public_key(&self) -> Jwk {
        KEY.public_key()
    }

    fn sign<'a>(&'a self, signing_input: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        let text = String::from_utf8(signing_input.to_vec()).unwrap();
        self.seen.lock().unwrap().push(text);
        match self.ending {
            Ending::Signs => KEY.sign(signing_input),
            Ending::Fails => {
                let error = SigningError::from_source("the HSM is away");
                Box::pin(std::future::ready(Err(error)))
            }
            Ending::Hangs => Box::pin(std::future::pending()),
        }
    }
}
