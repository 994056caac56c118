//! Verification: what the keys of `jarm-jose` sign is verified, and nothing else. Both builds pass
//! the same rows.

use hmac::{Hmac, Mac as _};
use jarm_core::JwsAlgorithm;
use jarm_core::jose::{
    ClientSecret, ClientSecretMac as _, Jwk, JwsVerifier as _, PublicKeyError, Signed,
    VerificationError,
};
use jarm_jose::{HmacClientSecrets, JwaVerifier, KeyKind, SigningKey};
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{BigUint, Pkcs1v15Sign, Pss};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use crate::support::{ALGORITHMS, decode, encode, key, pem, private_jwk, sign, vectors};

const INPUT: &[u8] = b"eyJhbGciOiJYIn0.e30";
const FORGED: VerificationError = VerificationError::Signature;

fn verify(
    algorithm: &JwsAlgorithm,
    key: &Jwk,
    (signing_input, signature): (&[u8], &[u8]),
) -> Result<(), VerificationError> {
    let signed = Signed {
        signing_input,
        signature,
    };
    JwaVerifier.verify(algorithm, key, signed)
}

fn verify_mac(algorithm: &JwsAlgorithm, secret: &str, mac: &[u8]) -> Result<(), VerificationError> {
    let signed = Signed {
        signing_input: INPUT,
        signature: mac,
    };
    JwaVerifier.verify_mac(algorithm, &ClientSecret::new(secret), signed)
}

/// The public JWK of a file in `keys`, with some members changed; `null` takes one out.
fn jwk(name: &str, changes: Value) -> Jwk {
    let mut members = key(name).public_jwk().members().clone();
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    members.extend(changes);
    members.retain(|_, value| !value.is_null());
    Jwk::try_new(members).unwrap()
}

fn refusal(algorithm: &JwsAlgorithm, key: &Jwk) -> PublicKeyError {
    match verify(algorithm, key, (INPUT, &[1; 256])) {
        Err(VerificationError::Key(why)) => why,
        other => panic!("{algorithm} {key:?}: {other:?}"),
    }
}

#[track_caller]
fn assert_invalid(algorithm: &JwsAlgorithm, key: &Jwk, words: &str) {
    let why = refusal(algorithm, key);
    assert!(matches!(why, PublicKeyError::Invalid(_)), "{why:?}");
    assert!(why.to_string().contains(words), "{why}");
}

#[test]
fn the_algorithms_are_those_of_keys_and_then_those_of_secrets() {
    let names = JwaVerifier.algorithms().iter().map(JwsAlgorithm::as_str);
    let names: Vec<_> = names.collect();
    let expected = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 Ed25519 EdDSA \
        HS256 HS384 HS512";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn what_every_algorithm_signs_is_verified_and_another_input_is_not() {
    for (algorithm, name, _) in ALGORITHMS {
        let key = key(name);
        let signature = sign(&key, &algorithm, INPUT);
        let public = key.public_jwk();
        let verified = |input| verify(&algorithm, &public, (input, &signature));
        assert_eq!(verified(INPUT), Ok(()), "{algorithm}");
        for other in [&b""[..], b"another", &INPUT[1..]] {
            assert_eq!(verified(other), Err(FORGED), "{algorithm}");
        }
    }
}

#[test]
fn the_signatures_printed_in_the_rfcs_are_verified() {
    for (name, algorithm) in [
        ("rfc7515_a2", JwsAlgorithm::RS256),
        ("rfc7515_a3", JwsAlgorithm::ES256),
        ("rfc7515_a4", JwsAlgorithm::ES512),
        ("rfc8037_a4", JwsAlgorithm::EDDSA),
        ("rfc8037_a4", JwsAlgorithm::ED25519),
    ] {
        let vector = &vectors("rfc")[name];
        let public = SigningKey::from_jwk_value(&vector["jwk"]).unwrap();
        let text = |member: &str| vector[member].as_str().unwrap();
        let (input, signature) = (text("signing_input"), decode(text("signature")));
        let printed = (input.as_bytes(), signature.as_slice());
        assert_eq!(
            verify(&algorithm, &public.public_jwk(), printed),
            Ok(()),
            "{name}"
        );
    }
}

#[test]
fn a_signature_of_another_key_of_the_same_kind_is_refused() {
    for (kind, name) in [
        (KeyKind::Rsa2048, "rsa-2048"),
        (KeyKind::P256, "p256"),
        (KeyKind::P384, "p384"),
        (KeyKind::P521, "p521"),
        (KeyKind::Ed25519, "ed25519"),
    ] {
        let other = SigningKey::generate(kind).unwrap();
        for algorithm in other.algorithms() {
            let signature = sign(&other, algorithm, INPUT);
            let public = key(name).public_jwk();
            let verified = verify(algorithm, &public, (INPUT, &signature));
            assert_eq!(verified, Err(FORGED), "{algorithm}");
        }
    }
}

#[test]
fn a_signature_of_another_algorithm_is_refused() {
    for (made_with, name, _) in ALGORITHMS {
        let key = key(name);
        let signature = sign(&key, &made_with, INPUT);
        for (algorithm, other, _) in ALGORITHMS {
            let one_scheme = other == "ed25519" && name == "ed25519";
            if algorithm == made_with || one_scheme {
                continue;
            }
            let verified = verify(&algorithm, &key.public_jwk(), (INPUT, &signature));
            if other == name {
                assert_eq!(verified, Err(FORGED), "{made_with} as {algorithm}");
            } else {
                let why = verified.unwrap_err();
                let unsupported =
                    VerificationError::Key(PublicKeyError::Unsupported(String::new()));
                assert_eq!(
                    std::mem::discriminant(&why),
                    std::mem::discriminant(&unsupported),
                    "{made_with} as {algorithm}: {why}"
                );
            }
        }
    }
}

#[test]
fn an_algorithm_without_a_public_key_verifies_by_none() {
    for name in ["rsa-2048", "p256", "ed25519"] {
        let public = key(name).public_jwk();
        for other in ["HS256", "none", "rs256", "ES256K", "RS1", "Ed448"] {
            let algorithm = JwsAlgorithm::try_new(other);
            let Ok(algorithm) = algorithm else { continue };
            for signature in [&b""[..], &[1; 64]] {
                let verified = verify(&algorithm, &public, (INPUT, signature));
                assert_eq!(verified, Err(FORGED), "{name} {other}");
            }
        }
    }
}

#[test]
fn one_flipped_bit_in_any_octet_makes_another_signature() {
    for (algorithm, name, length) in ALGORITHMS {
        let key = key(name);
        let public = key.public_jwk();
        let signature = sign(&key, &algorithm, INPUT);
        for octet in 0..length {
            let mut changed = signature.clone();
            changed[octet] ^= 1 << (octet % 8);
            let verified = verify(&algorithm, &public, (INPUT, &changed));
            assert_eq!(verified, Err(FORGED), "{algorithm}: octet {octet}");
        }
    }
}

#[test]
fn a_signature_of_another_length_is_refused() {
    for (algorithm, name, length) in ALGORITHMS {
        let key = key(name);
        let public = key.public_jwk();
        let signature = sign(&key, &algorithm, INPUT);
        let half = length / 2;
        let padded_halves = [&[0], &signature[..half], &[0], &signature[half..]].concat();
        let others = [
            Vec::new(),
            signature[..length - 1].to_vec(),
            signature[1..].to_vec(),
            signature[..half].to_vec(),
            [&signature[..], &[0]].concat(),
            [&[0], &signature[..]].concat(),
            padded_halves,
            [&signature[..], &signature[..]].concat(),
        ];
        for other in others {
            let verified = verify(&algorithm, &public, (INPUT, &other));
            assert_eq!(verified, Err(FORGED), "{algorithm}: {} octets", other.len());
        }
    }
}

#[test]
fn octets_that_are_no_signature_are_refused() {
    for (algorithm, name, length) in ALGORITHMS {
        let public = key(name).public_jwk();
        for octet in [0, 1, 0x7f, 0x80, 0xff] {
            let verified = verify(&algorithm, &public, (INPUT, &vec![octet; length]));
            assert_eq!(verified, Err(FORGED), "{algorithm}: {octet:#x}");
        }
    }
}

/// RFC 7518 3.4: `R || S`, and not the DER of X.509.
#[test]
fn an_ecdsa_signature_in_der_is_refused() {
    macro_rules! der {
        ($curve:ident, $signature:expr) => {
            $curve::ecdsa::Signature::from_slice($signature)
                .unwrap()
                .to_der()
                .as_bytes()
                .to_vec()
        };
    }
    for (algorithm, name, _) in ALGORITHMS {
        let key = key(name);
        let signature = sign(&key, &algorithm, INPUT);
        let der = match name {
            "p256" => der!(p256, &signature),
            "p384" => der!(p384, &signature),
            "p521" => der!(p521, &signature),
            _ => continue,
        };
        let verified = verify(&algorithm, &key.public_jwk(), (INPUT, &der));
        assert_eq!(verified, Err(FORGED), "{algorithm}");
    }
}

/// The hash that belongs to the curve is the only one (RFC 7518 3.4).
#[test]
fn an_ecdsa_signature_over_another_hash_is_refused() {
    let own = p256::ecdsa::SigningKey::from_pkcs8_pem(&pem("p256")).unwrap();
    let with = |digest: &[u8]| -> Vec<u8> {
        let made: p256::ecdsa::Signature = own.sign_prehash(digest).unwrap();
        made.to_vec()
    };
    let public = key("p256").public_jwk();
    let verified = |signature: &[u8]| verify(&JwsAlgorithm::ES256, &public, (INPUT, signature));
    assert_eq!(verified(&with(&Sha256::digest(INPUT))), Ok(()));
    assert_eq!(verified(&with(&Sha512::digest(INPUT))), Err(FORGED));
}

/// RFC 7518 3.5: the salt is as long as the hash.
#[test]
fn a_pss_salt_of_another_length_is_refused() {
    let own = rsa::RsaPrivateKey::from_pkcs8_pem(&pem("rsa-2048")).unwrap();
    let public = key("rsa-2048").public_jwk();
    for salt in [0, 20, 31, 32, 33, 64] {
        let mut rng = rsa::rand_core::OsRng;
        let padding = Pss::new_with_salt::<Sha256>(salt);
        let digest = Sha256::digest(INPUT);
        let signature = own.sign_with_rng(&mut rng, padding, &digest).unwrap();
        let verified = verify(&JwsAlgorithm::PS256, &public, (INPUT, &signature));
        assert_eq!(verified.is_ok(), salt == 32, "{salt}");
    }
}

#[test]
fn a_pkcs1_signature_without_the_name_of_its_hash_is_refused() {
    let own = rsa::RsaPrivateKey::from_pkcs8_pem(&pem("rsa-2048")).unwrap();
    let public = key("rsa-2048").public_jwk();
    let digest = Sha256::digest(INPUT);
    for (padding, named) in [
        (Pkcs1v15Sign::new::<Sha256>(), true),
        (Pkcs1v15Sign::new_unprefixed(), false),
    ] {
        let signature = own.sign(padding, &digest).unwrap();
        let verified = verify(&JwsAlgorithm::RS256, &public, (INPUT, &signature));
        assert_eq!(verified.is_ok(), named);
    }
}

/// A signature as a number plus the modulus is the same number to RSA, and another signature here
/// (RFC 8017 5.2.2, step 1).
#[test]
fn an_rsa_signature_that_is_not_reduced_is_refused() {
    let key = key("rsa-2048-e3");
    let public = key.public_jwk();
    let modulus = BigUint::from_bytes_be(&decode(public.text("n").unwrap()));
    for algorithm in [JwsAlgorithm::RS256, JwsAlgorithm::PS256] {
        let mut tried = 0;
        for count in 0..64_u8 {
            let signature = sign(&key, &algorithm, &[count]);
            assert_eq!(verify(&algorithm, &public, (&[count], &signature)), Ok(()));
            let raised = (BigUint::from_bytes_be(&signature) + &modulus).to_bytes_be();
            if raised.len() == 256 {
                tried += 1;
                let verified = verify(&algorithm, &public, (&[count], &raised));
                assert_eq!(verified, Err(FORGED), "{algorithm}");
            }
        }
        // The modulus begins with 0xb or more, so that some signatures have room and some have not.
        assert!(tried > 0, "{algorithm}");
    }
}

/// `S` plus the order of the group is the same signature to who does not look (RFC 8032 5.1.7).
#[test]
fn an_ed25519_signature_that_is_not_reduced_is_refused() {
    let key = key("ed25519");
    let mut signature = sign(&key, &JwsAlgorithm::ED25519, INPUT);
    let order = ed25519_order();
    let s = BigUint::from_bytes_le(&signature[32..]) + order;
    let mut raised = s.to_bytes_le();
    raised.resize(32, 0);
    signature[32..].copy_from_slice(&raised);
    let verified = verify(
        &JwsAlgorithm::ED25519,
        &key.public_jwk(),
        (INPUT, &signature),
    );
    assert_eq!(verified, Err(FORGED));
}

/// The owner of a key can make signatures whose `R` is of low order, which RFC 8032 leaves open and
/// libraries judge differently.
#[test]
fn an_ed25519_signature_with_a_point_of_low_order_is_refused() {
    let d = decode(private_jwk("ed25519")["d"].as_str().unwrap());
    let public = key("ed25519").public_jwk();
    let x = decode(public.text("x").unwrap());
    let mut scalar = Sha512::digest(&d)[..32].to_vec();
    scalar[0] &= 0xf8;
    scalar[31] = scalar[31] & 0x7f | 0x40;
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let k = Sha512::digest([&neutral, x.as_slice(), INPUT].concat());
    let s = BigUint::from_bytes_le(&k) * BigUint::from_bytes_le(&scalar) % ed25519_order();
    let mut s = s.to_bytes_le();
    s.resize(32, 0);
    let signature = [neutral.as_slice(), &s].concat();
    // The equation holds: the lenient verification of the other library takes it.
    let lenient = ed25519_dalek::VerifyingKey::from_bytes(&x.try_into().unwrap()).unwrap();
    let other = ed25519_dalek::Signature::from_slice(&signature).unwrap();
    assert!(ed25519_dalek::Verifier::verify(&lenient, INPUT, &other).is_ok());
    assert_eq!(
        verify(&JwsAlgorithm::ED25519, &public, (INPUT, &signature)),
        Err(FORGED)
    );
}

fn ed25519_order() -> BigUint {
    let order = b"7237005577332262213973186563042994240857116359379907606001950938285454250989";
    BigUint::parse_bytes(order, 10).unwrap()
}

#[test]
fn an_ed25519_key_of_low_order_or_off_the_curve_or_not_reduced_is_refused() {
    let mut points: Vec<[u8; 32]> = Vec::new();
    for first in [0, 1, 2, 0xec, 0xed, 0xee, 0xef, 0xff] {
        let mut low = [0; 32];
        low[0] = first;
        let mut high = [0xff; 32];
        (high[0], high[31]) = (first, 0x7f);
        points.extend([low, high]);
    }
    let order_8 = [
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjOTsTgCiG1T_AU",
    ];
    points.extend(order_8.map(|text| <[u8; 32]>::try_from(decode(text)).unwrap()));
    let (mut refused, mut taken) = (0, 0);
    for mut point in points {
        for _ in 0..2 {
            let key = jwk("ed25519", json!({ "x": encode(&point) }));
            let strong = ed25519_dalek::VerifyingKey::from_bytes(&point)
                .is_ok_and(|key| !key.is_weak() && is_reduced(&point));
            match verify(&JwsAlgorithm::ED25519, &key, (INPUT, &[1; 64])) {
                Err(VerificationError::Key(PublicKeyError::Invalid(_))) if !strong => refused += 1,
                Err(VerificationError::Signature) if strong => taken += 1,
                other => panic!("{point:x?}: {other:?}"),
            }
            point[31] ^= 0x80;
        }
    }
    assert!(refused > 20 && taken > 0, "{refused} {taken}");
}

/// Below 2^255 - 19, the sign aside.
fn is_reduced(point: &[u8; 32]) -> bool {
    let mut point = *point;
    point[31] &= 0x7f;
    let prime = (BigUint::from(1_u8) << 255) - BigUint::from(19_u8);
    BigUint::from_bytes_le(&point) < prime
}

/// With such a key one signature would verify every message: `R` is neutral and `S` zero.
#[test]
fn the_neutral_ed25519_key_verifies_nothing() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let key = jwk("ed25519", json!({ "x": encode(&neutral) }));
    let signature = [neutral, [0; 32]].concat();
    let verified = verify(&JwsAlgorithm::EDDSA, &key, (INPUT, &signature));
    assert!(matches!(verified, Err(VerificationError::Key(_))));
}

#[test]
fn weak_and_broken_rsa_keys_are_refused() {
    let number = |octets: usize, last: u8| {
        let mut number = vec![0xa5; octets];
        number[octets - 1] = last;
        encode(&number)
    };
    for algorithm in [JwsAlgorithm::RS256, JwsAlgorithm::PS512] {
        for (changes, words) in [
            (json!({ "n": number(128, 1) }), "`n` has 1024 bits"),
            (json!({ "n": number(1025, 1) }), "`n` has 8200 bits"),
            (json!({ "n": number(256, 2) }), "`n` is even"),
            (json!({ "n": null }), "`n` is missing"),
            (json!({ "n": 7 }), "`n` is not a string"),
            (json!({ "n": "+/==" }), "`n` is not base64url"),
            (json!({ "e": encode(&[1]) }), "`e` must be odd"),
            (json!({ "e": encode(&[2]) }), "`e` must be odd"),
            (json!({ "e": encode(&[0xff; 6]) }), "`e` must be odd"),
            (json!({ "e": null }), "`e` is missing"),
        ] {
            assert_invalid(&algorithm, &jwk("rsa-2048", changes), words);
        }
    }
}

/// Whoever knows no factor of such a modulus cannot sign; what counts is that both builds take it.
#[test]
fn the_largest_rsa_keys_are_taken() {
    for octets in [256, 512, 1024] {
        let mut n = vec![0xa5; octets];
        n[octets - 1] = 1;
        for e in [&[3][..], &[1, 0, 1], &[1, 0xff, 0xff, 0xff, 0xff]] {
            let key = jwk("rsa-2048", json!({ "n": encode(&n), "e": encode(e) }));
            for algorithm in [JwsAlgorithm::RS256, JwsAlgorithm::PS256] {
                let verified = verify(&algorithm, &key, (INPUT, &vec![1; octets]));
                assert_eq!(verified, Err(FORGED), "{octets} octets");
            }
        }
    }
}

#[test]
fn points_off_the_curve_and_short_coordinates_are_refused() {
    for (algorithm, name, crv, length) in [
        (JwsAlgorithm::ES256, "p256", "P-256", 32),
        (JwsAlgorithm::ES384, "p384", "P-384", 48),
        (JwsAlgorithm::ES512, "p521", "P-521", 66),
    ] {
        let off = format!("the point is not on {crv}");
        let good = key(name).public_jwk();
        for member in ["x", "y"] {
            let octets = decode(good.text(member).unwrap());
            let with = |octets: &[u8]| jwk(name, json!({ member: encode(octets) }));
            let mut changed = octets.clone();
            changed[length - 1] ^= 1;
            assert_invalid(&algorithm, &with(&changed), &off);
            for octet in [0, 0xff] {
                assert_invalid(&algorithm, &with(&vec![octet; length]), &off);
            }
            let words = format!("`{member}` must have {length} octets");
            for other in [&octets[1..], &[&[0], octets.as_slice()].concat(), &[]] {
                assert_invalid(&algorithm, &with(other), &words);
            }
            let missing = jwk(name, json!({ member: null }));
            assert_invalid(&algorithm, &missing, &format!("`{member}` is missing"));
        }
        let zero = encode(&vec![0; length]);
        assert_invalid(
            &algorithm,
            &jwk(name, json!({ "x": zero, "y": zero })),
            &off,
        );
    }
}

#[test]
fn a_key_that_does_not_fit_the_algorithm_is_told_from_a_broken_one() {
    for (algorithm, name, changes) in [
        (JwsAlgorithm::RS256, "rsa-2048", json!({ "kty": "rsa" })),
        (JwsAlgorithm::PS256, "p256", json!({})),
        (JwsAlgorithm::ES256, "rsa-2048", json!({})),
        (JwsAlgorithm::ES256, "p384", json!({})),
        (JwsAlgorithm::ES384, "p384", json!({ "crv": "P-256" })),
        (JwsAlgorithm::ES256, "p256", json!({ "crv": "secp256k1" })),
        (JwsAlgorithm::ES256, "ed25519", json!({})),
        (JwsAlgorithm::ED25519, "p256", json!({})),
        (JwsAlgorithm::ED25519, "ed25519", json!({ "crv": "X25519" })),
        (JwsAlgorithm::EDDSA, "ed25519", json!({ "crv": "Ed448" })),
        (JwsAlgorithm::EDDSA, "ed25519", json!({ "kty": "AKP" })),
    ] {
        let why = refusal(&algorithm, &jwk(name, changes.clone()));
        assert!(
            matches!(why, PublicKeyError::Unsupported(_)),
            "{algorithm} {name} {changes}: {why:?}"
        );
    }
    for (algorithm, name) in [
        (JwsAlgorithm::ES256, "p256"),
        (JwsAlgorithm::ED25519, "ed25519"),
    ] {
        assert_invalid(
            &algorithm,
            &jwk(name, json!({ "crv": null })),
            "`crv` is missing",
        );
    }
    let short = jwk("ed25519", json!({ "x": encode(&[7; 31]) }));
    assert_invalid(&JwsAlgorithm::EDDSA, &short, "`x` must have 32 octets");
}

#[test]
fn a_mac_is_verified_under_the_clients_secret_and_no_other() {
    let vectors = vectors("client-secret-keys");
    let secret = vectors["client_secret"].as_str().unwrap();
    let jws = vectors["hs256_jws"].as_str().unwrap();
    let (input, mac) = jws.rsplit_once('.').unwrap();
    let mac = decode(mac);
    let verified = |secret: &str, mac: &[u8]| {
        let signed = Signed {
            signing_input: input.as_bytes(),
            signature: mac,
        };
        JwaVerifier.verify_mac(&JwsAlgorithm::HS256, &ClientSecret::new(secret), signed)
    };
    assert_eq!(verified(secret, &mac), Ok(()));
    assert_eq!(verified(&format!("{secret}x"), &mac), Err(FORGED));
    for octet in 0..mac.len() {
        let mut changed = mac.clone();
        changed[octet] ^= 1 << (octet % 8);
        assert_eq!(verified(secret, &changed), Err(FORGED), "octet {octet}");
    }
    for other in [&[], &mac[..31], &mac[..16], &[&mac[..], &[0]].concat()] {
        assert_eq!(verified(secret, other), Err(FORGED));
    }
}

#[test]
fn a_mac_of_another_algorithm_is_refused() {
    let secret = "s".repeat(64);
    let rows = HmacClientSecrets.algorithms();
    for made_with in rows {
        let client_secret = ClientSecret::new(secret.clone());
        let mac = HmacClientSecrets.mac(made_with, &client_secret, INPUT);
        let mac = mac.unwrap();
        for algorithm in rows {
            let verified = verify_mac(algorithm, &secret, &mac);
            assert_eq!(verified.is_ok(), algorithm == made_with, "{algorithm}");
        }
    }
    for other in [JwsAlgorithm::RS256, JwsAlgorithm::try_new("hs256").unwrap()] {
        assert_eq!(verify_mac(&other, &secret, &[]), Err(FORGED));
    }
}

/// RFC 7518 3.2. The MAC is right, and the secret too short for it.
#[test]
fn a_mac_under_a_short_secret_is_refused() {
    macro_rules! mac {
        ($hash:ident, $secret:expr) => {
            <Hmac<sha2::$hash>>::new_from_slice($secret)
                .unwrap()
                .chain_update(INPUT)
                .finalize()
                .into_bytes()
                .to_vec()
        };
    }
    for (algorithm, minimum) in [
        (JwsAlgorithm::HS256, 32),
        (JwsAlgorithm::HS384, 48),
        (JwsAlgorithm::HS512, 64),
    ] {
        for length in [minimum, minimum - 1, 1, 0] {
            let secret = "s".repeat(length);
            let mac = match minimum {
                32 => mac!(Sha256, secret.as_bytes()),
                48 => mac!(Sha384, secret.as_bytes()),
                _ => mac!(Sha512, secret.as_bytes()),
            };
            let verified = verify_mac(&algorithm, &secret, &mac);
            assert_eq!(verified.is_ok(), length == minimum, "{algorithm} {length}");
        }
    }
}
