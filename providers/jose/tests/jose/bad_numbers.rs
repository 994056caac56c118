//! Reading keys: numbers that are weak, out of range, or do not belong together.

use jarm_jose::KeyError;
use serde_json::json;

use crate::support::{
    assert_refused, decode, encode, jwk_error, pem, pem_error, private_jwk, with, without,
};

#[test]
fn an_rsa_key_below_2048_or_above_8192_bits_is_refused() {
    assert_refused!(
        pem_error(pem("rsa-1024")),
        KeyError::RsaModulus { bits: 1024 }
    );
    for (octets, first) in [(256, 0x7f), (1025, 0xff)] {
        let mut n = vec![0xff; octets];
        n[0] = first;
        assert_refused!(
            jwk_error(&with("rsa-2048", "n", json!(encode(&n)))),
            KeyError::RsaModulus { bits: 2047 | 8200 }
        );
    }
}

#[test]
fn an_rsa_exponent_that_is_even_one_or_too_large_is_refused() {
    for e in [vec![1], vec![2], vec![1, 0, 0], vec![], vec![2, 0, 0, 0, 1]] {
        let error = jwk_error(&with("rsa-2048", "e", json!(encode(&e))));
        assert_refused!(error, KeyError::RsaExponent);
    }
}

#[test]
fn rsa_numbers_that_do_not_belong_together_are_refused() {
    let jwk = private_jwk("rsa-2048");
    for member in ["n", "d", "p", "q", "dp", "dq", "qi"] {
        let mut number = decode(jwk[member].as_str().unwrap());
        number[20] ^= 4;
        let error = jwk_error(&with("rsa-2048", member, json!(encode(&number))));
        assert_refused!(error, KeyError::Inconsistent);
        for useless in [vec![], vec![0], vec![1], vec![2], vec![0xff; 257]] {
            if member != "n" {
                let error = jwk_error(&with("rsa-2048", member, json!(encode(&useless))));
                assert_refused!(error, KeyError::Inconsistent);
            }
        }
    }
    let other = private_jwk("rsa-2048-e3");
    assert_refused!(
        jwk_error(&with("rsa-2048", "n", other["n"].clone())),
        KeyError::Inconsistent
    );
    assert_refused!(
        jwk_error(&with("rsa-2048", "e", other["e"].clone())),
        KeyError::Inconsistent
    );
    assert_refused!(
        jwk_error(&with("rsa-2048", "q", jwk["p"].clone())),
        KeyError::Inconsistent
    );
}

#[test]
fn an_rsa_jwk_without_its_crt_members_is_refused_by_name() {
    for member in ["p", "q", "dp", "dq", "qi"] {
        let error = jwk_error(&without("rsa-2048", member)).to_string();
        assert!(error.contains(&format!("`{member}` is missing")), "{error}");
    }
    assert_refused!(
        jwk_error(&with("rsa-2048", "oth", json!([]))),
        KeyError::Jwk { .. }
    );
}

#[test]
fn an_rsa_key_that_is_not_for_pkcs1_and_two_primes_is_refused() {
    for name in ["rsa-pss-2048", "rsa-2048-three-primes"] {
        assert_refused!(pem_error(pem(name)), KeyError::UnsupportedKeyType { .. });
    }
}

#[test]
fn a_public_part_of_another_key_is_refused() {
    for name in ["p256", "p384", "p521"] {
        for member in ["x", "y"] {
            let mut octets = decode(private_jwk(name)[member].as_str().unwrap());
            octets[7] ^= 1;
            let error = jwk_error(&with(name, member, json!(encode(&octets))));
            assert_refused!(error, KeyError::Inconsistent);
        }
    }
    let x = encode(&[7; 32]);
    assert_refused!(
        jwk_error(&with("ed25519", "x", json!(x))),
        KeyError::Inconsistent
    );
    assert_refused!(
        jwk_error(&with("ed25519", "x", json!("AA"))),
        KeyError::Inconsistent
    );
}

#[test]
fn a_sec1_key_with_the_point_of_another_key_is_refused() {
    let point = |name| {
        let jwk = private_jwk(name);
        [
            decode(jwk["x"].as_str().unwrap()),
            decode(jwk["y"].as_str().unwrap()),
        ]
        .concat()
    };
    let pem = pem("p256.sec1");
    let (_, document) = rsa::pkcs8::der::SecretDocument::from_pem(&pem).unwrap();
    let mut der = document.as_bytes().to_vec();
    let end = der.len();
    assert_eq!(&der[end - 64..], point("p256"));
    der[end - 1] ^= 1;
    let document = rsa::pkcs8::der::SecretDocument::try_from(der).unwrap();
    let changed = document
        .to_pem("EC PRIVATE KEY", rsa::pkcs8::LineEnding::LF)
        .unwrap();
    assert_refused!(pem_error(changed.as_str()), KeyError::Inconsistent);
}

#[test]
fn a_private_number_out_of_range_is_refused() {
    for (name, length) in [("p256", 32), ("p384", 48), ("p521", 66)] {
        for octet in [0, 0xff] {
            let error = jwk_error(&with(name, "d", json!(encode(&vec![octet; length]))));
            assert_refused!(error, KeyError::Inconsistent);
        }
        for wrong in [length - 1, length + 1, 0] {
            let error = jwk_error(&with(name, "d", json!(encode(&vec![1; wrong]))));
            assert_refused!(error, KeyError::Jwk { .. });
        }
    }
    assert_refused!(
        jwk_error(&with("ed25519", "d", json!("AA"))),
        KeyError::Jwk { .. }
    );
}
