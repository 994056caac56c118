use std::fmt;

use zeroize::Zeroizing;

use crate::clock::UnixTime;

/// A client's secret in plaintext: the key of `HS*` response signatures, and what the keys of
/// symmetric encryption are derived from.
///
/// The MAC key is the secret's UTF-8 octets, not a hash of them ([OpenID Connect Core 10.1]); an
/// encryption key is the left of such a hash ([10.2]). The secret is redacted in `Debug`, wiped on drop and has no equality.
///
/// [OpenID Connect Core 10.1]: https://openid.net/specs/openid-connect-core-1_0.html#Signing
/// [10.2]: https://openid.net/specs/openid-connect-core-1_0.html#Encryption
#[derive(Clone)]
pub struct ClientSecret {
    value: Zeroizing<String>,
    expires_at: Option<UnixTime>,
}

impl ClientSecret {
    /// Takes a secret that does not expire.
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            value: Zeroizing::new(value.into()),
            expires_at: None,
        }
    }

    /// Sets the time from which the secret is no longer used: the registered
    /// `client_secret_expires_at`, in seconds since 1970; 0 means that it does not expire
    /// ([RFC 7591 3.2.1]).
    ///
    /// [RFC 7591 3.2.1]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1
    #[must_use]
    pub fn expires_at(mut self, seconds: u64) -> Self {
        self.expires_at = (seconds != 0).then(|| UnixTime::from_seconds(seconds));
        self
    }

    /// The secret's UTF-8 octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.value.as_bytes()
    }

    /// Whether the secret may be used at `now`.
    pub fn is_valid_at(&self, now: UnixTime) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecret").finish_non_exhaustive()
    }
}
