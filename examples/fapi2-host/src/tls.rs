//! TLS where the server listens, so that a client that insists on `https` can be tried without a proxy.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::StartError;

/// For how long a client may shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// A listener for [`axum::serve()`] that speaks TLS 1.2 and 1.3.
///
/// Clients shake hands beside each other, so that one that is silent holds up nobody.
pub struct TlsListener {
    tcp: TcpListener,
    tls: TlsAcceptor,
    handshakes: JoinSet<Option<Connection>>,
    handshake_limit: Duration,
}

impl TlsListener {
    /// Speaks TLS with the clients of `tcp`. Both files are PEM; the first holds the server's certificate
    /// and those that issued it.
    ///
    /// # Errors
    ///
    /// [`StartError`] naming the file that cannot be used.
    pub fn new(tcp: TcpListener, certificate: &Path, key: &Path) -> Result<Self, StartError> {
        let in_file =
            |file: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
        let chain: Vec<_> = chain.map_err(|error| in_file(certificate, &error))?;
        let private_key =
            PrivateKeyDer::from_pem_file(key).map_err(|error| in_file(key, &error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, private_key)
            .map_err(|error| in_file(certificate, &error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tcp,
            tls: Arc::new(config).into(),
            handshakes: JoinSet::new(),
            handshake_limit: HANDSHAKE,
        })
    }

    fn shake_hands(&mut self, (stream, address): (TcpStream, SocketAddr)) {
        let handshake = timeout(self.handshake_limit, self.tls.accept(stream));
        self.handshakes.spawn(async move {
            match handshake.await {
                Ok(Ok(stream)) => Some((stream, address)),
                Ok(Err(_)) | Err(_) => None, // of the client's making
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        loop {
            tokio::select! {
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
                connection = Listener::accept(&mut self.tcp) => self.shake_hands(connection),
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

impl std::fmt::Debug for TlsListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsListener")
            .field("tcp", &self.tcp)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use rustls::ClientConfig;
    use rustls::pki_types::ServerName;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::TlsConnector;

    use super::*;

    /// Made for the tests of the demonstration server.
    const FILES: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../authorization-server/tests/server/tls"
    );
    const PATIENCE: Duration = Duration::from_secs(20);

    /// A server with one page, and where it is.
    async fn server(handshake_limit: Duration) -> SocketAddr {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let [certificate, key] = ["server.pem", "server.key.pem"].map(file);
        let mut listener = TlsListener::new(tcp, certificate.as_ref(), key.as_ref()).unwrap();
        listener.handshake_limit = handshake_limit;
        let router = Router::new().route("/", get(async || "Hello"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn file(name: &str) -> String {
        format!("{FILES}/{name}")
    }

    async fn page(address: SocketAddr) -> String {
        let mut roots = rustls::RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(file("ca.pem")).unwrap();
        roots.add(ca).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, stream).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_silent_client_holds_up_nobody() {
        let address = server(PATIENCE * 2).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        let answer = timeout(PATIENCE, page(address)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }

    #[tokio::test]
    async fn a_silent_client_is_cut_off() {
        let mut silent = TcpStream::connect(server(Duration::from_millis(50)).await)
            .await
            .unwrap();
        let read = timeout(PATIENCE, silent.read(&mut [0])).await.unwrap();
        assert_eq!(read.unwrap_or_default(), 0);
    }

    #[tokio::test]
    async fn a_client_without_tls_is_told_nothing_and_harms_nobody() {
        let address = server(PATIENCE).await;
        let mut plain = TcpStream::connect(address).await.unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, plain.read_to_end(&mut answer)).await;
        let _ = read.unwrap(); // an alert, or a reset
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
        let answer = timeout(PATIENCE, page(address)).await.unwrap();
        assert!(answer.ends_with("Hello"), "{answer}");
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_used_is_named() {
        let (certificate, key) = (file("server.pem"), file("server.key.pem"));
        for (certificate, key, named) in [
            ("missing.pem", key.as_str(), "missing.pem: "),
            (&key, &key, "server.key.pem: "),
            (&certificate, &certificate, "server.pem: "),
            (&file("ca.pem"), &key, "ca.pem: "),
        ] {
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let error = TlsListener::new(tcp, certificate.as_ref(), key.as_ref()).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
