//! Keys that cannot be had and encryption that fails: no answer, no code, a thousand times.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use authorization_server::{Approval, Keys};
use jarm::authorization_server::{ClientKeySource, ClientKeysRequest};
use jarm::jose::{
    ClientSecret, ContentKey, EncryptionError, IvAndTag, JwaEncrypter, JweEncrypter, JwePublicKey,
    Jwk, JwkSet, KeyKind, KeySourceError, PublicKeyError, SigningKey,
};
use jarm::metadata::{ClientMetadata, InvalidClientMetadata};
use jarm::{BoxFuture, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Browser, Page, claims, encode, keys, server_with};

const REQUESTS: usize = 1000;
const AT_ONCE: usize = 50;
/// An odd number, so that each meets both outcomes.
const MODES: [&str; 5] = ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"];

/// A source that has a key for the first `works` questions.
#[derive(Debug)]
struct Flapping {
    works: usize,
    asked: AtomicUsize,
}

impl ClientKeySource for Flapping {
    fn keys<'a>(
        &'a self,
        _: ClientKeysRequest<'a>,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            if self.asked.fetch_add(1, Ordering::Relaxed) < self.works {
                return Ok(Cow::Owned(JwkSet::from_iter([key()])));
            }
            Err(KeySourceError::new("the network is away"))
        })
    }

    fn admits(&self, _: &ClientMetadata) -> Result<(), InvalidClientMetadata> {
        Ok(())
    }
}

/// A public key.
fn key() -> Jwk {
    SigningKey::generate(KeyKind::P256).unwrap().public_jwk()
}

/// The keys of the server with a source that fails after `works` questions.
fn with_source(works: usize) -> Keys {
    let asked = AtomicUsize::new(0);
    Keys {
        client_keys: Some(Arc::new(Flapping { works, asked })),
        ..keys()
    }
}

/// Registers a client with encryption, and with its key or without. Its redirect URI is that of
/// the support module.
async fn register(browser: &mut Browser, jwks: Option<JwkSet>) -> Value {
    let metadata = json!({
        "redirect_uris": [crate::support::CALLBACK],
        "token_endpoint_auth_method": "client_secret_post",
        "authorization_encrypted_response_alg": "ECDH-ES",
        "jwks": jwks,
    });
    let page = browser.post_json("/register", &metadata.to_string()).await;
    assert_eq!(page.status.as_u16(), 201, "{}", page.body);
    page.json()
}

/// Sends the requests, many at once, and hands every answer to `check`.
async fn flood(browser: &Browser, client: &Value, check: fn(&Page)) {
    let client_id = encode(client["client_id"].as_str().unwrap());
    let mut running = JoinSet::new();
    let modes = MODES.into_iter().cycle();
    let outcomes = ["approve", "deny"].into_iter().cycle();
    for (mode, outcome) in modes.zip(outcomes).take(REQUESTS) {
        if running.len() == AT_ONCE {
            check(&running.join_next().await.unwrap().unwrap());
        }
        let url = format!(
            "/authorize?client_id={client_id}&response_type=code&scope=openid&state=canary-state&nonce=canary&response_mode={mode}&login_hint={outcome}"
        );
        let mut browser = browser.clone();
        running.spawn(async move { browser.get(&url).await });
    }
    while let Some(page) = running.join_next().await {
        check(&page.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_key_source_gives_local_errors_alone() {
    let mut browser = Browser::new(&server_with(Approval::Automatic, with_source(0)));
    let client = register(&mut browser, None).await;
    flood(&browser, &client, |page| page.assert_local(500)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_source_that_breaks_after_the_consent_page_gives_no_answer() {
    // The question at the door is answered, that behind the consent page is not.
    for decision in ["approve", "deny"] {
        let mut browser = Browser::new(&server_with(Approval::ByUser, with_source(1)));
        let client = register(&mut browser, None).await;
        let client_id = encode(client["client_id"].as_str().unwrap());
        let url = format!(
            "/authorize?client_id={client_id}&response_type=code&scope=openid&nonce=n&response_mode=jwt"
        );
        let login = browser.get(&url).await;
        let consent = browser.log_in(&login).await;
        browser.decide(&consent, decision).await.assert_local(500);
    }
}

/// The real encrypter, whose last step fails; it remembers what would have been encrypted.
#[derive(Debug, Default)]
struct Fails {
    asked: Mutex<Vec<String>>,
}

impl JweEncrypter for Fails {
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
        _: &JweContentEncryptionAlgorithm,
        _: &ContentKey,
        _: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<IvAndTag, EncryptionError> {
        let jws = String::from_utf8(content.clone()).unwrap();
        self.asked.lock().unwrap().push(jws);
        Err(EncryptionError)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_code_of_an_answer_that_could_not_be_encrypted_is_accepted() {
    let fails = Arc::new(Fails::default());
    let encrypter = fails.clone();
    let keys = Keys {
        encrypter,
        ..keys()
    };
    let mut browser = Browser::new(&server_with(Approval::Automatic, keys));
    let client = register(&mut browser, Some(JwkSet::from_iter([key()]))).await;
    flood(&browser, &client, |page| page.assert_local(500)).await;

    let asked: Vec<_> = fails.asked.lock().unwrap().drain(..).collect();
    assert_eq!(asked.len(), REQUESTS);
    let of = |jws: &String| claims(jws)["code"].as_str().map(str::to_owned);
    let codes: Vec<_> = asked.iter().filter_map(of).collect();
    assert_eq!(codes.len(), REQUESTS / 2, "the others were denied");
    for code in codes {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("client_id", client["client_id"].as_str().unwrap()),
            ("client_secret", client["client_secret"].as_str().unwrap()),
        ];
        let refused = browser.post("/token", &form).await;
        assert_eq!(refused.json()["error"], "invalid_grant", "{}", refused.body);
    }
}
