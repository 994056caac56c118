//! A string is no redirect target, and a target cannot be made by hand.

use jarm_core::metadata::Client;
use jarm_core::{AuthorizationServer, RedirectTarget, RequestParameters};

async fn redirect_to_a_string(server: &AuthorizationServer, client: &Client, request: &RequestParameters) {
    let _ = server.negotiate(client, "https://evil.example", request).await;
}

fn make_a_target() -> RedirectTarget {
    RedirectTarget { uri: "https://evil.example".into(), is_web: true }
}

fn main() {}
