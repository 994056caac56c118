//! Starts the server: `cargo run -p oauth-as-host -- 127.0.0.1:4001`.

use jarm::JwsAlgorithm;
use jarm::jose::{KeyKind, SigningKey};
use oauth_as_host::{StartError, app};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:4001")).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let signer = SigningKey::generate(KeyKind::P256)?.signer(&JwsAlgorithm::ES256)?;
    let router = app(&url, signer).await?;
    println!("listening on {url}");
    axum::serve(listener, router).await?;
    Ok(())
}
