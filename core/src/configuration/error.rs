use std::fmt;

use crate::origin::Origin;
use crate::vocabulary::{JwsAlgorithm, ResponseMode, ResponseType};

/// The configuration cannot be put into force. Found at start-up, never in front of a user.
///
/// `Debug` is `Display`, because a `main` that returns it prints that.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigurationError {
    /// The key path, such as `jarm.response_mode[0].options.titel`; empty where no key is to
    /// blame.
    pub path: String,
    /// What is wrong there and what would be right.
    pub problem: Problem,
}

impl ConfigurationError {
    pub(crate) fn new(path: impl Into<String>, problem: Problem) -> Self {
        Self {
            path: path.into(),
            problem,
        }
    }

    /// The same where the configuration stands below a key of the host's.
    pub(crate) fn below(mut self, root: &str) -> Self {
        self.path = format!("{root}.{}", self.path);
        self
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            self.problem.fmt(f)
        } else {
            write!(f, "{}: {}", self.path, self.problem)
        }
    }
}

impl fmt::Debug for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigurationError {}

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A value is not what it should be.
    #[error("{0}")]
    Invalid(String),
    /// No crate registered this kind.
    #[error(
        "no response mode of kind `{kind}` is registered{} Registered are {}. If a crate brings it, \
         name that crate in your binary (`use the_crate as _;`), or the linker drops its registration; \
         or register it by a plain call, ResponseModeRegistry::register",
        nearest.as_ref().map_or(".".to_owned(), |nearest| format!(", did you mean `{nearest}`?")),
        list(known)
    )]
    UnknownKind {
        /// What the configuration says.
        kind: String,
        /// What it could have said, sorted.
        known: Vec<String>,
        /// The registered kind that looks most like it.
        nearest: Option<String>,
    },
    /// Two registrations have one kind.
    #[error(
        "the response mode kind `{kind}` is registered twice: by {first} and by {second}. \
         Remove one crate, or give one of them another kind"
    )]
    DuplicateKind {
        /// The kind.
        kind: String,
        /// Who came first, by name.
        first: Origin,
        /// Who came second.
        second: Origin,
    },
    /// A registration has a name that is not its to give.
    #[error(
        "{origin} registers the response mode kind `{kind}`, which belongs to jarm-response-modes. \
         Choose another kind (its `.jwt` form comes by itself); a host that wants to replace a \
         standard mode calls ResponseModeRegistry::replace"
    )]
    StandardKind {
        /// The kind.
        kind: String,
        /// Who registers it.
        origin: Origin,
    },
    /// A registration is malformed.
    #[error("{0}")]
    Registration(String),
    /// The configuration lists no response mode.
    #[error("list one response mode at least, or leave the key out for the seven standard ones")]
    NoMode,
    /// The configuration lists a name twice.
    #[error("the response mode `{0}` is listed twice: remove one entry")]
    DuplicateMode(ResponseMode),
    /// A name promises a JWT and its kind sends none, or the reverse.
    #[error(
        "a response mode is called `jwt` or ends in `.jwt` exactly if it answers with a JWT, and `{0}` breaks that: change its name or its kind"
    )]
    JwtName(ResponseMode),
    /// A standard name stands for another kind.
    #[error(
        "`{0}` is a standard mode and always of the kind `{0}`: give this kind another name. A host that wants to \
         replace a standard mode calls ResponseModeRegistry::replace"
    )]
    StandardName(ResponseMode),
    /// No mode in force can carry a response type.
    #[error(
        "no response mode that is listed and allowed can carry the response type `{0}`: list one, such as `form_post` \
         (`form_post.jwt` where require_jarm demands it), name it in `allow` where that has rows, or drop the \
         response type"
    )]
    NoModeFor(ResponseType),
    /// A response type is unknown.
    #[error(
        "`{response_type}` is no standard response type{}; one of an extension is declared in code, by the builder's \
         extension_response_type",
        nearest.as_ref().map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default()
    )]
    UnknownResponseType {
        /// What the configuration says.
        response_type: ResponseType,
        /// The standard one that looks most like it.
        nearest: Option<ResponseType>,
    },
    /// A shortcut leads nowhere.
    #[error(
        "`{name}` stands for `{target}` when the response type is `{response_type}`, and `{target}` is not in \
         force: list it too, or drop `{name}`, or set response_types without that type"
    )]
    ShortcutTarget {
        /// The shortcut.
        name: ResponseMode,
        /// The mode that it stands for.
        target: ResponseMode,
        /// The response type.
        response_type: ResponseType,
    },
    /// A mode is named that is not in force.
    #[error(
        "`{mode}` is not in force: list it under response_mode, or name one of {}",
        list(in_force)
    )]
    NotInForce {
        /// What the configuration says.
        mode: ResponseMode,
        /// What is in force.
        in_force: Vec<ResponseMode>,
    },
    /// Response JWTs live too long or too short.
    #[error(
        "{0} seconds: a response JWT is valid for 30 to 600 seconds (more only by the builder's \
         allow_response_jwt_lifetime_beyond_ten_minutes)"
    )]
    Lifetime(u64),
    /// No key signs with the default algorithm.
    #[error(
        "no signing key for `{algorithm}`; the keys given sign with {}. Add a key, set default_signing_alg to one \
         of these, or list no `.jwt` mode",
        list(available)
    )]
    DefaultSigningAlgorithm {
        /// The configured algorithm.
        algorithm: JwsAlgorithm,
        /// What the keys can do.
        available: Vec<JwsAlgorithm>,
    },
    /// The default algorithm is not an allowed one.
    #[error(
        "`{algorithm}` is not in allowed_signing_algs: add it there, or set default_signing_alg to one that is and \
         has a key; that is {}",
        list(available)
    )]
    DefaultSigningAlgorithmNotAllowed {
        /// The configured algorithm.
        algorithm: JwsAlgorithm,
        /// What is allowed and has a key.
        available: Vec<JwsAlgorithm>,
    },
    /// Two signing keys have one `kid`, with different public keys.
    #[error("two signing keys are called `{0}`: give each key its own kid")]
    DuplicateKeyId(String),
    /// `response_jwt_jti` needs randomness.
    #[error("response_jwt_jti needs a source of randomness: give the builder one")]
    RandomSourceMissing,
}

fn list<T: ToString>(items: &[T]) -> String {
    if items.is_empty() {
        return "none at all".into();
    }
    let quoted: Vec<_> = items
        .iter()
        .map(|item| format!("`{}`", item.to_string()))
        .collect();
    quoted.join(", ")
}
