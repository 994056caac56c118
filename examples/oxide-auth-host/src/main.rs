//! Starts the server: `cargo run -p oxide-auth-host -- 127.0.0.1:4003`.

use std::error::Error;

use jarm::JwsAlgorithm;
use jarm::jose::{KeyKind, SigningKey};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:4003")).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let signer = SigningKey::generate(KeyKind::Rsa2048)?.signer(&JwsAlgorithm::RS256)?;
    let router = oxide_auth_host::router(&url, signer)?;
    println!("listening on {url}");
    axum::serve(listener, router).await?;
    Ok(())
}
