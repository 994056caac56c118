//! A server with fixed clock and keys, a client, and a reader for answers.

use std::collections::BTreeMap;
use std::future::{Future, pending, ready};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::authorization_server::{AuthorizationServerBuilder, Error, PendingResponse, Refusal};
use jarm::clock::{Clock, UnixTime};
use jarm::jose::{
    Aes256GcmSealer, ClientSecret, HmacClientSecrets, JwaEncrypter, Jwk, JwkSet, JwsSigner,
    KeyKind, SigningError, SigningKey, SystemRandom,
};
use jarm::metadata::{Client, ClientMetadata};
use jarm::response::{AuthorizationResponse, AuthorizationSuccess, EncodedResponse};
use jarm::testing::FixedClock;
use jarm::{
    AuthorizationServer, BoxFuture, ClientId, Configuration, JwsAlgorithm, RedirectTarget,
    RedirectUriPolicy, RequestParameters, ResponseType,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const REDIRECT_URI: &str = "https://client.example/cb";
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const SECRET: &str =
    "a-client-secret-with-at-least-sixty-four-octets-of-utf8-text-0123456789";

/// Runs a future that never waits for anything outside.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// A clock that is moved by hand.
#[derive(Debug)]
pub(crate) struct Moved(AtomicU64);

impl Clock for Moved {
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.0.load(Ordering::Relaxed))
    }
}

impl Moved {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(NOW)))
    }

    pub(crate) fn on(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// A P-256 key, made once a test run.
pub(crate) fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(KeyKind::P256).unwrap())
}

/// The configuration with ES256 as the default algorithm, and further keys in TOML.
pub(crate) fn configuration(toml: &str) -> Configuration {
    let toml = format!("issuer = \"{ISSUER}\"\ndefault_signing_alg = \"ES256\"\n{toml}");
    jarm::configuration::read(toml.parse::<toml::Table>().unwrap()).unwrap()
}

pub(crate) fn builder(toml: &str) -> AuthorizationServerBuilder {
    builder_of(configuration(toml))
}

pub(crate) fn builder_of(configuration: Configuration) -> AuthorizationServerBuilder {
    AuthorizationServer::builder(configuration)
        .signers(key().signers())
        .client_secret_mac(Arc::new(HmacClientSecrets))
        .encrypter(Arc::new(JwaEncrypter))
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::new([7; 32])))
        .clock(Arc::new(FixedClock(NOW)))
}

pub(crate) fn server(toml: &str) -> AuthorizationServer {
    builder(toml).build().unwrap()
}

/// A server with these modes in force.
pub(crate) fn server_with_modes(modes: &[&str]) -> AuthorizationServer {
    let listed: Vec<_> = modes
        .iter()
        .map(|name| format!("[[response_mode]]\nname = \"{name}\"\n"))
        .collect();
    server(&listed.concat())
}

/// A client that may use every response type.
pub(crate) fn client() -> Client {
    client_with(|_| {})
}

pub(crate) fn client_with(change: impl FnOnce(&mut ClientMetadata)) -> Client {
    let mut metadata = ClientMetadata::default();
    metadata.response_types = Some(ResponseType::STANDARD.to_vec());
    change(&mut metadata);
    Client::new(ClientId::try_new("cid").unwrap()).with_metadata(metadata)
}

/// A client whose responses are encrypted with a key derived from [`SECRET`]: [`Answer::read`]
/// decrypts them.
pub(crate) fn client_with_encryption() -> Client {
    let with_dir = client_with(|metadata| {
        metadata.authorization_encrypted_response_alg = Some("dir".parse().unwrap());
        metadata.authorization_encrypted_response_enc = Some("A256GCM".parse().unwrap());
    });
    with_dir.with_secret(ClientSecret::new(SECRET))
}

/// The public keys of a client; `members` are added to the fixture's P-256 key.
pub(crate) fn jwks(keys: &[Value]) -> JwkSet {
    let complete = |members: &Value| {
        let mut key = serde_json::to_value(key().public_jwk()).unwrap();
        key.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        key
    };
    let keys: Vec<_> = keys.iter().map(complete).collect();
    serde_json::from_value(json!({ "keys": keys })).unwrap()
}

/// A client that registered `ECDH-ES+A128KW` and these keys.
pub(crate) fn client_with_keys(keys: &[Value]) -> Client {
    client_with(|metadata| {
        metadata.authorization_encrypted_response_alg = Some("ECDH-ES+A128KW".parse().unwrap());
        metadata.jwks = Some(jwks(keys));
    })
}

pub(crate) fn target(uri: &str) -> RedirectTarget {
    RedirectUriPolicy::default()
        .select(&[uri], Some(uri))
        .unwrap()
}

/// What `response_type` returns.
pub(crate) fn success(response_type: &ResponseType) -> AuthorizationResponse {
    let mut success = AuthorizationSuccess::new();
    if response_type.contains("code") {
        success = success.code("c0de");
    }
    if response_type.contains("token") {
        success = success.access_token("t0ken", "Bearer").expires_in(3600);
    }
    if response_type.contains("id_token") {
        success = success.id_token("e30.e30.c2ln");
    }
    success.into()
}

/// Sends `query`, grants it, and reads the answer.
pub(crate) fn grant(server: &AuthorizationServer, client: &Client, query: &str) -> Answer {
    grant_to(server, client, query, REDIRECT_URI)
}

pub(crate) fn grant_to(
    server: &AuthorizationServer,
    client: &Client,
    query: &str,
    uri: &str,
) -> Answer {
    grant_request(
        server,
        client,
        &RequestParameters::from_urlencoded(query),
        uri,
    )
}

pub(crate) fn grant_request(
    server: &AuthorizationServer,
    client: &Client,
    request: &RequestParameters,
    uri: &str,
) -> Answer {
    let encoded = run(async {
        match server.negotiate(client, target(uri), request).await {
            Ok(pending) => {
                let outcome = success(pending.response_type().unwrap());
                server.respond(pending, client, outcome).await.unwrap()
            }
            Err(refusal) => server.refuse(refusal, client).await.unwrap(),
        }
    });
    Answer::read(&encoded, uri)
}

/// Negotiates `query`, which must not be refused.
pub(crate) fn negotiate(
    server: &AuthorizationServer,
    client: &Client,
    query: &str,
) -> PendingResponse {
    let request = RequestParameters::from_urlencoded(query);
    run(server.negotiate(client, target(REDIRECT_URI), &request)).unwrap()
}

/// Negotiates `query` and answers it.
pub(crate) fn respond(
    server: &AuthorizationServer,
    client: &Client,
    query: &str,
    outcome: impl Into<AuthorizationResponse> + Send,
) -> Result<EncodedResponse, Error> {
    run(server.respond(negotiate(server, client, query), client, outcome))
}

/// A signer with the fixture's key that does not sign.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Faulty {
    Fails,
    SignsNothing,
    Hangs,
}

impl JwsSigner for Faulty {
    fn algorithm(&self) -> &JwsAlgorithm {
        &JwsAlgorithm::ES256
    }

    fn key_id(&self) -> &str {
        key().key_id()
    }

    fn public_key(&self) -> Jwk {
        key().public_jwk()
    }

    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        match self {
            Self::Fails => Box::pin(ready(Err(SigningError::from_source("unplugged")))),
            Self::SignsNothing => Box::pin(ready(Ok(Vec::new()))),
            Self::Hangs => Box::pin(pending()),
        }
    }
}

/// Sends `query` and expects a refusal.
pub(crate) fn refusal(server: &AuthorizationServer, client: &Client, query: &str) -> Refusal {
    let request = RequestParameters::from_urlencoded(query);
    run(server.negotiate(client, target(REDIRECT_URI), &request)).unwrap_err()
}

/// An answer as the client sees it.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    /// `query`, `fragment` or `form_post`, with `.jwt` where `response` came.
    pub(crate) mode: String,
    pub(crate) parameters: BTreeMap<String, Value>,
    pub(crate) header: Value,
    /// The JOSE header of the JWE around it.
    pub(crate) encryption: Option<Value>,
}

impl Answer {
    pub(crate) fn read(encoded: &EncodedResponse, uri: &str) -> Self {
        let (carrier, pairs) = match encoded {
            EncodedResponse::Redirect(redirect) => {
                let added = redirect
                    .location()
                    .strip_prefix(uri)
                    .expect("the redirect URI stands first");
                let carrier = if added.starts_with('#') {
                    "fragment"
                } else {
                    "query"
                };
                let pairs =
                    RequestParameters::from_urlencoded(added.trim_start_matches(['?', '&', '#']));
                (carrier, pairs)
            }
            EncodedResponse::Document(document) => {
                let form = document.form().expect("a form");
                assert_eq!(form.action(), uri);
                ("form_post", RequestParameters::from_pairs(form.fields()))
            }
            _ => unreachable!("there are redirects and documents"),
        };
        let text: BTreeMap<String, Value> = pairs
            .iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        assert_eq!(
            text.len(),
            pairs.iter().count(),
            "each parameter occurs once"
        );
        let Some(jwt) = text.get("response") else {
            return Self {
                mode: carrier.to_owned(),
                parameters: text,
                header: Value::Null,
                encryption: None,
            };
        };
        assert_eq!(text.len(), 1, "`response` is the only parameter added");
        let (encryption, jws) = decrypted(jwt.as_str().unwrap());
        let [header, claims] = parts(&jws);
        let Value::Object(claims) = claims else {
            panic!("claims are an object")
        };
        Self {
            mode: format!("{carrier}.jwt"),
            parameters: claims.into_iter().collect(),
            header,
            encryption,
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)?.as_str()
    }

    pub(crate) fn kid(&self) -> Option<&str> {
        self.header.get("kid")?.as_str()
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.parameters.keys().map(String::as_str).collect()
    }
}

/// The JWS in a JWE for [`client_with_encryption`], and the header around it.
pub(crate) fn decrypted(jwt: &str) -> (Option<Value>, String) {
    let parts: Vec<_> = jwt.split('.').collect();
    let [protected, encrypted_key, iv, ciphertext, tag] = parts.as_slice() else {
        return (None, jwt.to_owned());
    };
    let header = header(jwt);
    assert_eq!(
        (header.get("alg"), *encrypted_key),
        (Some(&json!("dir")), "")
    );
    let payload = Payload {
        msg: &[base64url(ciphertext), base64url(tag)].concat(),
        aad: protected.as_bytes(),
    };
    let key = Aes256Gcm::new(&Sha256::digest(SECRET));
    let jws = key
        .decrypt(Nonce::from_slice(&base64url(iv)), payload)
        .unwrap();
    (Some(header), String::from_utf8(jws).unwrap())
}

/// The first part of a JWS or JWE in compact serialisation.
pub(crate) fn header(jwt: &str) -> Value {
    let (header, _) = jwt.split_once('.').unwrap();
    serde_json::from_slice(&base64url(header)).unwrap()
}

/// Header and claims of a JWS in compact serialisation. Signatures are verified by other
/// people's implementations.
pub(crate) fn parts(jws: &str) -> [Value; 2] {
    let parts: Vec<&str> = jws.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        panic!("three parts, not {}", parts.len())
    };
    assert!(!signature.is_empty());
    [header, claims].map(|part| serde_json::from_slice(&base64url(part)).unwrap())
}

fn base64url(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD
        .decode(text)
        .expect("base64url without padding")
}
