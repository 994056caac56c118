//! What arrives at the client, read with the keys that the host publishes.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use host_testing::{Page, attribute, decoded};
use p256::ecdsa::signature::Verifier as _;
use serde_json::Value;

use crate::support::{CLIENT_ID, REDIRECT_URI};

/// What the client received.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response_mode: String,
    pub(crate) parameters: BTreeMap<String, Value>,
}

impl Answer {
    pub(crate) fn read(page: &Page, jwks: &Value) -> Self {
        let (carrier, pairs) = if let Some(location) = page.location() {
            assert_eq!(page.status, StatusCode::SEE_OTHER);
            // The redirect URI's own query stays as it is.
            let added = location.strip_prefix(REDIRECT_URI).unwrap();
            let pairs = form_urlencoded::parse(added.strip_prefix('&').unwrap().as_bytes());
            ("query", pairs.into_owned().collect::<Vec<_>>())
        } else {
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
            assert_eq!(attribute(&page.body, "action"), REDIRECT_URI);
            ("form_post", page.inputs())
        };
        // With `response` nothing else comes (JARM 2.3.1, 2.3.3).
        if let [(name, jwt)] = pairs.as_slice() {
            assert_eq!(name, "response");
            return Self::of_jwt(carrier, jwt, jwks);
        }
        let count = pairs.len();
        let parameters: BTreeMap<_, _> = pairs
            .into_iter()
            .map(|(name, value)| (name, Value::from(value)))
            .collect();
        assert_eq!(parameters.len(), count, "no parameter comes twice");
        Self {
            response_mode: carrier.to_owned(),
            parameters,
        }
    }

    fn of_jwt(carrier: &str, jwt: &str, jwks: &Value) -> Self {
        let parts: Vec<_> = jwt.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            panic!("a response JWT has three parts: {jwt}")
        };
        let header = decoded(header);
        assert_eq!(header["alg"], "ES256");
        verify(
            &jwks["keys"][0],
            &header["kid"],
            &format!("{}.{payload}", parts[0]),
            signature,
        );
        let Value::Object(claims) = decoded(payload) else {
            panic!("claims are an object")
        };
        let mut parameters: BTreeMap<_, _> = claims.into_iter().collect();
        // JARM 2.1: for whom, and for how long. `iss` is looked at with the others.
        assert_eq!(parameters.remove("aud").unwrap(), CLIENT_ID);
        let exp = parameters.remove("exp").unwrap().as_u64().unwrap();
        let iat = parameters.remove("iat").unwrap().as_u64().unwrap();
        assert_eq!(exp - iat, 120);
        Self {
            response_mode: format!("{carrier}.jwt"),
            parameters,
        }
    }

    /// The parameter as text; empty, if it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.parameters
            .get(name)
            .map_or("", |value| value.as_str().unwrap())
    }

    /// The names of all parameters, in alphabetical order.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.parameters.keys().map(String::as_str).collect()
    }
}

fn verify(jwk: &Value, kid: &Value, signing_input: &str, signature: &str) {
    assert_eq!(&jwk["kid"], kid);
    let coordinate = |name: &str| {
        let octets = URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        p256::FieldBytes::clone_from_slice(&octets)
    };
    let point =
        p256::EncodedPoint::from_affine_coordinates(&coordinate("x"), &coordinate("y"), false);
    let key = p256::ecdsa::VerifyingKey::from_encoded_point(&point).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
    key.verify(signing_input.as_bytes(), &signature).unwrap();
}
