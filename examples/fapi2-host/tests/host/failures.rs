//! Where there is no answer, there is no code either.

use std::sync::{Arc, Mutex};

use fapi2_host::Approval;
use jarm::jose::{Jwk, JwsSigner, KeyKind, SigningError};
use jarm::{BoxFuture, JwsAlgorithm};

use crate::client::decoded;
use crate::support::{Setup, key};

/// A signer that remembers the codes it was given to sign, and fails.
#[derive(Debug)]
struct Failing {
    key: Arc<dyn JwsSigner>,
    codes: Mutex<Vec<String>>,
}

impl JwsSigner for Failing {
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
        let claims = decoded(text.split_once('.').unwrap().1);
        let code = claims["code"].as_str().map(str::to_owned);
        self.codes.lock().unwrap().extend(code);
        let away = SigningError::from_source("the HSM is away");
        Box::pin(std::future::ready(Err(away)))
    }
}

#[tokio::test]
async fn a_response_that_cannot_be_signed_is_a_local_page_and_its_code_is_worth_nothing() {
    for approval in [Approval::ByUser, Approval::Automatic] {
        let signer = Arc::new(Failing {
            key: key(KeyKind::P256, &JwsAlgorithm::ES256),
            codes: Mutex::default(),
        });
        let mut setup = Setup::signing_with(signer.clone(), approval).await;
        let path = setup.pushed(setup.client.request()).await;
        let mut page = setup.get(&path).await;
        if approval == Approval::ByUser {
            page = setup.decide(&page, "approve").await;
        }
        page.stays_local(500);
        let codes = signer.codes.lock().unwrap().clone();
        let [code] = &codes[..] else {
            panic!("one code was issued: {codes:?}")
        };
        let redemption = setup.client.redemption(code).await;
        setup
            .prove("/token", &redemption)
            .await
            .is_json_error(400, "invalid_grant");
    }
}
