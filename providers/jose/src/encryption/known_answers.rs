//! Known answers of the primitives, whose vectors and keys are given and not made.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm_core::jose::{Authenticated, ClientSecret, IvAndTag};
use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};
use serde_json::Value;

use super::concat_kdf::{OtherInfo, concat_kdf};
use super::{cbc_hmac, client_secret, gcm, key_wrap};

const ENCRYPTION: &str = include_str!("../../tests/vectors/encryption.json");
const CLIENT_SECRETS: &str = include_str!("../../tests/vectors/client-secret-keys.json");

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn decode(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

fn authenticated<'a>(associated_data: &'a [u8], iv_and_tag: &'a IvAndTag) -> Authenticated<'a> {
    Authenticated {
        associated_data,
        iv_and_tag,
    }
}

#[test]
fn aes_cbc_hmac_is_that_of_rfc_7518_b() {
    let vectors = &vectors(ENCRYPTION)["rfc7518_b"];
    let rows = vectors["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let mut content = hex(&vectors["plaintext"]);
        let iv = hex(&vectors["iv"]).try_into().unwrap();
        let associated_data = hex(&vectors["associated_data"]);
        let tag = cbc_hmac::encrypt(&hex(&row["key"]), &iv, &associated_data, &mut content);
        assert_eq!(content, hex(&row["ciphertext"]), "{row}");
        let tag = tag.unwrap();
        assert_eq!(tag, hex(&row["tag"]), "{row}");
        let added = IvAndTag::new(&iv, &tag);
        let authenticated = authenticated(&associated_data, &added);
        cbc_hmac::decrypt(&hex(&row["key"]), authenticated, &mut content).unwrap();
        assert_eq!(content, hex(&vectors["plaintext"]), "{row}");
    }
}

#[test]
fn aes_gcm_is_that_of_its_authors_for_each_size_of_key() {
    let vectors = &vectors(ENCRYPTION)["gcm"];
    let rows = vectors["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let mut content = hex(&vectors["plaintext"]);
        let iv = hex(&vectors["iv"]).try_into().unwrap();
        let associated_data = hex(&vectors["associated_data"]);
        let tag = gcm::encrypt(&hex(&row["key"]), &iv, &associated_data, &mut content);
        assert_eq!(content, hex(&row["ciphertext"]), "{row}");
        let tag = tag.unwrap();
        assert_eq!(tag.as_slice(), hex(&row["tag"]), "{row}");
        let added = IvAndTag::new(&iv, &tag);
        let authenticated = authenticated(&associated_data, &added);
        gcm::decrypt(&hex(&row["key"]), authenticated, &mut content).unwrap();
        assert_eq!(content, hex(&vectors["plaintext"]), "{row}");
    }
}

#[test]
fn aes_key_wrap_is_that_of_rfc_3394_4() {
    let vectors = vectors(ENCRYPTION);
    let rows = vectors["rfc3394_4"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    for row in rows {
        let wrapped = key_wrap::wrap(&hex(&row["wrapping_key"]), &hex(&row["key"])).unwrap();
        assert_eq!(wrapped, hex(&row["wrapped"]), "{row}");
        let unwrapped = key_wrap::unwrap(&hex(&row["wrapping_key"]), &wrapped).unwrap();
        assert_eq!(*unwrapped, hex(&row["key"]), "{row}");
    }
}

#[test]
fn the_jwe_of_rfc_7516_a_3_is_made_again_and_decrypted() {
    let vector = &vectors(ENCRYPTION)["rfc7516_a3"];
    let key = decode(&vector["content_key"]);
    let wrapped = key_wrap::wrap(&decode(&vector["shared_key"]), &key).unwrap();
    assert_eq!(wrapped, decode(&vector["encrypted_key"]));
    let unwrapped = key_wrap::unwrap(&decode(&vector["shared_key"]), &wrapped).unwrap();
    assert_eq!(*unwrapped, key);
    let mut content = vector["plaintext"].as_str().unwrap().into();
    let protected = vector["protected"].as_str().unwrap().as_bytes();
    let iv = decode(&vector["iv"]).try_into().unwrap();
    let tag = cbc_hmac::encrypt(&key, &iv, protected, &mut content).unwrap();
    assert_eq!(content, decode(&vector["ciphertext"]));
    assert_eq!(tag, decode(&vector["tag"]));
    let added = IvAndTag::new(&iv, &tag);
    cbc_hmac::decrypt(&unwrapped, authenticated(protected, &added), &mut content).unwrap();
    assert_eq!(content, vector["plaintext"].as_str().unwrap().as_bytes());
}

#[test]
fn the_derived_key_is_that_of_rfc_7518_c() {
    let vector = &vectors(ENCRYPTION)["rfc7518_c"];
    let info = OtherInfo {
        algorithm: vector["algorithm"].as_str().unwrap(),
        party_u: vector["party_u"].as_str().unwrap().as_bytes(),
        party_v: vector["party_v"].as_str().unwrap().as_bytes(),
    };
    let derived = concat_kdf(&hex(&vector["shared_secret"]), info, 16).unwrap();
    assert_eq!(*derived, decode(&vector["derived"]));
}

#[test]
fn the_keys_of_a_client_secret_are_those_of_other_libraries() {
    let vectors = vectors(CLIENT_SECRETS);
    let secret = ClientSecret::new(vectors["client_secret"].as_str().unwrap());
    let rows = vectors["derived_hex"].as_object().unwrap();
    assert_eq!(rows.len(), 12);
    for (name, derived) in rows {
        let (alg, enc) = name.split_once('+').unwrap_or((name, "A128GCM"));
        let alg: JweKeyManagementAlgorithm = alg.parse().unwrap();
        let enc: JweContentEncryptionAlgorithm = enc.parse().unwrap();
        let octets = alg.derived_octets(&enc).unwrap();
        let key = client_secret::derive(&secret, octets).unwrap();
        assert_eq!(*key, hex(derived), "{name}");
        if alg.transports_key() == Some(false) {
            let made = client_secret::content_key(&alg, &enc, &secret).unwrap();
            assert_eq!(made.key(), hex(derived), "{name}");
        }
    }
}

#[test]
fn what_is_no_wrapped_key_is_refused() {
    let wrapped = key_wrap::wrap(&[7; 16], &[9; 32]).unwrap();
    assert!(key_wrap::unwrap(&[7; 16], &wrapped).is_ok());
    for wrapping_key in [0, 15, 17, 24, 32, 33] {
        assert!(key_wrap::unwrap(&vec![7; wrapping_key], &wrapped).is_err());
    }
    for length in (0..wrapped.len()).chain([wrapped.len() + 1, wrapped.len() + 8]) {
        let mut other = wrapped.clone();
        other.resize(length, 0);
        assert!(key_wrap::unwrap(&[7; 16], &other).is_err(), "{length}");
    }
}
