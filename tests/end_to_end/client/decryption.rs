//! Step 1: what was registered to be encrypted is, and holds one signed JWT.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::client::{ResponseVerifier, ResponseVerifierBuilder, ResponseVerifierError, Step};
use jarm::jose::{
    Authenticated, ClientSecret, ContentKey, DecryptionError, DecryptionKey, DecryptionKeyKind,
    EncryptedKey, EphemeralPublicKey, JwaDecrypter, JwaEncrypter, JweDecrypter, JweDecryptionKey,
    JweEncrypter as _, KeyManagementHeader,
};
use jarm::metadata::Client;
use jarm::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwsAlgorithm};
use serde_json::{Value, json};

use super::oracle::CountingDecrypter;
use super::{Keys, builder, changed, claims, code_of, encode, published, refused, sign, verify};
use crate::fixture::{SECRET, client_with};

const ENC: JweContentEncryptionAlgorithm = JweContentEncryptionAlgorithm::A128GCM;
const WRAP: JweKeyManagementAlgorithm = JweKeyManagementAlgorithm::A128KW;
const AGREEMENT: JweKeyManagementAlgorithm = JweKeyManagementAlgorithm::ECDH_ES_A128KW;

fn registered(alg: &JweKeyManagementAlgorithm) -> Client {
    let client = client_with(|own| {
        own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256);
        own.authorization_encrypted_response_alg = Some(alg.clone());
        own.authorization_encrypted_response_enc = Some(ENC);
    });
    client.with_secret(ClientSecret::new(SECRET))
}

/// A client that decrypts with its secret.
pub(super) fn registered_with_secret() -> Client {
    registered(&WRAP)
}

fn builder_for(client: Client) -> ResponseVerifierBuilder {
    builder(client, Keys::new([Some(published(&[json!({})]))]))
}

fn verifier() -> ResponseVerifier {
    builder_for(registered_with_secret()).build().unwrap()
}

fn key(kid: &str) -> DecryptionKey {
    DecryptionKey::generate(DecryptionKeyKind::P256)
        .unwrap()
        .with_key_id(kid)
}

/// A client that decrypts with these keys.
fn with_keys(keys: &[DecryptionKey]) -> ResponseVerifier {
    let begun = builder_for(registered(&AGREEMENT));
    let keys = keys
        .iter()
        .map(|key| Arc::new(key.clone()) as Arc<dyn JweDecryptionKey>);
    begun.decryption_keys(keys).build().unwrap()
}

/// Encrypts whatever under a content key.
fn encrypt(content_key: &ContentKey, header: &Value, content: &str) -> String {
    let protected = encode(header.to_string());
    let mut content = content.as_bytes().to_vec();
    let added = JwaEncrypter.encrypt(&ENC, content_key, protected.as_bytes(), &mut content);
    let added = added.unwrap();
    let encrypted_key = content_key.encrypted_key().unwrap_or_default();
    let rest = [encrypted_key, added.iv(), &content, added.tag()].map(encode);
    format!("{protected}.{}", rest.join("."))
}

/// Encrypts under the client's secret.
pub(super) fn encrypted_to_secret(changes: impl Into<Value>, content: &str) -> String {
    let secret = ClientSecret::new(SECRET);
    let key = JwaEncrypter
        .content_key_for_secret(&WRAP, &ENC, &secret)
        .unwrap();
    let header = json!({ "alg": "A128KW", "enc": "A128GCM", "cty": "JWT" });
    encrypt(&key, &changed(header, &changes.into()), content)
}

/// Encrypts to a client's key.
fn agreed(to: &DecryptionKey, changes: impl Into<Value>) -> String {
    let public = JwaEncrypter
        .public_key(&AGREEMENT, &to.public_jwk())
        .unwrap();
    let key = public.content_key(&ENC).unwrap();
    let Some(KeyManagementHeader::EphemeralPublicKey(EphemeralPublicKey::Ec { crv, x, y })) =
        key.header()
    else {
        panic!("a point on a curve")
    };
    let epk = json!({ "kty": "EC", "crv": crv, "x": encode(x), "y": encode(y) });
    let alg = AGREEMENT.as_str();
    let header =
        json!({ "alg": alg, "enc": "A128GCM", "cty": "JWT", "epk": epk, "kid": to.key_id() });
    encrypt(&key, &changed(header, &changes.into()), &response())
}

/// The same with one part's first character changed.
pub(super) fn with_part_changed(compact: &str, part: usize) -> String {
    let change = |(at, own): (usize, &str)| match own.strip_prefix('A') {
        Some(rest) if at == part => format!("B{rest}"),
        None if at == part => format!("A{}", own.get(1..).unwrap()),
        _ => own.to_owned(),
    };
    let parts: Vec<_> = compact.split('.').enumerate().map(change).collect();
    parts.join(".")
}

fn response() -> String {
    sign(&claims(json!({})))
}

#[test]
fn a_nested_response_is_verified() {
    assert_eq!(
        code_of(verify(
            &verifier(),
            &encrypted_to_secret(json!({}), &response())
        )),
        "c0de"
    );
    let key = key("1");
    let response = agreed(&key, json!({}));
    assert_eq!(code_of(verify(&with_keys(&[key]), &response)), "c0de");
}

#[test]
fn a_response_that_is_only_signed_is_refused_where_encryption_is_registered() {
    let (step, reason) = refused(&verifier(), &response());
    assert_eq!(step, Step::Decryption);
    assert!(reason.contains("not encrypted"), "{reason}");
}

#[test]
fn an_encrypted_response_is_refused_where_none_is_registered() {
    let (step, _) = refused(
        &super::verifier(),
        &encrypted_to_secret(json!({}), &response()),
    );
    assert_eq!(step, Step::Decryption);
}

#[test]
fn inside_is_one_signed_jwt_and_nothing_else() {
    let bare = claims(json!({})).to_string();
    let twice = encrypted_to_secret(json!({}), &response());
    let unsecured = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(&bare));
    for (content, expected) in [
        (bare.as_str(), Step::Decryption), // claims that anybody could encrypt
        (twice.as_str(), Step::Decryption), // encrypted twice
        ("", Step::Decryption),
        ("a.b", Step::Decryption),
        ("a.b.c", Step::Issuer),
        (unsecured.as_str(), Step::Signature),
    ] {
        let (step, _) = refused(&verifier(), &encrypted_to_secret(json!({}), content));
        assert_eq!(step, expected, "{content}");
    }
}

#[test]
fn the_layers_inside_are_verified_as_if_there_were_none_outside() {
    for (changes, expected) in [
        (json!({ "iss": "https://evil.example" }), Step::Issuer),
        (json!({ "aud": "other" }), Step::Audience),
        (json!({ "exp": 1 }), Step::Expiry),
        (json!({ "state": "other" }), Step::State),
    ] {
        let (step, _) = refused(
            &verifier(),
            &encrypted_to_secret(json!({}), &sign(&claims(changes))),
        );
        assert_eq!(step, expected);
    }
    let good = response();
    let (input, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{input}.{}", encode([1; 64]));
    assert_eq!(
        refused(&verifier(), &encrypted_to_secret(json!({}), &forged)).0,
        Step::Signature
    );
}

#[test]
fn the_header_says_what_is_registered_and_nothing_that_is_not_understood() {
    for changes in [
        json!({ "alg": "A256KW" }),
        json!({ "alg": "dir" }),
        json!({ "alg": "PBES2-HS256+A128KW", "p2s": "AA", "p2c": 1_000_000_000 }),
        json!({ "alg": "RSA1_5" }),
        json!({ "alg": null }),
        json!({ "enc": "A256GCM" }),
        json!({ "enc": null }),
        json!({ "zip": "DEF" }),
        json!({ "crit": ["x"] }),
        json!({ "jwk": {} }),
        json!({ "jku": "https://as.example" }),
        json!({ "cty": "JSON" }),
        json!({ "cty": 1 }),
    ] {
        let (step, _) = refused(
            &verifier(),
            &encrypted_to_secret(changes.clone(), &response()),
        );
        assert_eq!(step, Step::Decryption, "{changes}");
    }
    for changes in [
        json!({ "cty": null }),
        json!({ "cty": "jwt" }),
        json!({ "iss": "x" }),
    ] {
        let response = encrypted_to_secret(changes.clone(), &response());
        assert_eq!(code_of(verify(&verifier(), &response)), "c0de", "{changes}");
    }
}

#[test]
fn the_key_is_found_by_kid_or_is_the_only_one_that_fits() {
    let [one, two] = ["1", "2"].map(key);
    let both = || with_keys(&[one.clone(), two.clone()]);
    for key in [&one, &two] {
        assert_eq!(code_of(verify(&both(), &agreed(key, json!({})))), "c0de");
    }
    let refuse = |verifier: &ResponseVerifier, changes: Value| {
        let (step, reason) = refused(verifier, &agreed(&one, changes));
        assert_eq!(step, Step::Decryption);
        reason
    };
    assert!(refuse(&both(), json!({ "kid": null })).contains("several"));
    assert!(refuse(&both(), json!({ "kid": "3" })).contains("no key fits"));
    assert!(refuse(&both(), json!({ "kid": "2" })).contains("another key"));
    let only = with_keys(std::slice::from_ref(&one));
    assert_eq!(
        code_of(verify(&only, &agreed(&one, json!({ "kid": null })))),
        "c0de"
    );
    assert!(refuse(&only, json!({ "kid": "3" })).contains("no key fits"));
}

#[test]
fn keys_for_other_algorithms_do_not_count() {
    let [own, rsa] = [DecryptionKeyKind::P256, DecryptionKeyKind::Rsa2048]
        .map(|kind| DecryptionKey::generate(kind).unwrap().with_key_id("1"));
    let verifier = with_keys(&[rsa, own.clone()]);
    for changes in [json!({}), json!({ "kid": null })] {
        assert_eq!(code_of(verify(&verifier, &agreed(&own, changes))), "c0de");
    }
}

#[test]
fn what_is_encrypted_under_a_known_key_is_refused_where_the_content_key_cannot_be_had() {
    // The key that is decrypted with then, so that it takes as long.
    let zeros = ContentKey::direct(vec![0; 16]);
    let header = json!({ "alg": "A128KW", "enc": "A128GCM", "cty": "JWT" });
    let known = encrypt(&zeros, &header, &response());
    let with_key = known.replacen("..", &format!(".{}.", encode([1; 24])), 1);
    for response in [known, with_key] {
        let (step, reason) = refused(&verifier(), &response);
        assert_eq!(step, Step::Decryption);
        assert!(reason.contains("another key"), "{reason}");
    }
}

#[test]
fn an_encrypted_key_is_there_exactly_if_the_algorithm_has_one() {
    let client = client_with(|own| {
        own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256);
        own.authorization_encrypted_response_alg = Some(JweKeyManagementAlgorithm::DIR);
        own.authorization_encrypted_response_enc = Some(ENC);
    });
    let secret = ClientSecret::new(SECRET);
    let verifier = builder_for(client.with_secret(secret.clone()))
        .build()
        .unwrap();
    let key = JwaEncrypter
        .content_key_for_secret(&JweKeyManagementAlgorithm::DIR, &ENC, &secret)
        .unwrap();
    let header = json!({ "alg": "dir", "enc": "A128GCM", "cty": "JWT" });
    let direct = encrypt(&key, &header, &response());
    assert_eq!(code_of(verify(&verifier, &direct)), "c0de");
    let with_key = direct.replacen("..", &format!(".{}.", encode([1; 24])), 1);
    assert_eq!(refused(&verifier, &with_key).0, Step::Decryption);
    // It is not left to the decrypter to look at what it does not need.
    let counting = Arc::new(CountingDecrypter::default());
    let client = verifier.client().clone();
    let verifier = builder_for(client).decrypter(counting.clone());
    let verifier = verifier.build().unwrap();
    assert_eq!(refused(&verifier, &with_key).0, Step::Decryption);
    assert_eq!(counting.keys.load(Ordering::Relaxed), 0);
    assert_eq!(code_of(verify(&verifier, &direct)), "c0de");
}

/// The two keys, the parties and the derived key of RFC 7518, appendix C.
#[test]
fn the_parties_of_an_agreement_are_taken_from_the_header() {
    const BOB: &str = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
    let derived = URL_SAFE_NO_PAD.decode("VqqN6vgjbSBcIijNcacQGg").unwrap();
    let header = json!({
        "alg": "ECDH-ES", "enc": "A128GCM", "apu": "QWxpY2U", "apv": "Qm9i",
        "epk": {
            "kty": "EC", "crv": "P-256", "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
        },
    });
    let begun = builder_for(registered(&JweKeyManagementAlgorithm::ECDH_ES));
    let bob: Arc<dyn JweDecryptionKey> = Arc::new(DecryptionKey::from_jwk(BOB).unwrap());
    let verifier = begun.decryption_keys([bob]).build().unwrap();
    let message = |changes: Value| {
        let header = changed(header.clone(), &changes);
        encrypt(&ContentKey::direct(derived.clone()), &header, &response())
    };
    assert_eq!(code_of(verify(&verifier, &message(json!({})))), "c0de");
    for changes in [
        json!({ "apu": null }),
        json!({ "apv": null }),
        json!({ "apu": "Qm9i", "apv": "QWxpY2U" }),
        json!({ "apu": "QWxpY2U=" }),
        json!({ "apv": 1 }),
    ] {
        let (step, _) = refused(&verifier, &message(changes.clone()));
        assert_eq!(step, Step::Decryption, "{changes}");
    }
}

/// Decrypts with private keys alone.
#[derive(Debug)]
struct WithoutSecrets;

impl JweDecrypter for WithoutSecrets {
    fn secret_algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        &[]
    }

    fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm] {
        JwaDecrypter.content_encryption_algorithms()
    }

    fn content_key_from_secret(
        &self,
        _: &ClientSecret,
        _: &EncryptedKey<'_>,
    ) -> Result<ContentKey, DecryptionError> {
        Err(DecryptionError)
    }

    fn decrypt(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
        content_key: &ContentKey,
        authenticated: Authenticated<'_>,
        content: &mut Vec<u8>,
    ) -> Result<(), DecryptionError> {
        JwaDecrypter.decrypt(encryption, content_key, authenticated, content)
    }
}

#[test]
fn a_verifier_is_not_made_for_algorithms_that_its_decrypter_has_not() {
    let by_secret = builder_for(registered_with_secret()).decrypter(Arc::new(WithoutSecrets));
    let (alg, enc) = (WRAP, ENC);
    let missing = ResponseVerifierError::Decryption { alg, enc };
    assert_eq!(by_secret.build().unwrap_err(), missing);
    let by_key: Arc<dyn JweDecryptionKey> = Arc::new(key("1"));
    let by_key = builder_for(registered(&AGREEMENT)).decryption_keys([by_key]);
    assert!(by_key.decrypter(Arc::new(WithoutSecrets)).build().is_ok());
    let unknown = client_with(|own| {
        own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256);
        own.authorization_encrypted_response_alg = Some(WRAP);
        own.authorization_encrypted_response_enc = Some("A512GCM".parse().unwrap());
    });
    let unknown = builder_for(unknown.with_secret(ClientSecret::new(SECRET))).build();
    let refused = unknown.unwrap_err();
    assert!(
        matches!(refused, ResponseVerifierError::Decryption { .. }),
        "{refused}"
    );
}

#[test]
fn an_ephemeral_key_is_a_point_on_the_curve_of_the_clients_key() {
    let key = key("1");
    let verifier = with_keys(std::slice::from_ref(&key));
    let other = DecryptionKey::generate(DecryptionKeyKind::P384).unwrap();
    let other = serde_json::to_value(other.public_jwk()).unwrap();
    for epk in [
        json!(null),
        json!("epk"),
        json!({ "kty": "EC", "crv": "P-256", "x": encode([1; 32]), "y": encode([1; 32]) }),
        json!({ "kty": "EC", "crv": "P-256", "x": encode([0; 32]), "y": encode([0; 32]) }),
        json!({ "kty": "EC", "crv": "P-256", "x": encode([1; 32]) }),
        json!({ "kty": "EC", "crv": "P-256", "x": "", "y": "" }),
        json!({ "kty": "OKP", "crv": "X25519", "x": encode([9; 32]) }),
        other,
    ] {
        let response = agreed(&key, json!({ "epk": epk }));
        assert_eq!(refused(&verifier, &response).0, Step::Decryption, "{epk}");
    }
}

#[test]
fn a_wrong_key_and_a_wrong_tag_are_told_alike() {
    let key = key("1");
    let verifier = with_keys(std::slice::from_ref(&key));
    let good = agreed(&key, json!({}));
    let with = |part| refused(&verifier, &with_part_changed(&good, part));
    let undecryptable = with(1);
    assert_eq!(undecryptable.0, Step::Decryption);
    for part in [2, 3, 4] {
        assert_eq!(with(part), undecryptable);
    }
    let other = agreed(&self::key("1"), json!({}));
    assert_eq!(refused(&verifier, &other), undecryptable);
}

#[test]
fn a_secret_is_used_only_where_it_is_registered_and_while_it_is_valid() {
    // To a client of asymmetric encryption nothing can be encrypted under its secret.
    let by_secret = encrypted_to_secret(json!({}), &response());
    assert_eq!(
        refused(&with_keys(&[key("1")]), &by_secret).0,
        Step::Decryption
    );
    let old = "another-secret-of-the-client-with-32-octets-and-more";
    let both = registered(&WRAP).with_secret(ClientSecret::new(old));
    let verifier = builder_for(both).build().unwrap();
    assert_eq!(code_of(verify(&verifier, &by_secret)), "c0de");
}

#[test]
fn a_verifier_is_not_made_without_what_decrypts() {
    let build = |client| builder_for(client).build().unwrap_err();
    assert_eq!(
        build(registered(&AGREEMENT)),
        ResponseVerifierError::NoDecryptionKey(AGREEMENT.clone())
    );
    let without_secret = client_with(|own| {
        own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256);
        own.authorization_encrypted_response_alg = Some(WRAP.clone());
    });
    assert_eq!(
        build(without_secret),
        ResponseVerifierError::NoSecret { least: 16 }
    );
    let enc_alone = client_with(|own| {
        own.authorization_signed_response_alg = Some(JwsAlgorithm::ES256);
        own.authorization_encrypted_response_enc = Some(ENC);
    });
    assert_eq!(build(enc_alone), ResponseVerifierError::EncWithoutAlg);
    let unknown = registered(&"A512KW".parse().unwrap());
    assert!(matches!(
        build(unknown),
        ResponseVerifierError::NoDecryptionKey(_)
    ));
    let without_decrypter =
        ResponseVerifier::builder("https://as.example".parse().unwrap(), registered(&WRAP))
            .verifier(Arc::new(jarm::jose::JwaVerifier))
            .issuer_keys(Keys::new([None]))
            .build();
    assert_eq!(
        without_decrypter.unwrap_err(),
        ResponseVerifierError::NoDecrypter
    );
}
