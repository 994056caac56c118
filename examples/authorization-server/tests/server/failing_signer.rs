//! A signer that fails: no answer, no code, and a log that tells the operator what and no more.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::support::{Browser, claims, keys, server_with};
use authorization_server::{Approval, Keys};
use jarm::BoxFuture;
use jarm::JwsAlgorithm;
use jarm::jose::{Jwk, JwsSigner, SigningError};

/// Remembers what it should have signed.
#[derive(Debug)]
struct Broken {
    signer: Arc<dyn JwsSigner>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl JwsSigner for Broken {
    fn algorithm(&self) -> &JwsAlgorithm {
        self.signer.algorithm()
    }

    fn key_id(&self) -> &str {
        self.signer.key_id()
    }

    fn public_key(&self) -> Jwk {
        self.signer.public_key()
    }

    fn sign<'a>(&'a self, signing_input: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        self.asked
            .lock()
            .unwrap()
            .push(String::from_utf8(signing_input.to_vec()).unwrap());
        Box::pin(std::future::ready(Err(SigningError::from_source(
            "the hardware security module is away",
        ))))
    }
}

fn broken_keys() -> (Keys, Arc<Mutex<Vec<String>>>) {
    let (mut keys, asked) = (keys(), Arc::<Mutex<Vec<String>>>::default());
    let wrap = |signer| {
        Arc::new(Broken {
            signer,
            asked: asked.clone(),
        }) as Arc<dyn JwsSigner>
    };
    keys.signers = keys.signers.into_iter().map(wrap).collect();
    (keys, asked)
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = || {
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_max_level(tracing::Level::TRACE)
        };
        // While there is but one subscriber, tracing asks it only about places in the source that
        // are first reached on its own thread, and other tests reach them first.
        let everywhere = subscriber().with_writer(std::io::sink).finish();
        let _ = tracing::subscriber::set_global_default(everywhere);
        tracing::subscriber::set_default(subscriber().with_writer(move || log.clone()).finish())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn a_failing_signer_makes_a_page_with_status_500_and_no_code() {
    let (keys, asked) = broken_keys();
    let key_id = keys.signers[0].key_id().to_owned();
    let log = Log::default();
    let _listening = log.listen();
    let mut browser = Browser::new(&server_with(Approval::Automatic, keys));
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        let more =
            format!("response_type=code&scope=openid&nonce=canary-nonce&response_mode={mode}");
        browser.authorize(&more).await.assert_local(500);
    }
    let asked: Vec<String> = asked.lock().unwrap().drain(..).collect();
    assert_eq!(asked.len(), 4);
    let text = log.text();
    for input in asked {
        let code = claims(&input)["code"].as_str().unwrap().to_owned();
        let refused = browser.exchange(&code).await;
        assert_eq!(
            refused.json()["error"],
            "invalid_grant",
            "the code is not usable"
        );
        assert!(!text.contains(&code));
    }
    for named in [
        "query.jwt",
        "fragment.jwt",
        "form_post.jwt",
        "\"web\"",
        "RS256",
        &key_id,
    ] {
        assert!(text.contains(named), "{named} is not in {text}");
    }
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn an_error_that_cannot_be_signed_is_not_sent_plainly() {
    let (keys, _) = broken_keys();
    let mut browser = Browser::new(&server_with(Approval::Automatic, keys));
    browser
        .authorize("response_type=code&response_mode=jwt&login_hint=deny")
        .await
        .assert_local(500);
    browser
        .authorize("response_type=code&response_mode=foo.jwt")
        .await
        .assert_local(500);
}

#[tokio::test]
async fn an_id_token_that_cannot_be_signed_is_a_server_error_in_a_plain_mode() {
    let (keys, _) = broken_keys();
    let log = Log::default();
    let _listening = log.listen();
    let mut browser = Browser::new(&server_with(Approval::Automatic, keys));
    let answer = browser
        .authorize("response_type=id_token&scope=openid&nonce=canary-nonce")
        .await;
    assert_eq!(answer.parameter("error").as_deref(), Some("server_error"));
    assert_eq!(answer.parameter("id_token"), None);
    let text = log.text();
    for named in ["fragment", "\"web\"", "RS256", "security module is away"] {
        assert!(text.contains(named), "{named} is not in {text}");
    }
    assert!(!text.contains("canary"), "{text}");
}
