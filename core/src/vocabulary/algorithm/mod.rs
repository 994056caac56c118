//! The names of JOSE algorithms: open sets with constants, because a signer or an encrypter may
//! bring a name that this crate does not know. What must never be used has no value here.

mod jwe;
mod jws;

use std::borrow::Cow;

pub use jwe::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};
pub use jws::JwsAlgorithm;

use super::InvalidValue;

/// Constants of a newtype around an algorithm's name, each with its line of documentation.
macro_rules! constants {
    ($($constant:ident = $name:literal: $line:literal;)+) => {
        $(
            #[doc = $line]
            pub const $constant: Self = Self(std::borrow::Cow::Borrowed($name));
        )+
    };
}
use constants;

fn algorithm_name(name: Cow<'static, str>) -> Result<Cow<'static, str>, InvalidValue> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+');
    if name.is_empty() || name.len() > 64 || !name.chars().all(known) {
        return Err(InvalidValue(format!(
            "{name:?} is not the name of a JOSE algorithm"
        )));
    }
    Ok(name)
}
