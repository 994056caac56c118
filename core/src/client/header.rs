//! What a header must say.

use super::Reason;
use crate::jose::Header;

/// Whether a header parameter names the registered algorithm.
pub(super) fn registered(
    header: &Header,
    parameter: &'static str,
    expected: &str,
) -> Result<(), Reason> {
    match header.text(parameter) {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(Reason::Algorithm {
            parameter,
            expected: expected.to_owned(),
            found: shown(found),
        }),
        None => Err(Reason::Header {
            parameter,
            why: "is not there",
        }),
    }
}

/// The name of an algorithm is short and of few characters; what is not is not shown.
fn shown(name: &str) -> String {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+');
    if name.len() <= 64 && name.chars().all(known) {
        format!("`{name}`")
    } else {
        "something else".to_owned()
    }
}
