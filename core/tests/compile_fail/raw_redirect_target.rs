//! A string is no redirect target.

use jarm_core::metadata::Client;
use jarm_core::{AuthorizationServer, RequestParameters};

async fn answer(server: &AuthorizationServer, client: &Client, request: &RequestParameters) {
    let _ = server.negotiate(client, "https://evil.example", request).await;
}

fn main() {}
