//! A server that answers as it is told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What is sent after a request was read.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These octets, and the end.
    Octets(Vec<u8>),
    /// The same after a while.
    Late(Duration, Vec<u8>),
    /// These octets, one in ten milliseconds.
    Drops(Vec<u8>),
    /// The first, and then the second for ever; if that is empty, nothing more.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing, and the connection stays open.
    Silence,
}

impl Reply {
    /// A status, header fields (each with its line break) and a body.
    pub(crate) fn new(status: u16, fields: &str, body: &str) -> Self {
        let length = body.len();
        Self::raw(format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{fields}\r\n{body}"
        ))
    }

    pub(crate) fn raw(octets: impl Into<Vec<u8>>) -> Self {
        Self::Octets(octets.into())
    }

    /// A set with one key that is called so.
    pub(crate) fn key(kid: &str) -> Self {
        Self::key_with("", kid)
    }

    pub(crate) fn key_with(fields: &str, kid: &str) -> Self {
        Self::new(200, fields, &set(kid))
    }

    pub(crate) fn late(self, pause: Duration) -> Self {
        match self {
            Self::Octets(octets) => Self::Late(pause, octets),
            other => other,
        }
    }
}

pub(crate) fn set(kid: &str) -> String {
    format!(r#"{{"keys":[{{"kty":"EC","kid":"{kid}"}}]}}"#)
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

struct State {
    reply: Mutex<Reply>,
    requests: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

impl Server {
    pub(crate) async fn start(reply: Reply) -> Self {
        Self::listen(Some(acceptor()), reply).await
    }

    pub(crate) async fn without_tls(reply: Reply) -> Self {
        Self::listen(None, reply).await
    }

    async fn listen(tls: Option<TlsAcceptor>, reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            reply: Mutex::new(reply),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let shared = state.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let (shared, tls) = (shared.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                shared.serve(stream).await;
                            }
                        }
                        None => shared.serve(stream).await,
                    }
                });
            }
        });
        Self { address, state }
    }

    /// How it answers from now on.
    pub(crate) fn replies(&self, reply: Reply) {
        *self.state.reply.lock().unwrap() = reply;
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    /// The heads of all requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.requests.lock().unwrap().clone()
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("https://{host}:{}/jwks", self.address.port())
    }
}

impl State {
    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(octet) = stream.read_u8().await else {
                return;
            };
            head.push(octet);
        }
        let head = String::from_utf8(head).unwrap();
        self.requests.lock().unwrap().push(head);
        let reply = self.reply.lock().unwrap().clone();
        // Whoever asked may be gone before all is sent.
        let _ = send(&mut stream, reply).await;
    }
}

async fn send(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    reply: Reply,
) -> std::io::Result<()> {
    match reply {
        Reply::Octets(octets) => stream.write_all(&octets).await?,
        Reply::Late(pause, octets) => {
            tokio::time::sleep(pause).await;
            stream.write_all(&octets).await?;
        }
        Reply::Drops(octets) => {
            for octet in octets {
                stream.write_u8(octet).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Reply::Endless(first, then) => {
            stream.write_all(&first).await?;
            stream.flush().await?;
            if then.is_empty() {
                std::future::pending::<()>().await;
            }
            loop {
                stream.write_all(&then).await?;
            }
        }
        Reply::Silence => std::future::pending().await,
    }
    stream.flush().await?;
    stream.shutdown().await
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../keys/server.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../keys/server.key"));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.unwrap()], key.unwrap())
        .unwrap();
    Arc::new(config).into()
}
