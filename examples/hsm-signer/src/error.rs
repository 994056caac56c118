use cryptoki::error::{Error as ModuleError, RvError};
use jarm::BoxError;
use jarm::JwsAlgorithm;

/// Why a token cannot be opened, or does not sign.
///
/// When a signature fails this is the source of the
/// [`SigningError`](jarm::jose::SigningError), for the host's log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HsmError {
    /// Not one token has the label, but none or several.
    #[error("{found} tokens are labelled {label:?}, where exactly one must be")]
    Token {
        /// The label.
        label: String,
        /// How many have it.
        found: usize,
    },
    /// The token was taken out, or the module was shut down.
    #[error("the token is gone")]
    TokenGone(#[source] ModuleError),
    /// The token refused the PIN. It is not tried again, because three tries lock many a token.
    #[error("the token refused the PIN, which is not tried again: {0:?}")]
    PinRefused(RvError),
    /// The login did not hold: somebody logged out meanwhile, or the key demands one for each
    /// signature (`CKA_ALWAYS_AUTHENTICATE`).
    #[error("the token demands a login again")]
    LoginLost(#[source] ModuleError),
    /// The key cannot be used.
    #[error("key {label:?}")]
    Key {
        /// The label.
        label: String,
        /// What is wrong with it.
        #[source]
        problem: KeyProblem,
    },
    /// The algorithm is neither ES256 nor PS256.
    #[error("no signer for {0}, only for ES256 and PS256")]
    UnsupportedAlgorithm(JwsAlgorithm),
    /// The module failed in another way.
    #[error("the PKCS #11 module failed")]
    Module(#[source] ModuleError),
    /// There is no tokio runtime to make the blocking call on, or it shut down meanwhile.
    #[error("the blocking call could not be made")]
    Runtime(#[source] BoxError),
}

/// What is wrong with a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProblem {
    /// Not one object of the algorithm's key type has the label, but none or several.
    #[error("{found} {half} keys of the algorithm's type have the label, where exactly one must")]
    NotOne {
        /// `public` or `private`.
        half: &'static str,
        /// How many there are.
        found: usize,
    },
    /// The token would give the private key out: it is extractable, or not sensitive.
    #[error("the private key may leave the token")]
    Extractable,
    /// The public key has a form or a curve that cannot be published.
    #[error("the public key is not of a known form: RSA, or a point on P-256")]
    UnknownForm,
    /// RSA with less than 2048 bits ([RFC 7518 3.5]).
    ///
    /// [RFC 7518 3.5]: https://www.rfc-editor.org/rfc/rfc7518#section-3.5
    #[error("RSA with {bits} bits, where 2048 are the least")]
    Weak {
        /// The length of the modulus.
        bits: usize,
    },
    /// The private key does not belong to the public one.
    #[error("the public key does not verify what the private key signs")]
    NotAPair,
    /// Another key stands under the label than the one that is published.
    #[error("it was replaced by another key, which is not the one that is published")]
    Replaced,
    /// A signature has not the length that the algorithm gives it.
    #[error("the module made a signature of {length} octets")]
    SignatureLength {
        /// The length.
        length: usize,
    },
}

impl From<ModuleError> for HsmError {
    fn from(error: ModuleError) -> Self {
        use RvError::{
            CryptokiNotInitialized, DeviceRemoved, SessionClosed, SessionHandleInvalid,
            SlotIdInvalid, TokenNotPresent, TokenNotRecognized, UserNotLoggedIn,
        };
        match error {
            ModuleError::Pkcs11(
                CryptokiNotInitialized
                | DeviceRemoved
                | SlotIdInvalid
                | TokenNotPresent
                | TokenNotRecognized,
                _,
            ) => Self::TokenGone(error),
            ModuleError::Pkcs11(SessionClosed | SessionHandleInvalid | UserNotLoggedIn, _) => {
                Self::LoginLost(error)
            }
            _ => Self::Module(error),
        }
    }
}
