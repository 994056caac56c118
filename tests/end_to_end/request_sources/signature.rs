//! Who signed a request object: by which key, with which algorithm.

use std::borrow::Cow;
use std::future::ready;
use std::sync::{Arc, Mutex};

use jarm::authorization_server::{ClientKeySource, ClientKeysRequest};
use jarm::jose::{
    ClientSecret, ClientSecretMac as _, HmacClientSecrets, JwaVerifier, JwkSet, KeyKind, KeyLookup,
    KeySourceError, SigningKey,
};
use jarm::metadata::Client;
use jarm::{AuthorizationServer, BoxFuture, JwsAlgorithm};
use serde_json::{Value, json};

use super::{
    builder, by_value, claims, client, client_of, refused, resolve, server, sign, sign_by,
};
use crate::client::{encode, header_of, sign_with};
use crate::fixture::{self, NOW, SECRET, client_with, jwks, key};

/// Why a request object with this header is refused.
fn refused_header(client: &Client, header: &Value) -> String {
    let jwt = sign_by(header, &claims(json!({})));
    short(&refused(&server(), client, &by_value(&jwt)))
}

fn short(why: &str) -> String {
    let why = why.strip_prefix("invalid_request_object: the request object is refused: ");
    why.unwrap().to_owned()
}

fn accepts(server: &AuthorizationServer, client: &Client, jwt: &str) -> bool {
    resolve(server, client, &by_value(jwt)).is_ok()
}

fn with_alg(client: Client, alg: JwsAlgorithm) -> Client {
    let mut metadata = client.metadata().clone();
    metadata.request_object_signing_alg = Some(alg);
    client.with_metadata(metadata)
}

fn mac(alg: &JwsAlgorithm, secret: &str) -> String {
    let payload = claims(json!({})).to_string();
    let header = json!({ "alg": alg.as_str() }).to_string();
    let input = format!("{}.{}", encode(header), encode(payload));
    let mac = HmacClientSecrets.mac(alg, &ClientSecret::new(secret), input.as_bytes());
    format!("{input}.{}", encode(mac.unwrap()))
}

#[test]
fn what_is_not_signed_is_refused() {
    for alg in [json!("none"), json!("None"), json!(""), json!(null)] {
        let why = refused_header(&client(), &json!({ "alg": alg }));
        assert_eq!(why, "it is not signed, or has no alg");
    }
    let [header, payload] = [json!({ "alg": "none" }), claims(json!({}))];
    let jwt = format!(
        "{}.{}.",
        encode(header.to_string()),
        encode(payload.to_string())
    );
    assert!(!accepts(&server(), &client(), &jwt));
}

#[test]
fn the_algorithm_is_the_registered_one() {
    let jwt = sign(&claims(json!({})));
    assert!(accepts(
        &server(),
        &with_alg(client(), JwsAlgorithm::ES256),
        &jwt
    ));
    for other in [
        JwsAlgorithm::PS256,
        JwsAlgorithm::ES384,
        JwsAlgorithm::HS256,
    ] {
        let why = refused(&server(), &with_alg(client(), other), &by_value(&jwt));
        assert_eq!(short(&why), "its alg is not the registered one");
    }
}

#[test]
fn an_algorithm_that_cannot_be_verified_is_refused_and_does_not_panic() {
    let unknown = JwsAlgorithm::try_new("ML-DSA-44").unwrap();
    let header = json!({ "alg": "ML-DSA-44" });
    for client in [client(), with_alg(client(), unknown)] {
        assert_eq!(
            refused_header(&client, &header),
            "its alg is not supported here"
        );
    }
}

#[test]
fn what_the_policy_does_not_allow_to_sign_does_not_sign_requests_either() {
    let jwt = sign(&claims(json!({})));
    let es256 = fixture::builder("allowed_signing_algs = [\"ES256\"]");
    let es256 = es256.verifier(Arc::new(JwaVerifier)).build().unwrap();
    assert!(accepts(&es256, &client(), &jwt));
    let rsa = include_str!("../../../providers/jose/tests/keys/rsa-2048.pem");
    let rsa = SigningKey::from_pem(rsa).unwrap();
    let mut configuration = fixture::configuration("allowed_signing_algs = [\"PS256\"]");
    configuration.default_signing_alg = Some(JwsAlgorithm::PS256);
    let server = fixture::builder_of(configuration).signers(rsa.signers());
    let server = server.verifier(Arc::new(JwaVerifier)).build().unwrap();
    let why = refused(&server, &client(), &by_value(&jwt));
    assert_eq!(short(&why), "its alg is not supported here");
    let metadata = server.metadata();
    let published = metadata.request_object_signing_alg_values_supported;
    assert_eq!(published, [JwsAlgorithm::PS256]);
}

#[test]
fn a_secret_signs_only_if_that_is_registered() {
    let with_secret = || client().with_secret(ClientSecret::new(SECRET));
    for alg in [
        JwsAlgorithm::HS256,
        JwsAlgorithm::HS384,
        JwsAlgorithm::HS512,
    ] {
        let jwt = mac(&alg, SECRET);
        let why = refused(&server(), &with_secret(), &by_value(&jwt));
        assert_eq!(short(&why), "its alg is not the registered one");
        assert!(accepts(&server(), &with_alg(with_secret(), alg), &jwt));
    }
}

#[test]
fn the_secret_is_the_clients_long_enough_and_valid() {
    const SHORT: &str = "0123456789abcdef0123456789abcdef";
    let jwt = mac(&JwsAlgorithm::HS256, SHORT);
    let hs256 = || with_alg(client(), JwsAlgorithm::HS256);
    let of = |secret| hs256().with_secret(secret);
    assert!(accepts(&server(), &of(ClientSecret::new(SHORT)), &jwt));
    let replaced = of(ClientSecret::new(SHORT)).with_secret(ClientSecret::new(SECRET));
    assert!(accepts(&server(), &replaced, &jwt), "both are valid");
    let expired = ClientSecret::new(SHORT).expires_at(NOW);
    for other in [hs256(), of(ClientSecret::new(SECRET)), of(expired)] {
        let why = refused(&server(), &other, &by_value(&jwt));
        assert_eq!(short(&why), "the signature is not the client's");
    }
    let mut public = hs256().metadata().clone();
    public.token_endpoint_auth_method = Some("none".to_owned());
    let public = of(ClientSecret::new(SHORT)).with_metadata(public);
    assert!(!accepts(&server(), &public, &jwt));
}

#[test]
fn the_public_key_is_no_secret() {
    // RFC 8725 2.1: what is public would then sign.
    let public = serde_json::to_string(&jwks(&[json!({})])).unwrap();
    for alg in [JwsAlgorithm::HS256, JwsAlgorithm::HS512] {
        assert!(!accepts(&server(), &client(), &mac(&alg, &public)));
    }
}

#[test]
fn the_kid_tells_the_key() {
    let another = SigningKey::generate(KeyKind::P256).unwrap().public_jwk();
    let another = serde_json::to_value(another).unwrap();
    let mut second = json!({ "kid": "second" });
    for name in ["x", "y"] {
        second[name] = another[name].clone();
    }
    let two = client_of(&[second.clone(), json!({})]);
    let jwt = sign(&claims(json!({})));
    assert!(accepts(&server(), &two, &jwt));
    assert_eq!(
        refused_header(&two, &json!({ "kid": "second" })),
        "the signature is not the client's"
    );
    for kid in ["unknown", ""] {
        assert_eq!(
            refused_header(&two, &json!({ "kid": kid })),
            "no key of the client has its kid and is for its alg"
        );
    }
    assert_eq!(
        refused_header(&two, &json!({ "kid": null })),
        "several keys of the client fit, and it has no kid"
    );
    let without = sign_by(&json!({ "kid": null }), &claims(json!({})));
    assert!(accepts(&server(), &client(), &without), "there is but one");
}

#[test]
fn a_key_for_something_else_never_verifies() {
    let jwt = sign(&claims(json!({})));
    for words in [
        json!({ "use": "enc" }),
        json!({ "alg": "ES384" }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": [] }),
    ] {
        let why = refused(
            &server(),
            &client_of(std::slice::from_ref(&words)),
            &by_value(&jwt),
        );
        let no_key = "no key of the client has its kid and is for its alg";
        assert_eq!(short(&why), no_key, "{words}");
    }
}

#[test]
fn another_signature_is_refused() {
    let other = SigningKey::generate(KeyKind::P256).unwrap();
    let signer = other.signer(&JwsAlgorithm::ES256).unwrap();
    let header = header_of(key(), "ES256", json!({}));
    let jwt = sign_with(&signer, &header, &claims(json!({})).to_string());
    let why = refused(&server(), &client(), &by_value(&jwt));
    assert_eq!(short(&why), "the signature is not the client's");
}

#[test]
fn a_client_without_keys_signs_nothing() {
    let jwt = sign(&claims(json!({})));
    let why = refused(&server(), &client_with(|_| {}), &by_value(&jwt));
    assert_eq!(
        short(&why),
        "no key of the client has its kid and is for its alg"
    );
}

#[test]
fn the_type_is_that_of_a_request_object_or_of_any_jwt() {
    for typ in [
        json!(null),
        json!("JWT"),
        json!("oauth-authz-req+jwt"),
        json!("application/oauth-authz-req+jwt"),
    ] {
        let jwt = sign_by(&json!({ "typ": typ }), &claims(json!({})));
        assert!(accepts(&server(), &client(), &jwt), "{typ}");
    }
    for typ in [
        "at+jwt",
        "client-authentication+jwt",
        "dpop+jwt",
        "logout+jwt",
    ] {
        let why = refused_header(&client(), &json!({ "typ": typ }));
        assert_eq!(why, "its typ is that of another JWT");
    }
}

#[test]
fn no_header_brings_a_key_or_is_to_be_understood_in_another_way() {
    for name in ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"] {
        let why = refused_header(&client(), &json!({ name: ["exp"] }));
        assert_eq!(why, format!("its header has {name}"));
    }
}

/// Gives these sets one after the other, the last for ever, and writes down how it is asked.
#[derive(Debug)]
struct Source {
    sets: Vec<Option<JwkSet>>,
    asked: Mutex<Vec<KeyLookup>>,
}

impl ClientKeySource for Source {
    fn keys<'a>(
        &'a self,
        request: ClientKeysRequest<'a>,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
        let mut asked = self.asked.lock().unwrap();
        let set = self.sets.get(asked.len()).or(self.sets.last()).unwrap();
        asked.push(request.lookup);
        let set = set.as_ref().map(Cow::Borrowed);
        Box::pin(ready(set.ok_or_else(|| KeySourceError::new("unreachable"))))
    }
}

/// Whether a request object is accepted with keys from a source, and how the source was asked.
fn asked(sets: Vec<Option<JwkSet>>, client: &Client) -> (Result<(), String>, Vec<KeyLookup>) {
    let asked = Mutex::default();
    let source = Arc::new(Source { sets, asked });
    let server = builder().client_keys(source.clone()).build().unwrap();
    let query = by_value(&sign(&claims(json!({}))));
    let resolved = resolve(&server, client, &query);
    let resolved = resolved.map(drop).map_err(|error| error.to_string());
    let asked = source.asked.lock().unwrap().clone();
    (resolved, asked)
}

#[test]
fn keys_that_are_not_registered_come_from_the_source_which_is_asked_again_after_a_miss() {
    use KeyLookup::{AfterMiss, First};
    let own = Some(jwks(&[json!({ "kid": key().key_id() })]));
    let other = Some(jwks(&[json!({ "kid": "other" })]));
    let of_a_source = client_with(|_| {});
    let (resolved, lookups) = asked(vec![own.clone()], &of_a_source);
    assert_eq!((resolved, lookups), (Ok(()), vec![First]));
    let (resolved, lookups) = asked(vec![other.clone(), own.clone()], &of_a_source);
    assert_eq!((resolved, lookups), (Ok(()), vec![First, AfterMiss]));
    let (resolved, lookups) = asked(vec![other], &of_a_source);
    assert_eq!(
        (resolved.is_err(), lookups.len()),
        (true, 2),
        "and not a third time"
    );
    let (resolved, lookups) = asked(vec![own], &client());
    assert_eq!(
        (resolved, lookups),
        (Ok(()), vec![]),
        "registered keys are all"
    );
}

#[test]
fn a_source_that_fails_verifies_nothing() {
    let (resolved, _) = asked(vec![None], &client_with(|_| {}));
    let why = resolved.unwrap_err();
    assert!(why.contains("the client's keys cannot be had"), "{why}");
    assert!(
        !why.contains("unreachable"),
        "the cause is for the log: {why}"
    );
}
