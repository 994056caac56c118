//! Keys, vectors and an independent verifier for the tests.
#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part of it"
)]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm_core::JwsAlgorithm;
use jarm_core::jose::Jwk;
use jarm_jose::{KeyError, SigningKey};
use rsa::signature::Verifier as _;
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// Every algorithm, with the file of a key that signs with it and the length of a signature.
pub(crate) const ALGORITHMS: [(JwsAlgorithm, &str, usize); 11] = [
    (JwsAlgorithm::RS256, "rsa-2048", 256),
    (JwsAlgorithm::RS384, "rsa-2048", 256),
    (JwsAlgorithm::RS512, "rsa-2048", 256),
    (JwsAlgorithm::PS256, "rsa-2048", 256),
    (JwsAlgorithm::PS384, "rsa-2048", 256),
    (JwsAlgorithm::PS512, "rsa-2048", 256),
    (JwsAlgorithm::ES256, "p256", 64),
    (JwsAlgorithm::ES384, "p384", 96),
    (JwsAlgorithm::ES512, "p521", 132),
    (JwsAlgorithm::ED25519, "ed25519", 64),
    (JwsAlgorithm::EDDSA, "ed25519", 64),
];

pub(crate) fn pem(name: &str) -> String {
    let path = format!("{}/tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_pem(pem(name)).unwrap()
}

pub(crate) fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn decode(base64url: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(base64url).unwrap()
}

pub(crate) fn encode(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// The private JWK of a file in `keys`, made by the `RustCrypto` crates.
pub(crate) fn private_jwk(name: &str) -> Value {
    use rsa::pkcs8::DecodePrivateKey as _;
    use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};

    macro_rules! ec {
        ($curve:ident, $crv:literal) => {{
            use $curve::elliptic_curve::sec1::ToEncodedPoint as _;
            let key = $curve::SecretKey::from_pkcs8_pem(&pem(name)).unwrap();
            let point = key.public_key().to_encoded_point(false);
            let (x, y) = (encode(point.x().unwrap()), encode(point.y().unwrap()));
            json!({"kty": "EC", "crv": $crv, "x": x, "y": y, "d": encode(&key.to_bytes())})
        }};
    }
    match name {
        "p256" => ec!(p256, "P-256"),
        "p384" => ec!(p384, "P-384"),
        "p521" => ec!(p521, "P-521"),
        "ed25519" => {
            let key = ed25519_dalek::SigningKey::from_pkcs8_pem(&pem(name)).unwrap();
            let (x, d) = (
                encode(key.verifying_key().as_bytes()),
                encode(key.as_bytes()),
            );
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "d": d})
        }
        _ => {
            let key = rsa::RsaPrivateKey::from_pkcs8_pem(&pem(name)).unwrap();
            let number = |number: &BigUint| encode(&number.to_bytes_be());
            json!({
                "kty": "RSA",
                "n": number(key.n()), "e": number(key.e()), "d": number(key.d()),
                "p": number(&key.primes()[0]), "q": number(&key.primes()[1]),
                "dp": number(key.dp().unwrap()), "dq": number(key.dq().unwrap()),
                "qi": number(&key.crt_coefficient().unwrap()),
            })
        }
    }
}

pub(crate) fn sign(key: &SigningKey, algorithm: &JwsAlgorithm, input: &[u8]) -> Vec<u8> {
    let signer = key.signer(algorithm).unwrap();
    at_once(signer.sign(input)).unwrap()
}

/// What a future is ready with. A key in memory never waits.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).as_mut().poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a key in memory waits"),
    }
}

/// Verifies with the `RustCrypto` crates, in both builds.
pub(crate) fn verifies(
    algorithm: &JwsAlgorithm,
    key: &Jwk,
    input: &[u8],
    signature: &[u8],
) -> bool {
    let member = |name| decode(key.text(name).unwrap());
    let rsa = || {
        let [n, e] = ["n", "e"].map(|name| BigUint::from_bytes_be(&member(name)));
        RsaPublicKey::new(n, e).unwrap()
    };
    macro_rules! ecdsa {
        ($curve:ident) => {{
            use $curve::ecdsa::signature::Verifier as _;
            let point = [vec![4], member("x"), member("y")].concat();
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
            let signature = $curve::ecdsa::Signature::from_slice(signature);
            signature.is_ok_and(|signature| key.verify(input, &signature).is_ok())
        }};
    }
    macro_rules! rsa {
        ($scheme:expr, $hash:ident) => {
            rsa()
                .verify($scheme, &$hash::digest(input), signature)
                .is_ok()
        };
    }
    match algorithm.as_str() {
        "RS256" => rsa!(Pkcs1v15Sign::new::<Sha256>(), Sha256),
        "RS384" => rsa!(Pkcs1v15Sign::new::<Sha384>(), Sha384),
        "RS512" => rsa!(Pkcs1v15Sign::new::<Sha512>(), Sha512),
        "PS256" => rsa!(Pss::new_with_salt::<Sha256>(32), Sha256),
        "PS384" => rsa!(Pss::new_with_salt::<Sha384>(48), Sha384),
        "PS512" => rsa!(Pss::new_with_salt::<Sha512>(64), Sha512),
        "ES256" => ecdsa!(p256),
        "ES384" => ecdsa!(p384),
        "ES512" => ecdsa!(p521),
        "Ed25519" | "EdDSA" => {
            let x: [u8; 32] = member("x").try_into().unwrap();
            let key = ed25519_dalek::VerifyingKey::from_bytes(&x).unwrap();
            let signature = ed25519_dalek::Signature::from_slice(signature);
            signature.is_ok_and(|signature| key.verify(input, &signature).is_ok())
        }
        other => panic!("no verifier for {other}"),
    }
}

pub(crate) fn pem_error(pem: impl AsRef<[u8]>) -> KeyError {
    SigningKey::from_pem(pem).unwrap_err()
}

pub(crate) fn jwk_error(jwk: &Value) -> KeyError {
    SigningKey::from_jwk_value(jwk).unwrap_err()
}

pub(crate) fn with(name: &str, member: &str, value: Value) -> Value {
    let mut jwk = private_jwk(name);
    jwk[member] = value;
    jwk
}

pub(crate) fn without(name: &str, member: &str) -> Value {
    let mut jwk = private_jwk(name);
    jwk.as_object_mut().unwrap().remove(member);
    jwk
}

/// `assert_refused!(expression, pattern)`, which prints the error that came instead.
macro_rules! assert_refused {
    ($error:expr, $pattern:pat) => {
        let error = $error;
        assert!(matches!(error, $pattern), "{error:?}");
    };
}
pub(crate) use assert_refused;
