//! Who sends a response is not told which step refused it: not by words, and not by the work done.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jarm::client::{ArrivedResponse, RefusedResponse, ResponseVerifier, Step, Transaction};
use jarm::jose::{
    Authenticated, ClientSecret, ContentKey, DecryptionError, EncryptedKey, JwaDecrypter,
    JwaVerifier, JweDecrypter, Jwk, JwsVerifier, KeyKind, Signed, SigningKey, VerificationError,
};
use jarm::{
    Carrier, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwsAlgorithm, ResponseMode,
};
use serde_json::{Value, json};

use super::decryption::{encrypted_to_secret, registered_with_secret, with_part_changed};
use super::{
    Keys, builder, claims, client, encode, header, in_query, published, sign, sign_text, sign_with,
    transaction, verifier,
};
use crate::fixture::run;

fn refuse(
    verifier: &ResponseVerifier,
    transaction: &Transaction,
    arrived: &ArrivedResponse,
) -> RefusedResponse {
    run(verifier.verify(transaction, arrived)).unwrap_err()
}

fn with(changes: Value) -> String {
    sign(&claims(changes))
}

/// A good response under another key, or with its signature changed.
fn forged() -> String {
    let good = with(json!({}));
    let (input, _) = good.rsplit_once('.').unwrap();
    format!("{input}.{}", encode([1; 64]))
}

fn by_another_key() -> String {
    let other = SigningKey::generate(KeyKind::P256).unwrap();
    let signer = other.signer(&JwsAlgorithm::ES256).unwrap();
    sign_with(&signer, &header(json!({})), &claims(json!({})).to_string())
}

/// What is refused without encryption, from the first step to the last.
fn signed() -> Vec<(Step, ArrivedResponse)> {
    let headed = |changes| sign_text(&header(changes), &claims(json!({})).to_string());
    let good = with(json!({}));
    let arrivals = [
        "",
        "code=c0de&state=st",
        "error=access_denied&state=st",
        "response=a&response=b",
    ];
    let arrivals = arrivals.map(ArrivedResponse::query).into_iter();
    let arrivals = arrivals.chain([
        ArrivedResponse::response(Carrier::Body, good),
        in_query(&"a".repeat(70_000)),
    ]);
    let responses = [
        (Step::Decryption, "e30....".to_owned()),
        (Step::Issuer, "response".to_owned()),
        (Step::Issuer, with(json!({ "iss": null }))),
        (Step::Issuer, with(json!({ "iss": "https://evil.example" }))),
        (Step::Audience, with(json!({ "aud": null }))),
        (Step::Audience, with(json!({ "aud": "other" }))),
        (Step::Expiry, with(json!({ "exp": null }))),
        (Step::Expiry, with(json!({ "exp": 1 }))),
        (Step::Expiry, with(json!({ "iat": 1e10 }))),
        (Step::Signature, forged()),
        (Step::Signature, by_another_key()),
        (Step::Signature, headed(json!({ "alg": "none" }))),
        (Step::Signature, headed(json!({ "kid": "other" }))),
        (Step::Signature, headed(json!({ "crit": ["x"] }))),
        (Step::State, with(json!({ "state": null }))),
        (Step::State, with(json!({ "state": "other" }))),
        (Step::Parameters, with(json!({ "code": null }))),
        (Step::Parameters, with(json!({ "error": "access_denied" }))),
        (Step::Parameters, with(json!({ "access_token": "t" }))),
    ];
    let responses = responses.map(|(step, response)| (step, in_query(&response)));
    let arrivals = arrivals.map(|arrived| (Step::Arrival, arrived));
    arrivals.chain(responses).collect()
}

/// What is refused of a client that decrypts with its secret.
fn encrypted() -> Vec<(Step, ArrivedResponse)> {
    let good = encrypted_to_secret(json!({}), &with(json!({})));
    let claims = claims(json!({})).to_string();
    let responses = [
        (Step::Decryption, with(json!({}))),
        (Step::Decryption, with_part_changed(&good, 1)),
        (Step::Decryption, with_part_changed(&good, 4)),
        (Step::Decryption, encrypted_to_secret(json!({}), &claims)),
        (Step::Signature, encrypted_to_secret(json!({}), &forged())),
    ];
    let arrive = |(step, response): (Step, String)| (step, in_query(&response));
    responses.map(arrive).into()
}

#[test]
fn every_refusal_has_the_same_words_and_no_source() {
    let away = builder(client(), Keys::new([None])).build().unwrap();
    let keys = Keys::new([Some(published(&[json!({})]))]);
    let decrypting = builder(registered_with_secret(), keys).build().unwrap();
    let plain = transaction().response_mode(ResponseMode::QUERY);
    let good = || in_query(&with(json!({})));
    let mut refused = vec![
        (Step::Signature, refuse(&away, &transaction(), &good())),
        (Step::Arrival, refuse(&verifier(), &plain, &good())),
    ];
    for (step, arrived) in signed() {
        refused.push((step, refuse(&verifier(), &transaction(), &arrived)));
    }
    for (step, arrived) in encrypted() {
        refused.push((step, refuse(&decrypting, &transaction(), &arrived)));
    }
    for (step, refused) in &refused {
        assert_eq!(refused.step(), *step, "{refused:?}");
        for shown in [format!("{refused}"), format!("{refused:#}")] {
            assert_eq!(shown, "the authorization response is not valid");
        }
        assert!(refused.source().is_none(), "{refused:?}");
    }
    let steps = |step: &Step| refused.iter().any(|(own, _)| own == step);
    assert!(Step::ALL.iter().all(steps) && refused.len() > 30);
}

/// The real verifier, counting.
#[derive(Debug, Default)]
struct CountingVerifier(AtomicUsize);

impl JwsVerifier for CountingVerifier {
    fn algorithms(&self) -> &[JwsAlgorithm] {
        JwaVerifier.algorithms()
    }

    fn verify(
        &self,
        algorithm: &JwsAlgorithm,
        key: &Jwk,
        signed: Signed<'_>,
    ) -> Result<(), VerificationError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        JwaVerifier.verify(algorithm, key, signed)
    }

    fn verify_mac(
        &self,
        algorithm: &JwsAlgorithm,
        secret: &ClientSecret,
        signed: Signed<'_>,
    ) -> Result<(), VerificationError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        JwaVerifier.verify_mac(algorithm, secret, signed)
    }
}

/// The real decrypter, counting the content keys and the contents, and the octets of the latter.
#[derive(Debug, Default)]
pub(super) struct CountingDecrypter {
    pub(super) keys: AtomicUsize,
    contents: AtomicUsize,
    octets: AtomicUsize,
}

impl JweDecrypter for CountingDecrypter {
    fn secret_algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        JwaDecrypter.secret_algorithms()
    }

    fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm] {
        JwaDecrypter.content_encryption_algorithms()
    }

    fn content_key_from_secret(
        &self,
        secret: &ClientSecret,
        encrypted: &EncryptedKey<'_>,
    ) -> Result<ContentKey, DecryptionError> {
        self.keys.fetch_add(1, Ordering::Relaxed);
        JwaDecrypter.content_key_from_secret(secret, encrypted)
    }

    fn decrypt(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
        content_key: &ContentKey,
        authenticated: Authenticated<'_>,
        content: &mut Vec<u8>,
    ) -> Result<(), DecryptionError> {
        self.contents.fetch_add(1, Ordering::Relaxed);
        self.octets.fetch_add(content.len(), Ordering::Relaxed);
        JwaDecrypter.decrypt(encryption, content_key, authenticated, content)
    }
}

/// How many keys were looked up, and how many signatures verified.
fn signature_work(response: &str) -> (Step, [usize; 2]) {
    let keys = Keys::new([Some(published(&[json!({}), json!({ "use": "enc" })]))]);
    let counting = Arc::new(CountingVerifier::default());
    let verifier = builder(client(), keys.clone()).verifier(counting.clone());
    let verifier = verifier.build().unwrap();
    let refused = refuse(&verifier, &transaction(), &in_query(response));
    let looked_at = counting.0.load(Ordering::Relaxed);
    (refused.step(), [keys.asked(), looked_at])
}

#[test]
fn a_wrong_audience_expiry_and_signature_cost_the_same() {
    for (expected, response) in [
        (Step::Audience, with(json!({ "aud": "other" }))),
        (Step::Audience, with(json!({ "aud": null }))),
        (Step::Expiry, with(json!({ "exp": 1 }))),
        (Step::Expiry, with(json!({ "exp": null }))),
        (Step::Expiry, with(json!({ "nbf": 1e10 }))),
        (Step::Signature, forged()),
        (Step::Signature, by_another_key()),
        (Step::State, with(json!({ "state": "other" }))),
    ] {
        assert_eq!(signature_work(&response), (expected, [1, 1]));
    }
    let unknown = |changes: Value| {
        let text = claims(changes).to_string();
        sign_text(&header(json!({ "kid": "other" })), &text)
    };
    for response in [unknown(json!({})), unknown(json!({ "aud": "other" }))] {
        assert_eq!(signature_work(&response).1, [2, 0]);
    }
}

#[test]
fn a_wrong_content_key_tag_and_initialization_vector_cost_the_same() {
    let keys = Keys::new([Some(published(&[json!({})]))]);
    let good = encrypted_to_secret(json!({}), &with(json!({})));
    let mut works = Vec::new();
    for part in [1, 2, 3, 4] {
        let counting = Arc::new(CountingDecrypter::default());
        let verifier = builder(registered_with_secret(), keys.clone());
        let verifier = verifier.decrypter(counting.clone()).build().unwrap();
        let changed = with_part_changed(&good, part);
        let refused = refuse(&verifier, &transaction(), &in_query(&changed));
        assert_eq!(refused.step(), Step::Decryption, "part {part}");
        let CountingDecrypter {
            keys,
            contents,
            octets,
        } = counting.as_ref();
        works.push([keys, contents, octets].map(|own| own.load(Ordering::Relaxed)));
    }
    let [first, ..] = works.as_slice() else {
        panic!("four")
    };
    assert!(works.iter().all(|own| own == first), "{works:?}");
    assert_eq!(first[..2], [1, 1]);
    assert_eq!(keys.asked(), 0, "no key of the issuer was looked up");
}
