//! Starts the server: `cargo run -p oxide-auth-host -- --listen 127.0.0.1:4003 --config clients.toml`.

use std::process::ExitCode;

use oxide_auth_host::{CLIENTS, app};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    small_host::run("127.0.0.1:4003", CLIENTS, async |setup| app(setup)).await
}
