//! What the tests of the example hosts share: a user's browser, and a signer that fails.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "tests fail by panicking, in their helpers, too"
)]

mod browser;
mod page;
mod recorder;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

pub use browser::Browser;
pub use page::{Page, attribute};
pub use recorder::{Ending, Recorder};

/// Names and values of a form or query.
pub type Pairs = Vec<(String, String)>;

/// The pairs as `application/x-www-form-urlencoded`.
pub fn urlencoded<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The header or the claims of a JWT, unverified.
pub fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
