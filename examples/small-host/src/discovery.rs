//! What holds for every host of public clients.

use serde_json::{Map, Value, json};

/// Completes a host's metadata, which hold the members that follow from modes and keys already.
pub fn describe(document: &mut Map<String, Value>) {
    let own = [
        ("grant_types_supported", json!(["authorization_code"])),
        ("token_endpoint_auth_methods_supported", json!(["none"])),
    ];
    document.extend(own.map(|(name, value)| (name.to_owned(), value)));
    // The others need a client's secret.
    let to_a_key = |alg: &Value| {
        let alg = alg.as_str().unwrap_or_default();
        alg.starts_with("RSA-OAEP") || alg.starts_with("ECDH-ES")
    };
    let algs = document.get_mut("authorization_encryption_alg_values_supported");
    if let Some(Value::Array(algs)) = algs {
        algs.retain(to_a_key);
    }
}
