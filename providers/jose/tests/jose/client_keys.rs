//! Clients' public keys: which are taken, which are refused and in what words. The rows are the
//! same in both builds.

use jarm_core::jose::{JweEncrypter as _, Jwk, PublicKeyError};
use jarm_jose::JwaEncrypter;
use serde_json::{Value, json};

use crate::support::{decode, encode, key};

/// The public JWK of a file in `keys`, with some members changed; `null` takes one out.
fn jwk(name: &str, changes: Value) -> Value {
    let mut jwk = match name {
        "x25519" => json!({"kty": "OKP", "crv": "X25519", "x": X25519}),
        _ => serde_json::to_value(key(name).public_jwk()).unwrap(),
    };
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    let members = jwk.as_object_mut().unwrap();
    members.extend(changes);
    members.retain(|_, value| !value.is_null());
    jwk
}

/// The key that belongs to `keys/x25519.pem`.
const X25519: &str = "w30XEld7kxVXliID_bExeqTbvVhi0406np_2ppg8-m0";

/// The algorithms that a key can be used with.
fn read(jwk: &Value) -> Result<Vec<String>, PublicKeyError> {
    let jwk: Jwk = serde_json::from_value(jwk.clone()).unwrap();
    let all = JwaEncrypter.key_management_algorithms().iter();
    let (mut usable, mut unsupported) = (Vec::new(), None);
    for alg in all.filter(|alg| !alg.uses_client_secret()) {
        match JwaEncrypter.public_key(alg, &jwk) {
            Ok(_) => usable.push(alg.as_str().to_owned()),
            Err(PublicKeyError::Unsupported(why)) => unsupported = Some(why),
            Err(broken) => return Err(broken),
        }
    }
    match unsupported {
        Some(why) if usable.is_empty() => Err(PublicKeyError::Unsupported(why)),
        _ => Ok(usable),
    }
}

fn assert_taken(jwk: &Value) {
    let usable = read(jwk).unwrap();
    assert_eq!(usable.len(), 4, "{usable:?}");
    let jwk: Jwk = serde_json::from_value(jwk.clone()).unwrap();
    for alg in usable {
        let key = JwaEncrypter
            .public_key(&alg.parse().unwrap(), &jwk)
            .unwrap();
        let enc = jarm_core::JweContentEncryptionAlgorithm::A256CBC_HS512;
        key.content_key(&enc).unwrap();
    }
}

/// Refused in words that have `words` in them, and nothing of the key.
#[track_caller]
fn assert_invalid(jwk: &Value, words: &str) {
    match read(jwk) {
        Err(PublicKeyError::Invalid(text)) => {
            assert!(text.contains(words), "{text}");
            assert!(text.len() < 120, "{text}");
        }
        other => panic!("{other:?} instead of `{words}`"),
    }
}

fn number(octets: usize, first: u8, last: u8) -> String {
    let mut number = vec![0xa5; octets];
    number[0] = first;
    number[octets - 1] = last;
    encode(&number)
}

#[test]
fn a_key_offers_the_algorithms_of_its_type() {
    let oaep = ["RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"];
    for name in ["rsa-2048", "rsa-2048-e3"] {
        assert_eq!(read(&jwk(name, json!({}))).unwrap(), oaep);
    }
    let ecdh = [
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "ECDH-ES+A192KW",
        "ECDH-ES+A256KW",
    ];
    for name in ["p256", "p384", "p521", "x25519"] {
        assert_eq!(read(&jwk(name, json!({}))).unwrap(), ecdh);
    }
}

#[test]
fn other_members_are_passed_over() {
    let others = json!({
        "use": "enc", "kid": "1", "alg": "any", "key_ops": ["wrapKey"], "x5c": ["not base64 !"],
        "x5t": 1, "x5u": null, "custom": {},
    });
    for name in ["rsa-2048", "p256", "x25519"] {
        assert_taken(&jwk(name, others.clone()));
    }
}

#[test]
fn keys_of_other_kinds_are_told_from_broken_ones() {
    for (name, changes) in [
        ("ed25519", json!({})),
        ("ed25519", json!({"x": "broken!"})),
        ("x25519", json!({"crv": "X448"})),
        ("x25519", json!({"crv": "Ed448"})),
        ("x25519", json!({"crv": "x25519"})),
        ("x25519", json!({"crv": "P-256"})),
        ("p256", json!({"crv": "secp256k1"})),
        ("p256", json!({"crv": "P-224"})),
        ("p256", json!({"crv": "p-256"})),
        ("p256", json!({"crv": "X25519"})),
        ("p256", json!({"crv": ""})),
        ("p256", json!({"kty": "AKP"})),
        ("p256", json!({"kty": "ec"})),
        ("p256", json!({"kty": ""})),
        ("rsa-2048", json!({"kty": "x".repeat(1_000_000)})),
        ("p256", json!({"crv": "x".repeat(1_000_000)})),
    ] {
        match read(&jwk(name, changes.clone())) {
            Err(PublicKeyError::Unsupported(text)) => assert!(text.len() < 120, "{text}"),
            other => panic!("{name} {changes}: {other:?}"),
        }
    }
}

#[test]
fn a_member_that_is_missing_or_no_base64url_is_named() {
    for (name, members) in [
        ("rsa-2048", &["n", "e"][..]),
        ("p256", &["x", "y", "crv"]),
        ("p384", &["x", "y", "crv"]),
        ("p521", &["x", "y", "crv"]),
        ("x25519", &["x", "crv"]),
    ] {
        for member in members {
            let missing = jwk(name, json!({ *member: null }));
            assert_invalid(&missing, &format!("`{member}` is missing"));
            for value in [json!(65537), json!(["AQAB"]), json!({}), json!(true)] {
                let wrong = jwk(name, json!({ *member: value }));
                assert_invalid(&wrong, &format!("`{member}` is not a string"));
            }
            if *member == "crv" {
                continue;
            }
            let good = jwk(name, json!({}))[*member].as_str().unwrap().to_owned();
            for text in [
                format!("{good}="),
                format!("{good}=="),
                format!(" {good}"),
                format!("{good}\n"),
                format!("+{good}/"),
                format!("{good}!!!!"),
                "A".into(),
                "AB".into(), // bits that belong to no octet
                "ä".into(),
            ] {
                let wrong = jwk(name, json!({ *member: text }));
                assert_invalid(&wrong, &format!("`{member}` is not base64url"));
            }
        }
    }
}

#[test]
fn an_rsa_modulus_has_2048_to_8192_bits_and_is_odd() {
    let n = |n: String| jwk("rsa-2048", json!({ "n": n }));
    for (octets, first, bits) in [
        (128, 0x80, 1024),
        (256, 0x7f, 2047),
        (1025, 0x01, 8193),
        (2048, 0xff, 16384),
        (1, 0x00, 0),
    ] {
        let last = u8::from(octets != 1);
        assert_invalid(
            &n(number(octets, first, last)),
            &format!("`n` has {bits} bits"),
        );
    }
    assert_invalid(&n(String::new()), "`n` has 0 bits");
    assert_invalid(&n(number(256, 0xff, 0xfe)), "`n` is even");
    for (octets, first) in [(256, 0x80), (257, 0x01), (1024, 0xff)] {
        assert_taken(&n(number(octets, first, 1)));
    }
}

#[test]
fn an_rsa_exponent_is_odd_above_1_and_at_most_33_bits() {
    let e = |e: &[u8]| jwk("rsa-2048", json!({ "e": encode(e) }));
    for wrong in [
        &[][..],
        &[0],
        &[1],
        &[0, 1],
        &[2],
        &[1, 0, 0],
        &[2, 0, 0, 0, 1],
        &[0xff; 256],
    ] {
        assert_invalid(&e(wrong), "`e` must be odd");
    }
    for taken in [
        &[3][..],
        &[1, 0, 1],
        &[0, 1, 0, 1],
        &[1, 0xff, 0xff, 0xff, 0xff],
    ] {
        assert_taken(&e(taken));
    }
}

#[test]
fn leading_zeros_of_a_modulus_are_tolerated() {
    let n = decode(jwk("rsa-2048", json!({}))["n"].as_str().unwrap());
    let padded = [&[0, 0][..], &n].concat();
    assert_taken(&jwk("rsa-2048", json!({ "n": encode(&padded) })));
}

#[test]
fn a_member_of_a_megabyte_is_refused_by_its_length() {
    for (name, members) in [
        ("rsa-2048", &["n", "e"][..]),
        ("p521", &["x", "y"]),
        ("x25519", &["x"]),
    ] {
        for member in members {
            let jwk = jwk(name, json!({ *member: "_".repeat(1_000_000) }));
            let refused = read(&jwk).unwrap_err();
            let longer = format!("`{member}` is longer than 4096 characters");
            assert!(refused.to_string().contains(&longer), "{refused}");
        }
    }
}

#[test]
fn a_coordinate_has_exactly_the_length_of_its_field() {
    for (name, length) in [("p256", 32), ("p384", 48), ("p521", 66), ("x25519", 32)] {
        let members = if name == "x25519" {
            &["x"][..]
        } else {
            &["x", "y"]
        };
        for member in members {
            let good = decode(jwk(name, json!({}))[*member].as_str().unwrap());
            let words = format!("`{member}` must have {length} octets");
            for wrong in [
                Vec::new(),
                good[1..].to_vec(),
                good[..length - 1].to_vec(),
                [&[0], good.as_slice()].concat(),
            ] {
                assert_invalid(&jwk(name, json!({ *member: encode(&wrong) })), &words);
            }
        }
    }
}

#[test]
fn a_point_that_is_not_on_its_curve_is_refused() {
    for (name, crv, length) in [
        ("p256", "P-256", 32),
        ("p384", "P-384", 48),
        ("p521", "P-521", 66),
    ] {
        let words = format!("the point is not on {crv}");
        let good = jwk(name, json!({}));
        let (x, y) = (&good["x"], &good["y"]);
        assert_invalid(&jwk(name, json!({ "x": y, "y": x })), &words);
        for member in ["x", "y"] {
            let mut octets = decode(good[member].as_str().unwrap());
            octets[length - 1] ^= 1;
            assert_invalid(&jwk(name, json!({ member: encode(&octets) })), &words);
            for octet in [0, 0xff] {
                let octets = vec![octet; length];
                assert_invalid(&jwk(name, json!({ member: encode(&octets) })), &words);
            }
        }
        let zero = encode(&vec![0; length]);
        assert_invalid(&jwk(name, json!({ "x": zero, "y": zero })), &words);
    }
}

/// The point is on the curve, but for the field's prime that was added to a coordinate.
#[test]
fn a_coordinate_that_is_not_reduced_is_refused() {
    // On P-256 the points with x = 5 are (5, ±y); x = p + 5 fits into 32 octets.
    let y = "RZJDuapYGAb-kTvOmYF63hHKUDxk2aPFM0FcCDJI-8w";
    let p_plus_5 = "_____wAAAAEAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAQ";
    let mut five = [0; 32];
    five[31] = 5;
    assert_taken(&jwk("p256", json!({ "x": encode(&five), "y": y })));
    let not_reduced = jwk("p256", json!({ "x": p_plus_5, "y": y }));
    assert_invalid(&not_reduced, "the point is not on P-256");
}

#[test]
fn an_x25519_key_of_low_order_is_refused_in_each_of_its_encodings() {
    // The points of low order on the curve and its twist, not reduced ones among them
    // (RFC 7748 6.1), each with and without the bit that is ignored.
    let prime = |last: u8| {
        let mut octets = [0xff; 32];
        octets[0] = last;
        octets[31] = 0x7f;
        octets
    };
    let small = |value: u8| {
        let mut octets = [0; 32];
        octets[0] = value;
        octets
    };
    let order_8 = [
        "4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA",
        "X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc",
    ];
    let order_8 = order_8.map(|text| <[u8; 32]>::try_from(decode(text)).unwrap());
    let rows = [small(0), small(1), prime(0xec), prime(0xed), prime(0xee)];
    for mut x in rows.into_iter().chain(order_8) {
        for _ in 0..2 {
            let key = jwk("x25519", json!({ "x": encode(&x) }));
            assert_invalid(&key, "`x` is a point of low order");
            x[31] ^= 0x80;
        }
    }
}

#[test]
fn an_x25519_key_that_is_not_reduced_is_taken() {
    let mut x = [0xff; 32];
    x[31] = 0x7f;
    for last in 0xef..=0xff {
        x[0] = last; // the prime and 2 to 18 more
        assert_taken(&jwk("x25519", json!({ "x": encode(&x) })));
    }
}
