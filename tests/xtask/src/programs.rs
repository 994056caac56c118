//! The programs that the scripts start.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A program that scripts start; a variable of the environment tells them where it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Program {
    /// The demonstration server, which the clients and the browser talk to.
    Server,
    /// The FAPI 2.0 server on `oauth-as`.
    Fapi2Host,
    /// The host on `oauth-as`.
    OauthAsHost,
    /// The host on `oxide-auth`.
    OxideAuthHost,
    /// The example of a whole client, which logs in at the server.
    Client,
    /// The example of the client's side, which verifies what other servers respond.
    Verifier,
    /// The recipe of a single-page front end.
    SinglePage,
    /// The recipe of a consent form that htmx submits.
    Htmx,
    /// What verifies our responses with huskarl; it stands outside the workspace.
    Huskarl,
}

impl Program {
    /// The variable that names it.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Server => "JARM_SERVER",
            Self::Fapi2Host => "JARM_FAPI2_HOST",
            Self::OauthAsHost => "JARM_OAUTH_AS_HOST",
            Self::OxideAuthHost => "JARM_OXIDE_AUTH_HOST",
            Self::Client => "JARM_CLIENT",
            Self::Verifier => "JARM_VERIFY",
            Self::SinglePage => "JARM_SINGLE_PAGE",
            Self::Htmx => "JARM_HTMX",
            Self::Huskarl => "JARM_HUSKARL",
        }
    }

    /// What cargo is told to build it.
    pub(crate) fn build(self, root: &Path) -> Vec<OsString> {
        let build = |what: &[&str]| ["build"].iter().chain(what).map(OsString::from).collect();
        match self {
            Self::Server => build(&["--package", "authorization-server"]),
            Self::Fapi2Host => build(&["--package", "fapi2-host"]),
            Self::OauthAsHost => build(&["--package", "oauth-as-host"]),
            Self::OxideAuthHost => build(&["--package", "oxide-auth-host"]),
            Self::Client => build(&["--package", "client"]),
            Self::Verifier => build(&["--example", "verify"]),
            Self::SinglePage => build(&["--example", "single_page", "--features", "axum"]),
            Self::Htmx => build(&["--example", "htmx", "--features", "axum"]),
            Self::Huskarl => {
                let manifest = "tests/judges/huskarl/Cargo.toml";
                let mut build: Vec<_> =
                    build(&["--locked", "--manifest-path", manifest, "--target-dir"]);
                build.push(target(root).join("judges").into());
                build
            }
        }
    }

    /// Where cargo leaves it.
    pub(crate) fn path(self, root: &Path) -> PathBuf {
        let (directory, name) = match self {
            Self::Server => ("debug", "authorization-server"),
            Self::Fapi2Host => ("debug", "fapi2-host"),
            Self::OauthAsHost => ("debug", "oauth-as-host"),
            Self::OxideAuthHost => ("debug", "oxide-auth-host"),
            Self::Client => ("debug", "client"),
            Self::Verifier => ("debug/examples", "verify"),
            Self::SinglePage => ("debug/examples", "single_page"),
            Self::Htmx => ("debug/examples", "htmx"),
            Self::Huskarl => ("judges/debug", "huskarl-judge"),
        };
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        target(root).join(directory).join(file)
    }
}

pub(crate) fn target(root: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| OsString::from("target"));
    root.join(target)
}
