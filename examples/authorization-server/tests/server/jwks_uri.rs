//! Keys that a client publishes at its `jwks_uri`, fetched over TLS.
//!
//! `tls/` holds a certificate for 127.0.0.1 with its private key, for trying only, and the
//! authority that issued it, whose key is gone. They are good for a hundred years.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authorization_server::{Approval, Configuration, Keys, Server};
use axum::Router;
use jarm::client::ResponseVerifier;
use jarm::jose::{DecryptionKey, DecryptionKeyKind, JwaDecrypter, JwaVerifier, JwkSet};
use jarm::jwks::{JwksFetcher, Limits};
use jarm::metadata::{Client, ClientMetadata};
use jarm::response::ResponseParameters;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::support::{Browser, CALLBACK, Page, URL, encode, keys};

const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/server/tls/ca.pem");
const CA_PEM: &[u8] = include_bytes!("tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/server.pem");
const PRIVATE_KEY: &[u8] = include_bytes!("tls/server.key.pem");

/// Where a client publishes its keys.
struct KeyServer {
    url: String,
    published: Arc<Mutex<String>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl KeyServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/jwks", listener.local_addr().unwrap());
        let (published, connections) = (
            Arc::<Mutex<String>>::default(),
            Arc::<AtomicUsize>::default(),
        );
        let key = PrivateKeyDer::from_pem_slice(PRIVATE_KEY).unwrap();
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let (body, count) = (published.clone(), connections.clone());
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                let body = body.lock().unwrap().clone();
                drop(answer(&acceptor, stream, &body).await); // who goes away is no fault of ours
            }
        });
        Self {
            url,
            published,
            connections,
            task,
        }
    }

    fn publish(&self, key: &DecryptionKey) {
        let set = JwkSet::from_iter([key.public_jwk()]);
        *self.published.lock().unwrap() = serde_json::to_string(&set).unwrap();
    }

    async fn stop(self) -> String {
        self.task.abort();
        drop(self.task.await);
        self.url
    }
}

async fn answer(acceptor: &TlsAcceptor, stream: TcpStream, body: &str) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

fn private_key() -> DecryptionKey {
    DecryptionKey::generate(DecryptionKeyKind::P256)
        .unwrap()
        .with_key_id("mine")
}

/// The operator's words that let keys be fetched from the machine itself.
fn settings() -> String {
    format!("[jwks_uri]\nallow_private_hosts = [\"127.0.0.1\"]\ncertificates = {CA:?}\n")
}

fn server(file: &str) -> Server {
    server_with(file, keys())
}

fn configuration(file: &str) -> Configuration {
    Configuration::parse(file, None, URL)
        .unwrap()
        .with_approval(Approval::Automatic)
}

fn server_with(file: &str, keys: Keys) -> Server {
    Server::new(configuration(file), keys).unwrap()
}

/// The same source with a set that is fresh for a moment only.
fn short_lived() -> Keys {
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(CA_PEM).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut limits = Limits::default();
    let moment = Duration::from_millis(1);
    limits.least_freshness = moment;
    limits.usual_freshness = moment;
    limits.most_freshness = moment;
    let fetcher = JwksFetcher::builder(Arc::new(tls)).limits(limits);
    let fetcher = fetcher.allow_private_host("127.0.0.1").unwrap().build();
    Keys {
        client_keys: Some(Arc::new(fetcher)),
        ..keys()
    }
}

async fn register(router: &Router, jwks_uri: &str) -> Page {
    let metadata = json!({
        "redirect_uris": [CALLBACK],
        "authorization_encrypted_response_alg": "ECDH-ES+A128KW",
        "jwks_uri": jwks_uri,
    });
    Browser::new(router)
        .post_json("/register", &metadata.to_string())
        .await
}

async fn registered(router: &Router, jwks_uri: &str) -> Value {
    let page = register(router, jwks_uri).await;
    assert_eq!(page.status, 201, "{}", page.body);
    let client = page.json();
    assert_eq!(client.get("jwks_uri"), Some(&json!(jwks_uri)));
    client
}

fn request(client: &Value) -> String {
    let client_id = encode(client["client_id"].as_str().unwrap());
    format!("/authorize?client_id={client_id}&response_type=code&response_mode=jwt&state=canary")
}

/// Asks for a code, and reads the answer as the client.
async fn ask(
    router: &Router,
    client: &Value,
    key: &DecryptionKey,
) -> Result<ResponseParameters, String> {
    let page = Browser::new(router).get(&request(client)).await;
    let response = page.parameter("response").unwrap();
    assert_eq!(response.split('.').count(), 5, "in clear: {response}");
    let jwks = Browser::new(router).get("/jwks").await;
    let metadata = ClientMetadata::read(client.clone()).unwrap();
    let client_id = client["client_id"].as_str().unwrap().parse().unwrap();
    let verifier = ResponseVerifier::builder(
        URL.parse().unwrap(),
        Client::new(client_id).with_metadata(metadata),
    )
    .verifier(Arc::new(JwaVerifier))
    .issuer_keys(Arc::new(
        JwkSet::from_fetched(jwks.body.as_bytes()).unwrap(),
    ))
    .decrypter(Arc::new(JwaDecrypter))
    .decryption_key(Arc::new(key.clone()))
    .build()
    .unwrap();
    let outcome = verifier.verify_without_transaction(&response).await;
    outcome.map_err(|refused| refused.step().to_string())
}

#[tokio::test]
async fn a_client_that_publishes_its_key_gets_encrypted_answers() {
    let (keys, key) = (KeyServer::start().await, private_key());
    keys.publish(&key);
    let router = server(&settings()).router();
    let client = registered(&router, &keys.url).await;
    for _ in 0..3 {
        let parameters = ask(&router, &client, &key).await.unwrap();
        assert!(parameters.get("code").is_some());
    }
    assert_eq!(
        keys.connections.load(Ordering::Relaxed),
        1,
        "what was fetched is kept"
    );
}

#[tokio::test]
async fn a_rotated_key_is_used_and_the_former_one_is_not() {
    let (keys, [former, newer]) = (KeyServer::start().await, [private_key(), private_key()]);
    keys.publish(&former);
    let router = server_with("", short_lived()).router();
    let client = registered(&router, &keys.url).await;
    assert!(ask(&router, &client, &former).await.is_ok());
    keys.publish(&newer);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(ask(&router, &client, &newer).await.is_ok());
    assert_eq!(
        ask(&router, &client, &former).await.unwrap_err(),
        "decryption"
    );
}

#[tokio::test]
async fn while_the_keys_cannot_be_fetched_the_known_one_is_used() {
    let (keys, key) = (KeyServer::start().await, private_key());
    keys.publish(&key);
    let router = server_with("", short_lived()).router();
    let client = registered(&router, &keys.url).await;
    assert!(ask(&router, &client, &key).await.is_ok());
    keys.stop().await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(ask(&router, &client, &key).await.is_ok());
}

#[tokio::test]
async fn a_reload_forgets_fetched_keys_only_if_the_settings_change() {
    let (keys, key) = (KeyServer::start().await, private_key());
    keys.publish(&key);
    let server = server(&settings());
    let router = server.router();
    let client = registered(&router, &keys.url).await;
    assert!(ask(&router, &client, &key).await.is_ok());
    let url = keys.stop().await;
    server
        .reload(configuration(&settings()), server.signers())
        .unwrap();
    assert!(ask(&router, &client, &key).await.is_ok());
    server.reload(configuration(""), server.signers()).unwrap();
    Browser::new(&router)
        .get(&request(&client))
        .await
        .assert_local(500);
    assert_eq!(register(&router, &url).await.status, 400);
}

#[tokio::test]
async fn a_client_of_the_file_may_publish_its_key_too() {
    let (keys, key) = (KeyServer::start().await, private_key());
    keys.publish(&key);
    let client = json!({
        "client_id": "web",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_basic",
        "authorization_encrypted_response_alg": "ECDH-ES+A128KW",
        "jwks_uri": keys.url,
    });
    let mut entry: toml::Table = serde_json::from_value(client.clone()).unwrap();
    entry.insert("client_secret".to_owned(), "0123456789abcdef".into());
    let file = format!("{}\n[[client]]\n{entry}", settings());
    assert!(ask(&server(&file).router(), &client, &key).await.is_ok());
}

#[test]
fn certificates_are_looked_for_beside_the_file() {
    let directory = std::env::temp_dir().join(format!("jwks-uri-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("ca.pem"), CA_PEM).unwrap();
    let file = directory.join("server.toml");
    std::fs::write(&file, "[jwks_uri]\ncertificates = \"ca.pem\"").unwrap();
    let started = Configuration::load(Some(&file), None, URL).map(|own| Server::new(own, keys()));
    std::fs::remove_dir_all(directory).unwrap();
    started.unwrap().unwrap();
}

#[tokio::test]
async fn an_address_of_the_own_network_is_refused_unless_its_host_is_allowed() {
    for (file, url) in [
        ("", "https://127.0.0.1:8443/jwks"),
        ("", "https://10.0.0.1/jwks"),
        ("", "https://localhost/jwks"),
        (settings().as_str(), "https://localhost/jwks"),
        ("[jwks_uri]\nfetch = false", "https://client.example/jwks"),
    ] {
        let router = server(file).router();
        let without_encryption =
            json!({ "redirect_uris": [CALLBACK], "jwks_uri": url }).to_string();
        let mut browser = Browser::new(&router);
        let pages = [
            register(&router, url).await,
            browser.post_json("/register", &without_encryption).await,
        ];
        for page in pages {
            assert_eq!(page.status, 400, "{url}");
            assert_eq!(page.json()["error"], "invalid_client_metadata");
            let description = page.json()["error_description"].to_string();
            assert!(description.starts_with("\"jwks_uri: "), "{description}");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_believed() {
    let (keys, key) = (KeyServer::start().await, private_key());
    keys.publish(&key);
    let router = server("[jwks_uri]\nallow_private_hosts = [\"127.0.0.1\"]\n").router();
    let client = registered(&router, &keys.url).await;
    Browser::new(&router)
        .get(&request(&client))
        .await
        .assert_local(500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_jwks_uri_is_turned_to_a_few_times_and_answers_nobody() {
    const REQUESTS: usize = 10_000;
    let keys = KeyServer::start().await;
    *keys.published.lock().unwrap() = "no set".to_owned();
    let router = server(&settings()).router();
    let client = registered(&router, &keys.url).await;
    let mut running = JoinSet::new();
    for number in 0..REQUESTS {
        let outcome = if number % 2 == 0 { "approve" } else { "deny" };
        let url = format!("{}&login_hint={outcome}", request(&client));
        let mut browser = Browser::new(&router);
        running.spawn(async move { browser.get(&url).await });
        if running.len() == 50 {
            running
                .join_next()
                .await
                .unwrap()
                .unwrap()
                .assert_local(500);
        }
    }
    while let Some(page) = running.join_next().await {
        page.unwrap().assert_local(500);
    }
    let connections = keys.connections.load(Ordering::Relaxed);
    assert!((1..=3).contains(&connections), "{connections} connections");
}

#[test]
fn settings_that_cannot_be_used_stop_the_server_and_name_their_key() {
    for (file, expected) in [
        (
            "[jwks_uri]\nallow_private_hosts = [\"https://keys.internal\"]",
            "jwks_uri.allow_private_hosts[0]: ",
        ),
        (
            "[jwks_uri]\ncertificates = \"/nowhere.pem\"",
            "jwks_uri.certificates: /nowhere.pem: ",
        ),
        (
            "[jwks_uri]\ncertificates = \"Cargo.toml\"",
            "jwks_uri.certificates: ",
        ),
    ] {
        let refused = Server::new(configuration(file), keys())
            .unwrap_err()
            .to_string();
        assert!(refused.starts_with(expected), "{refused}");
    }
    let refused = Configuration::parse("[jwks_uri]\nallow_hosts = []", None, URL).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("jwks_uri.allow_hosts: unknown key"),
        "{refused}"
    );
}
