use std::sync::Arc;

use super::{InvalidValue, wire_form};

/// A `client_id` that the host has found in its client store.
///
/// It becomes the `aud` of every response JWT ([JARM 2.1]). Cheap to clone.
///
/// [JARM 2.1]: https://openid.net/specs/oauth-v2-jarm.html#section-2.1
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// Makes a client identifier from the characters that [RFC 6749 A.1] allows.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty, longer than 2,048 characters, or holds anything but
    /// visible ASCII and spaces.
    ///
    /// [RFC 6749 A.1]: https://www.rfc-editor.org/rfc/rfc6749#appendix-A.1
    pub fn try_new(value: impl Into<Arc<str>>) -> Result<Self, InvalidValue> {
        let value = value.into();
        let visible = value.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        if value.is_empty() || value.len() > 2048 || !visible {
            return Err(InvalidValue(
                "a client_id has 1 to 2048 visible ASCII characters".into(),
            ));
        }
        Ok(Self(value))
    }

    /// A client that nobody has registered.
    pub(crate) fn anybody() -> Self {
        Self("anybody".into())
    }

    /// The identifier, byte for byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

wire_form!(ClientId);
