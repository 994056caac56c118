use std::fmt;

use serde::Serialize;

use crate::policy::PolicySetting;
use crate::vocabulary::{ResponseMode, ResponseType};

/// Why a request is answered as it is: what decided, in order, as data and, by `Display`, in words.
///
/// It is for the host's log and its support staff, and never for the client: it tells about the
/// server's settings and about what is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// What decided, in order.
    pub reasons: Vec<Reason>,
}

/// One thing that decided about an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The request names a mode.
    Requested {
        /// The mode; `None` for a name that is not in force, which is not repeated.
        response_mode: Option<ResponseMode>,
    },
    /// The request names none: the response type's default counts.
    Default {
        /// That mode.
        response_mode: ResponseMode,
    },
    /// The name is a shortcut.
    Shortcut {
        /// What it stands for, for this response type.
        stands_for: ResponseMode,
    },
    /// The request itself is at fault.
    Request {
        /// What is wrong with it.
        problem: String,
    },
    /// The response type cannot be used.
    ResponseType {
        /// The response type; `None` for one that is not in force, which is not repeated.
        response_type: Option<ResponseType>,
        /// What speaks against it.
        problem: String,
    },
    /// The mode is not in force.
    NotInForce,
    /// The mode cannot carry the answer to this redirect URI, or refuses the request itself.
    CannotCarry {
        /// What speaks against it.
        problem: String,
    },
    /// A token must not travel in a plain query.
    TokenInQuery,
    /// A token in the query must be encrypted, and the client has registered no encryption.
    TokenNotEncrypted,
    /// A setting of the server or the client speaks against the mode.
    Policy {
        /// Which one.
        setting: PolicySetting,
    },
    /// The JWT cannot be made.
    Failed {
        /// What is missing.
        problem: String,
    },
    /// It is answered in this mode.
    Answered {
        /// The concrete mode.
        response_mode: ResponseMode,
        /// Whether with an error.
        with_error: bool,
    },
    /// It is answered in another mode if the redirect is too long.
    LongRedirect {
        /// That mode.
        response_mode: ResponseMode,
        /// How many octets its `Location` may have.
        limit: u32,
    },
    /// It is not answered: the user sees a page of the host's.
    NotAnswered,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, reason) in self.reasons.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{reason}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested {
                response_mode: Some(mode),
            } => write!(f, "the request asks for {mode}"),
            Self::Requested { .. } => f.write_str("the request asks for a mode by another name"),
            Self::Default { response_mode } => write!(
                f,
                "the request names no mode, so {response_mode} counts, the response type's default"
            ),
            Self::Shortcut { stands_for } => write!(f, "that stands for {stands_for}"),
            Self::Request { problem } => write!(f, "the request is at fault: {problem}"),
            Self::ResponseType {
                response_type: Some(response_type),
                problem,
            } => write!(f, "response type {response_type}: {problem}"),
            Self::ResponseType { problem, .. } => write!(f, "the response type: {problem}"),
            Self::NotInForce => f.write_str("no such mode is in force (response_mode)"),
            Self::CannotCarry { problem } => write!(f, "the mode cannot carry it: {problem}"),
            Self::TokenInQuery => f.write_str("a token must not be in a plain query"),
            Self::TokenNotEncrypted => f.write_str(
                "a token in the query must be encrypted, and the client has registered no authorization_encrypted_response_alg",
            ),
            Self::Policy { setting } => write!(f, "the setting {setting} does not allow it"),
            Self::Failed { problem } => write!(f, "the response JWT cannot be made: {problem}"),
            Self::Answered {
                response_mode,
                with_error: true,
            } => write!(f, "the client is told an error in {response_mode}"),
            Self::Answered { response_mode, .. } => {
                write!(f, "the answer goes out in {response_mode}")
            }
            Self::LongRedirect {
                response_mode,
                limit,
            } => write!(
                f,
                "or in {response_mode}, if the redirect is longer than {limit} octets (long_redirects)"
            ),
            Self::NotAnswered => f.write_str("the client is told nothing: a local page"),
        }
    }
}
