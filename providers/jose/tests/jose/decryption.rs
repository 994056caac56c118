//! Decryption: what the server's half encrypts is decrypted, and nothing that was changed. Both
//! builds pass the same rows.

use std::sync::LazyLock;

use hmac::{Hmac, Mac as _};
use jarm_core::jose::{
    Authenticated, ClientSecret, ContentKey, DecryptionError, EncryptedKey, EphemeralPublicKey,
    IvAndTag, JweDecrypter as _, JweDecryptionKey as _, JweEncrypter as _, KeyManagementHeader,
};
use jarm_core::{JweContentEncryptionAlgorithm as Enc, JweKeyManagementAlgorithm as Alg};
use jarm_jose::{DecryptionKey, DecryptionKeyKind, JwaDecrypter, JwaEncrypter};
use rsa::BigUint;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::arrival::{make, rows};
use crate::client::{Key, SECRET};
use crate::support::{at_once, decode, encode, pem, vectors};

const CONTENT: &[u8] = b"header.payload.signature";
const REFUSED: Option<DecryptionError> = Some(DecryptionError);

/// The private halves in the order of [`Key::PUBLIC`], read once: reading an RSA key takes its time.
static PRIVATE: LazyLock<[DecryptionKey; 5]> = LazyLock::new(|| Key::PUBLIC.map(read));

fn read(key: Key) -> DecryptionKey {
    let name = match key {
        Key::Rsa => "rsa-2048",
        Key::P256 => "p256",
        Key::P384 => "p384",
        Key::P521 => "p521",
        Key::X25519 => {
            let mut jwk = serde_json::to_value(key.public()).unwrap();
            jwk["d"] = json!(encode(&[0x55; 32]));
            return DecryptionKey::from_jwk_value(&jwk).unwrap();
        }
        Key::Secret => panic!("a secret is no key pair"),
    };
    DecryptionKey::from_pem(pem(name)).unwrap()
}

fn private(key: Key) -> &'static DecryptionKey {
    let at = Key::PUBLIC.iter().position(|own| *own == key).unwrap();
    &PRIVATE[at]
}

fn find(key: Key, encrypted: &EncryptedKey<'_>) -> Result<ContentKey, DecryptionError> {
    match key {
        Key::Secret => JwaDecrypter.content_key_from_secret(&ClientSecret::new(SECRET), encrypted),
        key => at_once(private(key).content_key(encrypted)),
    }
}

/// What travels with a message.
fn sent<'a>(alg: &'a Alg, enc: &'a Enc, made: &'a ContentKey) -> EncryptedKey<'a> {
    with_header((alg, enc), made, made.header().cloned())
}

/// The same with another header, or none.
fn with_header<'a>(
    algorithms: (&'a Alg, &'a Enc),
    made: &'a ContentKey,
    header: Option<KeyManagementHeader>,
) -> EncryptedKey<'a> {
    let octets = made.encrypted_key().unwrap_or_default();
    with_octets(algorithms, octets, header)
}

/// The same with another encrypted key.
fn with_octets<'a>(
    (alg, enc): (&'a Alg, &'a Enc),
    octets: &'a [u8],
    header: Option<KeyManagementHeader>,
) -> EncryptedKey<'a> {
    let encrypted = EncryptedKey::new(alg, enc, octets);
    match header {
        Some(header) => encrypted.with_header(header),
        None => encrypted,
    }
}

fn open(
    enc: &Enc,
    key: &ContentKey,
    (associated_data, iv_and_tag): (&[u8], &IvAndTag),
    content: &[u8],
) -> Result<Vec<u8>, DecryptionError> {
    let mut content = content.to_vec();
    let before = content.clone();
    let authenticated = Authenticated {
        associated_data,
        iv_and_tag,
    };
    match JwaDecrypter.decrypt(enc, key, authenticated, &mut content) {
        Ok(()) => Ok(content),
        Err(refused) => {
            assert_eq!(content, before, "{enc} decrypts what it does not trust");
            Err(refused)
        }
    }
}

fn encrypted(enc: &Enc, key: &ContentKey) -> (IvAndTag, Vec<u8>) {
    let mut content = CONTENT.to_vec();
    let added = JwaEncrypter.encrypt(enc, key, b"protected", &mut content);
    (added.unwrap(), content)
}

#[test]
fn the_algorithms_of_secrets_are_those_that_the_server_offers() {
    let offered = JwaEncrypter.key_management_algorithms().iter();
    let offered = offered.filter(|alg| alg.uses_client_secret());
    assert!(JwaDecrypter.secret_algorithms().iter().eq(offered));
    assert_eq!(
        JwaDecrypter.content_encryption_algorithms(),
        JwaEncrypter.content_encryption_algorithms()
    );
}

#[test]
fn what_is_encrypted_is_decrypted_with_every_pair_of_algorithms() {
    for (key, alg) in rows() {
        for enc in JwaEncrypter.content_encryption_algorithms() {
            let made = make(key, &alg, enc).unwrap();
            let found = find(key, &sent(&alg, enc, &made)).unwrap();
            assert_eq!(found.key(), made.key(), "{key:?} {alg} {enc}");
            let (added, content) = encrypted(enc, &made);
            let read = open(enc, &found, (b"protected", &added), &content);
            assert_eq!(read.unwrap(), CONTENT, "{key:?} {alg} {enc}");
        }
    }
}

#[test]
fn every_message_of_another_library_is_decrypted() {
    let vectors = vectors("jose");
    let rows = vectors["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 20);
    for row in rows {
        let key = DecryptionKey::from_pem(pem(row["key"].as_str().unwrap())).unwrap();
        let content = read_jwe(&key, row["jwe"].as_str().unwrap());
        assert_eq!(
            content.as_deref(),
            Ok(vectors["plaintext"].as_str().unwrap().as_bytes()),
            "{row}"
        );
    }
}

/// RFC 7516 5.2, as far as the tests need it.
fn read_jwe(key: &DecryptionKey, jwe: &str) -> Result<Vec<u8>, DecryptionError> {
    let parts: Vec<_> = jwe.split('.').collect();
    let [protected, encrypted_key, iv, content, tag] = parts.try_into().unwrap();
    let header: Value = serde_json::from_slice(&decode(protected)).unwrap();
    let text = |member: &Value| member.as_str().unwrap().to_owned();
    let octets = |member: &Value| decode(member.as_str().unwrap_or_default());
    let (alg, enc) = (text(&header["alg"]), text(&header["enc"]));
    let (alg, enc) = (alg.parse().unwrap(), enc.parse().unwrap());
    let encrypted_key = decode(encrypted_key);
    let mut encrypted = EncryptedKey::new(&alg, &enc, &encrypted_key)
        .with_parties(octets(&header["apu"]), octets(&header["apv"]));
    if let Some(epk) = header.get("epk") {
        let (crv, x) = (text(&epk["crv"]).into(), octets(&epk["x"]));
        let epk = match epk.get("y") {
            Some(y) => EphemeralPublicKey::Ec {
                crv,
                x,
                y: octets(y),
            },
            None => EphemeralPublicKey::Okp { crv, x },
        };
        encrypted = encrypted.with_header(KeyManagementHeader::EphemeralPublicKey(epk));
    }
    let found = at_once(key.content_key(&encrypted))?;
    let added = IvAndTag::new(&decode(iv), &decode(tag));
    let covered = (protected.as_bytes(), &added);
    open(&enc, &found, covered, &decode(content))
}

#[test]
fn the_jwe_of_rfc_7516_a_1_is_decrypted() {
    let vector = &vectors("encryption")["rfc7516_a1"];
    let key = DecryptionKey::from_jwk_value(&vector["jwk"]).unwrap();
    let parts = ["protected", "encrypted_key", "iv", "ciphertext", "tag"];
    let jwe = parts.map(|part| vector[part].as_str().unwrap()).join(".");
    let plaintext = vector["plaintext"].as_str().unwrap().as_bytes();
    assert_eq!(read_jwe(&key, &jwe).as_deref(), Ok(plaintext));
}

#[test]
fn the_key_of_rfc_7518_c_is_agreed_upon_with_the_names_of_both_parties() {
    let vector = &vectors("encryption")["rfc7518_c"];
    let bob = DecryptionKey::from_jwk_value(&vector["bob"]).unwrap();
    let epk = |member: &str| decode(vector["epk"][member].as_str().unwrap());
    let epk = EphemeralPublicKey::Ec {
        crv: "P-256".into(),
        x: epk("x"),
        y: epk("y"),
    };
    let (alg, enc) = (Alg::ECDH_ES, Enc::A128GCM);
    let agreed = |party_u: &[u8], party_v: &[u8]| {
        let header = KeyManagementHeader::EphemeralPublicKey(epk.clone());
        let encrypted = EncryptedKey::new(&alg, &enc, &[])
            .with_header(header)
            .with_parties(party_u.to_vec(), party_v.to_vec());
        encode(at_once(bob.content_key(&encrypted)).unwrap().key())
    };
    let derived = vector["derived"].as_str().unwrap();
    assert_eq!(agreed(b"Alice", b"Bob"), derived);
    for (party_u, party_v) in [("", ""), ("Alice", ""), ("Bob", "Alice"), ("AliceB", "ob")] {
        assert_ne!(agreed(party_u.as_bytes(), party_v.as_bytes()), derived);
    }
}

#[test]
fn the_keys_of_a_client_secret_are_found_again() {
    let vectors = vectors("client-secret-keys");
    let secret = ClientSecret::new(vectors["client_secret"].as_str().unwrap());
    for (name, derived) in vectors["derived_hex"].as_object().unwrap() {
        let Some((alg, enc)) = name.split_once('+') else {
            continue;
        };
        let (alg, enc) = (alg.parse().unwrap(), enc.parse().unwrap());
        let encrypted = EncryptedKey::new(&alg, &enc, &[]);
        let found = JwaDecrypter.content_key_from_secret(&secret, &encrypted);
        let found = found.unwrap();
        let hex = found.key().iter().map(|octet| format!("{octet:02x}"));
        let hex: Vec<_> = hex.collect();
        assert_eq!(hex.concat(), derived.as_str().unwrap(), "{name}");
    }
}

#[test]
fn what_was_encrypted_to_another_key_is_refused_or_another_key() {
    let others = [
        (Key::Rsa, DecryptionKeyKind::Rsa2048),
        (Key::P256, DecryptionKeyKind::P256),
        (Key::P384, DecryptionKeyKind::P384),
        (Key::P521, DecryptionKeyKind::P521),
        (Key::X25519, DecryptionKeyKind::X25519),
    ];
    let others = others.map(|(key, kind)| (key, DecryptionKey::generate(kind).unwrap()));
    let secret = ClientSecret::new(format!("{SECRET}."));
    let enc = Enc::A256GCM;
    for (key, alg) in rows() {
        let made = make(key, &alg, &enc).unwrap();
        let encrypted = sent(&alg, &enc, &made);
        let found = match others.iter().find(|(own, _)| *own == key) {
            Some((_, other)) => at_once(other.content_key(&encrypted)),
            None => JwaDecrypter.content_key_from_secret(&secret, &encrypted),
        };
        // What is derived is not checked by itself: the tag of the content then differs.
        match alg.transports_key() {
            Some(true) => assert_eq!(found.err(), REFUSED, "{key:?} {alg}"),
            _ => assert_ne!(found.unwrap().key(), made.key(), "{key:?} {alg}"),
        }
    }
}

#[test]
fn one_flipped_bit_in_any_octet_of_an_encrypted_key_is_refused() {
    let enc = Enc::A128CBC_HS256;
    for (key, alg) in rows() {
        let made = make(key, &alg, &enc).unwrap();
        let Some(good) = made.encrypted_key() else {
            continue;
        };
        for octet in 0..good.len() {
            let mut changed = good.to_vec();
            changed[octet] ^= 1 << (octet % 8);
            let encrypted = with_octets((&alg, &enc), &changed, made.header().cloned());
            let found = find(key, &encrypted);
            assert_eq!(found.err(), REFUSED, "{key:?} {alg}: octet {octet}");
        }
    }
}

/// The same number to RSA (RFC 8017 5.1.2, step 1).
#[test]
fn an_rsa_encrypted_key_that_is_not_reduced_is_refused() {
    let (alg, enc) = (Alg::RSA_OAEP_256, Enc::A128GCM);
    let modulus = decode(Key::Rsa.public().text("n").unwrap());
    let modulus = BigUint::from_bytes_be(&modulus);
    let raised = (0..64).find_map(|_| {
        let made = make(Key::Rsa, &alg, &enc).unwrap();
        let number = BigUint::from_bytes_be(made.encrypted_key().unwrap());
        let raised = (number + &modulus).to_bytes_be();
        (raised.len() == 256).then_some(raised)
    });
    let raised = raised.expect("a modulus that leaves room");
    let found = find(Key::Rsa, &EncryptedKey::new(&alg, &enc, &raised));
    assert_eq!(found.err(), REFUSED);
}

#[test]
fn an_encrypted_key_of_another_length_is_refused() {
    let enc = Enc::A128CBC_HS256;
    for (key, alg) in rows() {
        let made = make(key, &alg, &enc).unwrap();
        let good = made.encrypted_key().unwrap_or_default();
        let others = [
            Vec::new(),
            vec![0],
            vec![0; 8],
            vec![0; 16],
            good[..good.len().saturating_sub(1)].to_vec(),
            good[..good.len().saturating_sub(8)].to_vec(),
            [good, &[0]].concat(),
            [&[0], good].concat(),
            [good, &[0; 8]].concat(),
        ];
        for other in others.iter().filter(|other| *other != good) {
            let encrypted = with_octets((&alg, &enc), other, made.header().cloned());
            let found = find(key, &encrypted);
            assert_eq!(found.err(), REFUSED, "{key:?} {alg}: {}", other.len());
        }
    }
}

/// It was encrypted as it should be, and is of no use for the content.
#[test]
fn a_transported_key_of_another_size_than_the_contents_is_refused() {
    for (key, alg) in rows() {
        if alg.transports_key() != Some(true) {
            continue;
        }
        for (made_for, enc) in [
            (Enc::A128GCM, Enc::A256GCM),
            (Enc::A256GCM, Enc::A128GCM),
            (Enc::A128CBC_HS256, Enc::A256CBC_HS512),
        ] {
            let made = make(key, &alg, &made_for).unwrap();
            let found = find(key, &sent(&alg, &enc, &made));
            assert_eq!(found.err(), REFUSED, "{key:?} {alg}: {made_for} as {enc}");
        }
    }
}

#[test]
fn a_key_that_another_algorithm_encrypted_is_refused() {
    let enc = Enc::A128CBC_HS256;
    for (key, made_with) in rows() {
        let made = make(key, &made_with, &enc).unwrap();
        for (other, alg) in rows() {
            if other != key || alg == made_with {
                continue;
            }
            match find(key, &sent(&alg, &enc, &made)) {
                Err(refused) => assert_eq!(refused, DecryptionError),
                // `dir` takes the key from the secret, whatever is sent with it.
                Ok(found) => assert_ne!(found.key(), made.key(), "{key:?} {made_with} as {alg}"),
            }
        }
    }
}

#[test]
fn an_algorithm_that_is_not_the_keys_is_refused() {
    let enc = Enc::A128GCM;
    let odd = Alg::try_new("RSA-OAEP-224").unwrap();
    let all = JwaEncrypter.key_management_algorithms();
    for key in Key::PUBLIC.into_iter().chain([Key::Secret]) {
        for alg in all.iter().chain([&odd]) {
            if rows().contains(&(key, alg.clone())) {
                continue;
            }
            let (_, made_with) = rows().into_iter().find(|(own, _)| *own == key).unwrap();
            let made = make(key, &made_with, &enc).unwrap();
            assert_eq!(find(key, &sent(alg, &enc, &made)).err(), REFUSED, "{alg}");
        }
    }
    let odd = Enc::try_new("XC20P").unwrap();
    for (key, alg) in rows() {
        let made = make(key, &alg, &enc).unwrap();
        assert_eq!(find(key, &sent(&alg, &odd, &made)).err(), REFUSED, "{alg}");
    }
}

#[test]
fn a_jwk_that_names_one_algorithm_decrypts_with_no_other() {
    let enc = Enc::A128GCM;
    for (key, named) in rows() {
        if key != Key::X25519 {
            continue;
        }
        let mut jwk = serde_json::to_value(key.public()).unwrap();
        jwk["d"] = json!(encode(&[0x55; 32]));
        jwk["alg"] = json!(named.as_str());
        let private = DecryptionKey::from_jwk_value(&jwk).unwrap();
        for alg in rows_of(key) {
            let made = make(key, &alg, &enc).unwrap();
            let found = at_once(private.content_key(&sent(&alg, &enc, &made)));
            assert_eq!(found.is_ok(), alg == named, "{named}: {alg}");
        }
    }
}

fn rows_of(key: Key) -> impl Iterator<Item = Alg> {
    let of_key = move |(own, alg)| (own == key).then_some(alg);
    rows().into_iter().filter_map(of_key)
}

/// RFC 7516 5.2, step 10.
#[test]
fn an_encrypted_key_where_none_belongs_is_refused() {
    let enc = Enc::A128GCM;
    for (key, alg) in rows() {
        if alg.transports_key() == Some(true) {
            continue;
        }
        let made = make(key, &alg, &enc).unwrap();
        let encrypted = with_octets((&alg, &enc), &[7; 24], made.header().cloned());
        assert_eq!(find(key, &encrypted).err(), REFUSED, "{key:?} {alg}");
    }
}

#[test]
fn header_parameters_that_are_missing_or_of_another_algorithm_are_refused() {
    let enc = Enc::A128GCM;
    let wrap = KeyManagementHeader::AesGcmKeyWrap(IvAndTag::new(&[7; 12], &[7; 16]));
    for (key, alg) in rows() {
        let made = make(key, &alg, &enc).unwrap();
        let others = match made.header() {
            Some(KeyManagementHeader::EphemeralPublicKey(_)) => [None, Some(wrap.clone())],
            Some(_) => {
                let epk = make(Key::X25519, &Alg::ECDH_ES, &enc).unwrap();
                [None, epk.header().cloned()]
            }
            None => continue,
        };
        for other in others {
            let found = find(key, &with_header((&alg, &enc), &made, other));
            assert_eq!(found.err(), REFUSED, "{key:?} {alg}");
        }
    }
}

#[test]
fn an_ephemeral_key_on_another_curve_is_refused() {
    let enc = Enc::A128GCM;
    let curves = [Key::P256, Key::P384, Key::P521, Key::X25519];
    for key in curves {
        for alg in rows_of(key) {
            let made = make(key, &alg, &enc).unwrap();
            for other in curves.into_iter().filter(|other| *other != key) {
                let theirs = make(other, &alg, &enc).unwrap();
                let header = theirs.header().cloned();
                let found = find(key, &with_header((&alg, &enc), &made, header));
                assert_eq!(found.err(), REFUSED, "{key:?} {other:?} {alg}");
            }
        }
    }
}

/// A point on another curve than its key's gives the private key away bit by bit (RFC 8725 2.5).
#[test]
fn an_ephemeral_key_that_is_off_its_curve_or_of_another_length_is_refused() {
    let enc = Enc::A128GCM;
    for (key, name) in [
        (Key::P256, "P-256"),
        (Key::P384, "P-384"),
        (Key::P521, "P-521"),
    ] {
        let alg = Alg::ECDH_ES;
        let made = make(key, &alg, &enc).unwrap();
        let Some(KeyManagementHeader::EphemeralPublicKey(EphemeralPublicKey::Ec { x, y, .. })) =
            made.header()
        else {
            panic!("no point");
        };
        let found = |crv: &'static str, x: &[u8], y: &[u8]| {
            let (x, y) = (x.to_vec(), y.to_vec());
            let epk = EphemeralPublicKey::Ec {
                crv: crv.into(),
                x,
                y,
            };
            let header = KeyManagementHeader::EphemeralPublicKey(epk);
            find(key, &with_header((&alg, &enc), &made, Some(header)))
        };
        assert!(found(name, x, y).is_ok());
        let length = x.len();
        let mut changed = y.clone();
        changed[length - 1] ^= 1;
        let (zero, full) = (vec![0; length], vec![0xff; length]);
        for (x, y) in [
            (x, &changed),
            (y, x),
            (&zero, &zero),
            (&full, &full),
            (x, &zero),
            (&x[1..].to_vec(), y),
            (x, &y[..length - 1].to_vec()),
            (&[&[0], x.as_slice()].concat(), y),
            (&x[1..].to_vec(), &[y.as_slice(), &[0]].concat()),
            (&Vec::new(), &[x.as_slice(), y.as_slice()].concat()),
            (x, &Vec::new()),
            (&Vec::new(), &Vec::new()),
        ] {
            assert_eq!(found(name, x, y).err(), REFUSED, "{name}");
        }
        for crv in ["", "p-256", "P-224", "secp256k1", "X25519"] {
            assert_eq!(found(crv, x, y).err(), REFUSED, "{name} as {crv}");
        }
    }
}

#[test]
fn an_x25519_key_of_low_order_or_of_another_length_or_name_is_refused() {
    let (alg, enc) = (Alg::ECDH_ES, Enc::A128GCM);
    let made = make(Key::X25519, &alg, &enc).unwrap();
    let found = |crv: &'static str, x: &[u8]| {
        let epk = EphemeralPublicKey::Okp {
            crv: crv.into(),
            x: x.to_vec(),
        };
        let header = KeyManagementHeader::EphemeralPublicKey(epk);
        find(Key::X25519, &with_header((&alg, &enc), &made, Some(header)))
    };
    assert!(found("X25519", &[9; 32]).is_ok());
    for length in [0, 31, 33, 64] {
        assert_eq!(found("X25519", &vec![9; length]).err(), REFUSED);
    }
    for crv in ["", "x25519", "Ed25519", "X448", "P-256"] {
        assert_eq!(found(crv, &[9; 32]).err(), REFUSED, "{crv}");
    }
    let mut low = vec![[0; 32], [0xff; 32], [0xff; 32], [0xff; 32], [0; 32]];
    low[1][0] = 0xec;
    low[2][0] = 0xed;
    low[3][0] = 0xee;
    low[4][0] = 1;
    let order_8 = [
        "4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA",
        "X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc",
    ];
    low.extend(order_8.map(|text| <[u8; 32]>::try_from(decode(text)).unwrap()));
    for mut x in low {
        for top in [0x7f, 0xff] {
            x[31] &= top;
            assert_eq!(found("X25519", &x).err(), REFUSED, "{x:x?}");
            x[31] ^= 0x80;
        }
    }
}

#[test]
fn another_ephemeral_key_or_other_parties_make_another_key() {
    let enc = Enc::A128GCM;
    for key in [Key::P256, Key::P384, Key::P521, Key::X25519] {
        for alg in rows_of(key) {
            let [made, other] = [(), ()].map(|()| make(key, &alg, &enc).unwrap());
            let swapped = with_header((&alg, &enc), &made, other.header().cloned());
            let renamed = sent(&alg, &enc, &made).with_parties(b"Alice".to_vec(), Vec::new());
            for encrypted in [swapped, renamed] {
                match find(key, &encrypted) {
                    Err(refused) => assert_eq!(refused, DecryptionError),
                    Ok(found) => {
                        assert_eq!(alg, Alg::ECDH_ES);
                        assert_ne!(found.key(), made.key(), "{key:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_changed_vector_or_tag_of_a_wrapped_key_is_refused() {
    let enc = Enc::A128GCM;
    for alg in [Alg::A128GCMKW, Alg::A192GCMKW, Alg::A256GCMKW] {
        let made = make(Key::Secret, &alg, &enc).unwrap();
        let Some(KeyManagementHeader::AesGcmKeyWrap(good)) = made.header() else {
            panic!("no `iv` and `tag`");
        };
        let found = |iv: &[u8], tag: &[u8]| {
            let header = KeyManagementHeader::AesGcmKeyWrap(IvAndTag::new(iv, tag));
            find(Key::Secret, &with_header((&alg, &enc), &made, Some(header)))
        };
        assert!(found(good.iv(), good.tag()).is_ok());
        for octet in 0..16 {
            let (mut iv, mut tag) = (good.iv().to_vec(), good.tag().to_vec());
            tag[octet] ^= 1;
            assert_eq!(found(&iv, &tag).err(), REFUSED, "{alg}");
            assert_eq!(found(&iv, &good.tag()[..octet]).err(), REFUSED, "{alg}");
            if let Some(octet) = iv.get_mut(octet) {
                *octet ^= 1;
                assert_eq!(found(&iv, good.tag()).err(), REFUSED, "{alg}");
            }
        }
        for iv in [&[][..], &good.iv()[1..], &[good.iv(), &[0]].concat()] {
            assert_eq!(found(iv, good.tag()).err(), REFUSED, "{alg}");
        }
        let long = [good.tag(), &[0]].concat();
        assert_eq!(found(good.iv(), &long).err(), REFUSED, "{alg}");
    }
}

#[test]
fn one_flipped_bit_in_header_vector_content_or_tag_is_refused_and_decrypts_nothing() {
    for enc in JwaDecrypter.content_encryption_algorithms() {
        let key = ContentKey::direct(vec![7; enc.key_octets().unwrap()]);
        let (added, content) = encrypted(enc, &key);
        let parts = [b"protected", added.iv(), &content, added.tag()].map(<[u8]>::to_vec);
        let read = |[header, iv, content, tag]: &[Vec<u8>; 4]| {
            open(enc, &key, (header, &IvAndTag::new(iv, tag)), content)
        };
        assert_eq!(read(&parts).unwrap(), CONTENT, "{enc}");
        for part in 0..parts.len() {
            for octet in 0..parts[part].len() {
                let mut changed = parts.clone();
                changed[part][octet] ^= 1 << (octet % 8);
                assert_eq!(
                    read(&changed).err(),
                    REFUSED,
                    "{enc}: part {part}, octet {octet}"
                );
            }
            let full = &parts[part];
            for length in 0..full.len() + 18 {
                let mut changed = parts.clone();
                changed[part].resize(length, 0);
                if changed != parts {
                    assert_eq!(
                        read(&changed).err(),
                        REFUSED,
                        "{enc}: part {part} with {length} octets"
                    );
                }
            }
        }
    }
}

/// Octets that move from the header to the vector, or from there to the content, leave the input of
/// the MAC the same but for its last part and the sizes.
#[test]
fn octets_that_move_between_header_vector_and_content_are_refused() {
    for enc in JwaDecrypter.content_encryption_algorithms() {
        let key = ContentKey::direct(vec![7; enc.key_octets().unwrap()]);
        let (added, content) = encrypted(enc, &key);
        let all = [b"protected", added.iv(), content.as_slice()].concat();
        let start = b"protected".len();
        for (iv, content) in [
            (start - 1, start - 1 + added.iv().len()),
            (start, start + added.iv().len() - 1),
            (start, start + added.iv().len() + 1),
            (start + 1, start + 1 + added.iv().len()),
            (start - 1, start + added.iv().len()),
        ] {
            let added = IvAndTag::new(&all[iv..content], added.tag());
            let read = open(enc, &key, (&all[..iv], &added), &all[content..]);
            assert_eq!(read.err(), REFUSED, "{enc}");
        }
    }
}

#[test]
fn a_content_key_of_another_size_is_refused() {
    for enc in JwaDecrypter.content_encryption_algorithms() {
        let size = enc.key_octets().unwrap();
        let (added, content) = encrypted(enc, &ContentKey::direct(vec![7; size]));
        for other in (0..=65).filter(|other| *other != size) {
            let key = ContentKey::direct(vec![7; other]);
            let read = open(enc, &key, (b"protected", &added), &content);
            assert_eq!(read.err(), REFUSED, "{enc} with {other} octets");
        }
    }
    let key = ContentKey::direct(vec![7; 32]);
    let added = IvAndTag::new(&[7; 12], &[7; 16]);
    for odd in ["XC20P", "a256gcm", "A128CBC"] {
        let read = open(&odd.parse().unwrap(), &key, (b"", &added), CONTENT);
        assert_eq!(read.err(), REFUSED, "{odd}");
    }
}

/// Whoever has the key can authenticate anything. It is refused without a panic.
#[test]
fn authentic_content_that_is_no_padded_blocks_is_refused() {
    let key = ContentKey::direct(vec![7; 32]);
    for (length, octet) in [(0, 0), (1, 0), (15, 9), (16, 0), (17, 3), (31, 0), (32, 6)] {
        for iv in [16, 0, 12, 15, 17] {
            let (iv, content) = (vec![1; iv], vec![octet; length]);
            let mac = <Hmac<Sha256>>::new_from_slice(&[7; 16])
                .unwrap()
                .chain_update([b"protected", iv.as_slice(), &content].concat())
                .chain_update(72_u64.to_be_bytes())
                .finalize()
                .into_bytes();
            let added = IvAndTag::new(&iv, &mac[..16]);
            let mut read = content.clone();
            let authenticated = Authenticated {
                associated_data: b"protected",
                iv_and_tag: &added,
            };
            let refused = JwaDecrypter.decrypt(&Enc::A128CBC_HS256, &key, authenticated, &mut read);
            assert_eq!(refused.err(), REFUSED, "{length} {octet}");
        }
    }
}

#[test]
fn content_of_any_length_is_decrypted() {
    for enc in JwaDecrypter.content_encryption_algorithms() {
        let key = ContentKey::direct(vec![7; enc.key_octets().unwrap()]);
        for length in [0, 1, 15, 16, 17, 31, 32, 1000] {
            let mut content = vec![b'x'; length];
            let added = JwaEncrypter.encrypt(enc, &key, b"", &mut content).unwrap();
            let read = open(enc, &key, (b"", &added), &content);
            assert_eq!(read.unwrap(), vec![b'x'; length], "{enc} {length}");
        }
    }
}
