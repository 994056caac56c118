//! What a [`ContentKey`](jarm_core::jose::ContentKey) does not show: that keys arrive, and known
//! answers of the primitives.

mod arrival;
mod client;
mod known_answers;

use serde_json::Value;

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
