//! Where there is no answer, there is no code either.

use fapi2_host::Approval;
use host_testing::{Ending, Recorder};
use jarm::JwsAlgorithm;
use jarm::jose::KeyKind;

use crate::support::{Setup, key};

#[tokio::test]
async fn a_response_that_cannot_be_signed_is_a_local_page_and_its_code_is_worth_nothing() {
    for approval in [Approval::ByUser, Approval::Automatic] {
        let key = key(KeyKind::P256, &JwsAlgorithm::ES256);
        let signer = Recorder::new(key, Ending::Fails);
        let mut setup = Setup::signing_with(signer.clone(), approval).await;
        let path = setup.pushed(setup.client.request()).await;
        let mut page = setup.get(&path).await;
        if approval == Approval::ByUser {
            page = setup.decide(&page, "approve").await;
        }
        page.stays_local(500);
        let codes = signer.codes();
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
