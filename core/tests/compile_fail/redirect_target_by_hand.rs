//! A redirect target is made by validation, not by hand.

use jarm_core::RedirectTarget;

fn main() {
    let _ = RedirectTarget { uri: "https://evil.example".into(), is_web: true };
}
