//! What `oauth-as-host` and `oxide-auth-host` share, and what has nothing to do with the crates that they are
//! built on: the command line, keys, clients from a file, and what they say about these.

mod arguments;
mod clients;
mod discovery;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use jarm::jose::{JwsSigner, KeyKind, SigningKey, SigningKeys};
use tokio::net::TcpListener;

use crate::arguments::Arguments;

pub use clients::{ClientEntry, read, register};
pub use discovery::describe;

/// Why a host does not start.
pub type StartError = Box<dyn Error + Send + Sync>;

/// What a host is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The URL under which it is reached.
    pub issuer: String,
    /// What signs responses.
    pub signers: Vec<Arc<dyn JwsSigner>>,
    /// The clients.
    pub clients: Vec<ClientEntry>,
}

/// Starts a host as its command line says, and serves until the process ends.
///
/// `listen` and `clients`, the text of a file, are for what the command line leaves out.
pub async fn run(
    listen: &str,
    clients: &str,
    host: impl AsyncFnOnce(Setup) -> Result<Router, StartError>,
) -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    match serve(listen, clients, host).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(
    listen: &str,
    clients: &str,
    host: impl AsyncFnOnce(Setup) -> Result<Router, StartError>,
) -> Result<(), StartError> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let listen = arguments.listen.as_deref().unwrap_or(listen);
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("{listen}: {error}"))?;
    let url = format!("http://{}", listener.local_addr()?);
    let setup = Setup {
        issuer: url.clone(),
        signers: signers()?,
        clients: match &arguments.config {
            Some(file) => clients::of_file(file)?,
            None => clients::read(clients)?,
        },
    };
    let router = host(setup).await?;
    println!("listening on {url}");
    axum::serve(listener, router).await?;
    Ok(())
}

/// Keys that end with the process: RSA, P-256 and Ed25519, each with all of its algorithms.
fn signers() -> Result<Vec<Arc<dyn JwsSigner>>, StartError> {
    let kinds = [KeyKind::Rsa2048, KeyKind::P256, KeyKind::Ed25519];
    let keys: Result<Vec<_>, _> = kinds.into_iter().map(SigningKey::generate).collect();
    Ok(SigningKeys::from_keys(keys?)?.signers())
}
