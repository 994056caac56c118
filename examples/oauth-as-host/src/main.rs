//! Starts the server: `cargo run -p oauth-as-host -- --listen 127.0.0.1:4001 --config clients.toml`.

use std::process::ExitCode;

use oauth_as_host::{CLIENTS, app};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    small_host::run("127.0.0.1:4001", CLIENTS, app).await
}
