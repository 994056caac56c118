//! A pending response cannot be read from what a browser sends.

use jarm_core::authorization_server::PendingResponse;

fn main() {
    let _: PendingResponse = serde_json::from_str("{}").unwrap();
}
