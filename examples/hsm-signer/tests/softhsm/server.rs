//! A server that signs on the token, its clients, and a verifier with other people's code.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hsm_signer::HsmSigner;
use jarm::authorization_server::{Error, PendingResponse};
use jarm::jose::{Jwk, JwkSet};
use jarm::metadata::{Client, ClientMetadata};
use jarm::response::{AuthorizationResponse, EncodedResponse};
use jarm::{AuthorizationServer, ClientId, JwsAlgorithm, RedirectUriPolicy, RequestParameters};
use rsa::signature::Verifier as _;
use serde_json::Value;

const REDIRECT_URI: &str = "https://client.example/cb";

/// Runs on one thread, with one more for blocking calls.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}

pub(crate) fn server(signers: impl IntoIterator<Item = HsmSigner>) -> AuthorizationServer {
    let configuration = "issuer = \"https://as.example\"\ndefault_signing_alg = \"ES256\"";
    let configuration = jarm::configuration::read(configuration.parse::<toml::Table>().unwrap());
    let mut builder = AuthorizationServer::builder(configuration.unwrap());
    for signer in signers {
        builder = builder.signer(Arc::new(signer));
    }
    builder.build().unwrap()
}

/// A client whose responses are signed with this algorithm.
pub(crate) fn client(algorithm: &JwsAlgorithm) -> Client {
    let mut metadata = ClientMetadata::default();
    metadata.authorization_signed_response_alg = Some(algorithm.clone());
    Client::new(ClientId::try_new("cid").unwrap()).with_metadata(metadata)
}

pub(crate) async fn negotiate(
    server: &AuthorizationServer,
    client: &Client,
    mode: &str,
) -> PendingResponse {
    let request = format!("response_type=code&state=s&response_mode={mode}");
    let request = RequestParameters::from_urlencoded(&request);
    let target = RedirectUriPolicy::default().select(&[REDIRECT_URI], Some(REDIRECT_URI));
    let negotiated = server.negotiate(client, target.unwrap(), &request).await;
    negotiated.unwrap()
}

pub(crate) async fn respond(
    server: &AuthorizationServer,
    client: &Client,
    outcome: impl Into<AuthorizationResponse> + Send,
) -> Result<EncodedResponse, Error> {
    let pending = negotiate(server, client, "jwt").await;
    server.respond(pending, client, outcome).await
}

/// The parameter `response`.
pub(crate) fn response_jwt(encoded: &EncodedResponse) -> String {
    let parameters = match encoded {
        EncodedResponse::Redirect(redirect) => {
            let query = redirect.location().strip_prefix(REDIRECT_URI).unwrap();
            RequestParameters::from_urlencoded(query.strip_prefix('?').unwrap())
        }
        EncodedResponse::Document(document) => {
            RequestParameters::from_pairs(document.form().unwrap().fields())
        }
        _ => unreachable!("there are redirects and documents"),
    };
    parameters.single("response").unwrap().unwrap().to_owned()
}

/// Verifies a JWT with the published key that its header names, by the crates `rsa` and `p256`,
/// and returns its claims.
pub(crate) fn verified(jwt: &str, jwks: &JwkSet, algorithm: &JwsAlgorithm) -> Value {
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let [header, claims]: [Value; 2] =
        [header, claims].map(|part| serde_json::from_slice(&base64url(part)).unwrap());
    assert_eq!(header["alg"], algorithm.as_str());
    let named = |key: &&Jwk| key.kid().is_some_and(|kid| header["kid"] == kid);
    let key = jwks.keys.iter().find(named).unwrap();
    assert_eq!(key.text("alg"), Some(algorithm.as_str()));
    assert_eq!(key.text("use"), Some("sig"));
    verify(key, signed.as_bytes(), &base64url(signature));
    claims
}

fn verify(key: &Jwk, signed: &[u8], signature: &[u8]) {
    let octets = |member| base64url(key.text(member).unwrap());
    if key.kty() == "RSA" {
        let [n, e] = ["n", "e"].map(|name| rsa::BigUint::from_bytes_be(&octets(name)));
        let key = rsa::RsaPublicKey::new(n, e).unwrap();
        let key = rsa::pss::VerifyingKey::<rsa::sha2::Sha256>::new(key);
        let signature = rsa::pss::Signature::try_from(signature).unwrap();
        key.verify(signed, &signature).unwrap();
    } else {
        let point = [&[4], octets("x").as_slice(), &octets("y")].concat();
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
        let signature = p256::ecdsa::Signature::from_slice(signature).unwrap();
        key.verify(signed, &signature).unwrap();
    }
}

fn base64url(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Long enough for a signature, if one were made.
pub(crate) const PATIENCE: Duration = Duration::from_millis(300);
