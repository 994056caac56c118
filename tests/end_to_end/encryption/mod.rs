//! Encrypted responses: signed first, to the right key, or not at all.

mod answers;
mod failures;
mod keys;

use std::borrow::Cow;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jarm::authorization_server::{
    ClientKeySource, ClientKeysRequest, EncryptionFailure, Error, Refusal,
};
use jarm::jose::{
    ClientSecret, ContentKey, EncryptionError, IvAndTag, JwaEncrypter, JweEncrypter, JwePublicKey,
    Jwk, JwkSet, KeyLookup, KeySourceError, PublicKeyError,
};
use jarm::metadata::Client;
use jarm::response::{AuthorizationResponse, EncodedResponse};
use jarm::{
    AuthorizationServer, BoxFuture, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm,
};

use crate::fixture::{client_with, refusal, respond};

const MODES: [&str; 4] = ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"];

fn code_in(mode: &str) -> String {
    format!("response_type=code&state=s&response_mode={mode}")
}

/// The value of `response` in the answer to a code request.
fn response(server: &AuthorizationServer, client: &Client) -> Result<String, Error> {
    let query = code_in("query.jwt");
    let encoded = respond(server, client, &query, AuthorizationResponse::code("c0de"))?;
    Ok(in_query(&encoded))
}

fn in_query(encoded: &EncodedResponse) -> String {
    let EncodedResponse::Redirect(redirect) = encoded else {
        panic!("{encoded:?}")
    };
    let (_, response) = redirect.location().split_once("?response=").unwrap();
    response.to_owned()
}

/// Why a request is refused before the user is asked for anything.
fn failure(server: &AuthorizationServer, client: &Client) -> EncryptionFailure {
    match refusal(server, client, &code_in("jwt")) {
        Refusal::Failed(Error::Encryption { failure, .. }) => failure,
        other => panic!("{other}"),
    }
}

/// A source that answers with these results, one after the other, the last for ever, and keeps how
/// it was asked.
#[derive(Debug)]
struct Source {
    sets: Vec<Option<JwkSet>>,
    asked: Mutex<Vec<KeyLookup>>,
}

impl Source {
    fn new(sets: Vec<Option<JwkSet>>) -> Arc<Self> {
        let asked = Mutex::default();
        Arc::new(Self { sets, asked })
    }

    fn asked(&self) -> Vec<KeyLookup> {
        self.asked.lock().unwrap().clone()
    }
}

impl ClientKeySource for Source {
    fn keys<'a>(
        &'a self,
        request: ClientKeysRequest<'a>,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
        let mut asked = self.asked.lock().unwrap();
        let turn = asked.len();
        asked.push(request.lookup);
        let set = self.sets.get(turn).or(self.sets.last()).unwrap().clone();
        let set = set.map(Cow::Owned);
        Box::pin(ready(set.ok_or_else(|| KeySourceError::new("unreachable"))))
    }
}

/// The real encrypter, counting the keys that it reads and failing where it is told to.
#[derive(Debug, Default)]
struct Encrypter {
    keys_read: AtomicUsize,
    fails: bool,
}

impl JweEncrypter for Encrypter {
    fn key_management_algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        JwaEncrypter.key_management_algorithms()
    }

    fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm] {
        JwaEncrypter.content_encryption_algorithms()
    }

    fn public_key(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        key: &Jwk,
    ) -> Result<Arc<dyn JwePublicKey>, PublicKeyError> {
        self.keys_read.fetch_add(1, Ordering::Relaxed);
        JwaEncrypter.public_key(algorithm, key)
    }

    fn content_key_for_secret(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        encryption: &JweContentEncryptionAlgorithm,
        secret: &ClientSecret,
    ) -> Result<ContentKey, EncryptionError> {
        JwaEncrypter.content_key_for_secret(algorithm, encryption, secret)
    }

    fn encrypt(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
        content_key: &ContentKey,
        associated_data: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<IvAndTag, EncryptionError> {
        if self.fails {
            return Err(EncryptionError);
        }
        JwaEncrypter.encrypt(encryption, content_key, associated_data, content)
    }
}

/// A client whose keys come from a source.
fn client_of_a_source() -> Client {
    client_with(|metadata| {
        metadata.authorization_encrypted_response_alg =
            Some(JweKeyManagementAlgorithm::ECDH_ES_A128KW);
    })
}
