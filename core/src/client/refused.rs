use std::fmt;

use crate::jose::{KeySourceError, Malformed};
use crate::vocabulary::Carrier;

/// The steps in which a response is verified, in their order.
///
/// Those with a number are the steps of [JARM 2.4]; a response in a plain mode takes those without
/// one, and that of the issuer.
///
/// [JARM 2.4]: https://openid.net/specs/oauth-v2-jarm.html#section-2.4
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// One response arrived, in the way that was asked for.
    Arrival,
    /// 1. It is decrypted.
    Decryption,
    /// 2. `iss` is the expected issuer. No key was looked up before.
    Issuer,
    /// 3. `aud` is the client.
    Audience,
    /// 4. `exp` has not passed.
    Expiry,
    /// 5. The signature is the issuer's. Nothing was read before.
    Signature,
    /// `state` is that of the transaction.
    State,
    /// The parameters are those of a success, or of an error.
    Parameters,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Arrival,
        Self::Decryption,
        Self::Issuer,
        Self::Audience,
        Self::Expiry,
        Self::Signature,
        Self::State,
        Self::Parameters,
    ];

    /// The step's name in lower case, such as `issuer`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arrival => "arrival",
            Self::Decryption => "decryption",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expiry => "expiry",
            Self::Signature => "signature",
            Self::State => "state",
            Self::Parameters => "parameters",
        }
    }

    /// Its number in JARM 2.4.
    pub fn number(self) -> Option<u8> {
        match self {
            Self::Decryption => Some(1),
            Self::Issuer => Some(2),
            Self::Audience => Some(3),
            Self::Expiry => Some(4),
            Self::Signature => Some(5),
            Self::Arrival | Self::State | Self::Parameters => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A response that is not to be believed: not what it says, and not that it failed either.
///
/// `Display` is one sentence whatever the reason, because whoever sent the response may see it.
/// [`step`](Self::step) and [`reason`](Self::reason) are for the client's own log; the verifier
/// has logged them already, with `tracing`.
#[derive(Debug, thiserror::Error)]
#[error("the authorization response is not valid")]
pub struct RefusedResponse {
    step: Step,
    reason: Reason,
}

impl RefusedResponse {
    /// Where verification ended.
    pub fn step(&self) -> Step {
        self.step
    }

    /// What was found there. For the log, and not for who sent the response.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The same by value.
    pub fn into_reason(self) -> Reason {
        self.reason
    }
}

impl Step {
    pub(super) fn refuses(self, reason: impl Into<Reason>) -> RefusedResponse {
        let (step, reason) = (self, reason.into());
        RefusedResponse { step, reason }
    }
}

/// Why a response is refused.
///
/// The texts repeat nothing of what arrived, but for the names of algorithms.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The transaction was begun with another issuer or by another client.
    #[error("the transaction is one of another issuer or client")]
    OtherTransaction,
    /// There is no response.
    #[error("there is no response in what arrived")]
    NoResponse,
    /// A parameter occurs more than once.
    #[error("the parameter {0} occurs more than once")]
    Duplicate(&'static str),
    /// A JWT was asked for, and plain parameters arrived.
    #[error("a response JWT was asked for, and plain parameters arrived")]
    PlainInsteadOfJwt,
    /// Plain parameters were asked for, and a JWT arrived.
    #[error("plain parameters were asked for, and a response JWT arrived")]
    JwtInsteadOfPlain,
    /// A success came in another way than was asked for, or an error neither so nor in the response
    /// type's default way.
    #[error("the response was asked for in the {expected:?} and arrived in the {found:?}")]
    OtherCarrier {
        /// What the mode says.
        expected: Carrier,
        /// Where it was.
        found: Carrier,
    },
    /// The response is too long.
    #[error("the response is longer than {limit} octets")]
    TooLong {
        /// The longest that is looked at.
        limit: usize,
    },
    /// There are too many parameters.
    #[error("more than {limit} parameters arrived")]
    TooMany {
        /// The most that are looked at.
        limit: usize,
    },
    /// It is no JWT.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The client registered encryption, and the response is signed only.
    #[error("the client registered encryption, and the response is not encrypted")]
    NotEncrypted,
    /// The client registered no encryption, and the response is encrypted.
    #[error("the response is encrypted, and the client registered no encryption")]
    EncryptedUnasked,
    /// A header parameter says something else than what was registered, or what is not understood.
    #[error("the header parameter `{parameter}` {why}")]
    Header {
        /// The parameter.
        parameter: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The algorithm is not the registered one.
    #[error("`{parameter}` is {found}, and {expected} is registered")]
    Algorithm {
        /// `alg` or `enc`.
        parameter: &'static str,
        /// What is registered, or the default.
        expected: String,
        /// What the header says.
        found: String,
    },
    /// No key fits the header.
    #[error("no key fits: {0}")]
    NoKey(&'static str),
    /// It was encrypted to another key, or changed.
    #[error("it was encrypted to another key, or changed on its way")]
    Undecryptable,
    /// What was encrypted is no JWS.
    #[error("what was encrypted is not a signed JWT")]
    NotNested,
    /// A claim or parameter is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A claim or parameter is not of its type.
    #[error("`{0}` is not of its type")]
    Type(&'static str),
    /// `iss` is another issuer.
    #[error("`iss` is another issuer than the one that was asked")]
    OtherIssuer,
    /// `aud` is not the client.
    #[error("`aud` is not this client")]
    OtherAudience,
    /// `aud` names others beside the client.
    #[error("`aud` names others beside this client")]
    FurtherAudiences,
    /// The response has expired.
    #[error("it has expired")]
    Expired,
    /// The response is valid for longer than a response should be.
    #[error("it would be valid for longer than {limit} seconds")]
    TooLongValid {
        /// The longest lifetime, in seconds.
        limit: u64,
    },
    /// `nbf` or `iat` is in the future.
    #[error("`{0}` is in the future")]
    InTheFuture(&'static str),
    /// The issuer's keys cannot be had.
    #[error("the issuer's keys cannot be had")]
    Keys(#[from] KeySourceError),
    /// The signature is not the issuer's.
    #[error("the signature is another one")]
    Signature,
    /// `state` is not that of the transaction.
    #[error("`state` is not that of the transaction")]
    OtherState,
    /// A parameter is there that was not asked for.
    #[error("`{0}` was not asked for")]
    Unexpected(&'static str),
}
