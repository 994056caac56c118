//! Why the server does not start, or does not let a client in.

use std::fmt;
use std::path::{Path, PathBuf};

use jarm::RedirectUriError;
use jarm::configuration::ConfigurationError;
use jarm::jose::{KeyError, RandomSourceError};
use jarm::metadata::InvalidClientMetadata;

/// The server does not start. The text says where and what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// What is wrong stands in this file.
    #[error("{}: {error}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        error: Box<StartError>,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{}", .0.to_string().trim_end())]
    Toml(toml::de::Error),
    /// The configuration cannot be written as TOML.
    #[error("the configuration cannot be written: {0}")]
    Unwritable(#[from] toml::ser::Error),
    /// The library's configuration cannot be put into force.
    #[error(transparent)]
    Configuration(Box<ConfigurationError>),
    /// The issuer cannot be used.
    #[error("{0}")]
    Issuer(String),
    /// Keys cannot be fetched as `[jwks_uri]` says.
    #[error("{0}")]
    Fetching(String),
    /// A configured client is refused.
    #[error("client[{index}].{refused}")]
    Client {
        /// The place in the file, from 0.
        index: usize,
        /// What is wrong with it.
        refused: InvalidRegistration,
    },
    /// The playground's client is refused, which `[jarm]` must have caused.
    #[error("the built-in client cannot be registered: {0}")]
    BuiltInClient(InvalidRegistration),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] RandomSourceError),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; --listen chooses another address, port 0 any free port"
    )]
    Listen {
        /// The address.
        address: String,
        /// What the operating system says.
        source: std::io::Error,
    },
}

impl From<ConfigurationError> for StartError {
    fn from(error: ConfigurationError) -> Self {
        Self::Configuration(Box::new(error))
    }
}

impl StartError {
    /// The text in one line, for the log: TOML's has several.
    pub fn in_one_line(&self) -> String {
        let text = self.to_string();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join(" ")
    }

    /// Names the file, if there is one.
    #[must_use]
    pub fn in_file(self, file: Option<&Path>) -> Self {
        match (self, file) {
            (
                error @ (Self::Toml(_)
                | Self::Configuration(_)
                | Self::Fetching(_)
                | Self::Client { .. }
                | Self::BuiltInClient(_)),
                Some(path),
            ) => Self::InFile {
                path: path.to_owned(),
                error: Box::new(error),
            },
            (error, _) => error,
        }
    }
}

/// Why a client is not let in. The text begins with the member to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRegistration {
    /// There is no redirect URI.
    NoRedirectUri,
    /// A redirect URI cannot be used.
    RedirectUri {
        /// Which one, from 0.
        index: usize,
        /// What is wrong with it.
        why: RedirectUriError,
    },
    /// Something else cannot be honoured.
    Metadata(InvalidClientMetadata),
    /// There are too many clients already.
    Full,
}

impl From<InvalidClientMetadata> for InvalidRegistration {
    fn from(invalid: InvalidClientMetadata) -> Self {
        Self::Metadata(invalid)
    }
}

impl fmt::Display for InvalidRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRedirectUri => f.write_str("redirect_uris: name one at least"),
            Self::RedirectUri { index, why } => write!(f, "redirect_uris[{index}]: {why}"),
            Self::Metadata(invalid) => invalid.fmt(f),
            Self::Full => f.write_str("client_id: this server has as many clients as it can keep"),
        }
    }
}

impl std::error::Error for InvalidRegistration {}
