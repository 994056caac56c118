//! A client: what it signs, and how it reads what it is answered.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use host_testing::{Page, decoded};
use jarm::JwsAlgorithm;
use jarm::clock::{Clock as _, SystemClock};
use jarm::jose::{
    JwaVerifier, Jwk, JwsVerifier as _, KeyKind, RandomSource as _, Signed, SigningKey,
    SystemRandom,
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{ISSUER, REDIRECT_URI};

/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) struct Client {
    pub(crate) id: &'static str,
    /// Of assertions and request objects.
    pub(crate) key: SigningKey,
    pub(crate) dpop: SigningKey,
}

impl Client {
    pub(crate) fn new(id: &'static str) -> Self {
        let key = || SigningKey::generate(KeyKind::P256).unwrap();
        Self {
            id,
            key: key(),
            dpop: key(),
        }
    }

    /// As it stands in the configuration file.
    pub(crate) fn entry(&self) -> toml::Table {
        let mut jwk = self.key.public_jwk().members().clone();
        jwk.insert("kid".to_owned(), self.key.key_id().into());
        let entry = json!({
            "client_id": self.id,
            "redirect_uris": [REDIRECT_URI],
            "scope": "read write",
            "token_endpoint_auth_signing_alg": "ES256",
            "authorization_signed_response_alg": "ES256",
            "jwks": { "keys": [jwk] },
        });
        toml::Table::try_from(entry).unwrap()
    }

    /// The claims of a request object that is granted.
    pub(crate) fn request(&self) -> Map<String, Value> {
        let claims = json!({
            "iss": self.id,
            "aud": ISSUER,
            "nbf": now(),
            "exp": now() + 60,
            "client_id": self.id,
            "response_type": "code",
            "response_mode": "jwt",
            "redirect_uri": REDIRECT_URI,
            "scope": "read",
            "state": "a+b c&d",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        });
        let Value::Object(claims) = claims else {
            panic!("an object")
        };
        claims
    }

    /// The same with a claim changed or, for `null`, removed.
    pub(crate) fn request_with(&self, name: &str, value: impl Into<Value>) -> Map<String, Value> {
        let mut claims = self.request();
        match value.into() {
            Value::Null => claims.remove(name),
            value => claims.insert(name.to_owned(), value),
        };
        claims
    }

    pub(crate) async fn sign(&self, request: Map<String, Value>) -> String {
        let header = json!({ "typ": "oauth-authz-req+jwt", "kid": self.key.key_id() });
        jwt(&self.key, header, request.into()).await
    }

    /// The body of a request that pushes a request object.
    pub(crate) async fn pushed(&self, request: Map<String, Value>) -> Vec<(String, String)> {
        let mut form = self.authenticated().await;
        form.push(("request".to_owned(), self.sign(request).await));
        form
    }

    /// `client_id` and a client assertion.
    pub(crate) async fn authenticated(&self) -> Vec<(String, String)> {
        let claims = json!({
            "iss": self.id, "sub": self.id, "aud": ISSUER,
            "iat": now(), "exp": now() + 60, "jti": random(),
        });
        let header = json!({ "kid": self.key.key_id() });
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        vec![
            ("client_id".to_owned(), self.id.to_owned()),
            ("client_assertion_type".to_owned(), kind.to_owned()),
            (
                "client_assertion".to_owned(),
                jwt(&self.key, header, claims).await,
            ),
        ]
    }

    pub(crate) async fn redemption(&self, code: &str) -> Vec<(String, String)> {
        let mut form = self.authenticated().await;
        for (name, value) in [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ] {
            form.push((name.to_owned(), value.to_owned()));
        }
        form
    }

    /// A DPoP proof for a path, and for an access token, if it is to be shown with one.
    pub(crate) async fn proof(&self, method: &str, path: &str, token: Option<&str>) -> String {
        let mut claims = json!({
            "htm": method, "htu": format!("{ISSUER}{path}"), "iat": now(), "jti": random(),
        });
        if let Some(token) = token {
            claims["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(token)).into();
        }
        let header = json!({ "typ": "dpop+jwt", "jwk": self.dpop.public_jwk().members() });
        jwt(&self.dpop, header, claims).await
    }
}

/// The claims of a response, verified with the keys that the host publishes. Nothing but the
/// `response` was added to the redirect URI.
pub(crate) fn verified(page: &Page, jwks: &Value, client: &Client) -> BTreeMap<String, Value> {
    assert_eq!(page.status, 303, "{}", page.body);
    let added = page.location().unwrap().strip_prefix(REDIRECT_URI).unwrap();
    let jwt = added.strip_prefix("&response=").unwrap();
    let [header, payload, signature] = jwt.split('.').collect::<Vec<_>>()[..] else {
        panic!("a response JWT has three parts: {jwt}")
    };
    assert_eq!(decoded(header)["alg"], "ES256");
    let keys = jwks["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == decoded(header)["kid"]);
    let key = Jwk::try_new(key.unwrap().as_object().unwrap().clone()).unwrap();
    let signed = Signed {
        signing_input: jwt.rsplit_once('.').unwrap().0.as_bytes(),
        signature: &URL_SAFE_NO_PAD.decode(signature).unwrap(),
    };
    JwaVerifier
        .verify(&JwsAlgorithm::ES256, &key, signed)
        .unwrap();
    let claims = decoded(payload);
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], client.id);
    assert!(claims["exp"].as_u64().unwrap() > now());
    claims.as_object().unwrap().clone().into_iter().collect()
}

async fn jwt(key: &SigningKey, mut header: Value, claims: Value) -> String {
    header["alg"] = "ES256".into();
    let input = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = input.join(".");
    let signer = key.signer(&JwsAlgorithm::ES256).unwrap();
    let signature = signer.sign(input.as_bytes()).await.unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(crate) fn now() -> u64 {
    SystemClock.now().as_seconds()
}

fn random() -> String {
    let mut octets = [0; 16];
    SystemRandom.fill(&mut octets).unwrap();
    URL_SAFE_NO_PAD.encode(octets)
}
