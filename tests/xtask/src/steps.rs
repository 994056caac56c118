//! What `cargo xtask test` runs, in this order.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs, io};

use crate::install::{Need, python};

/// Packages that must pass without any C, each with the features of that build. The server's also
/// has no registration at link time.
const PURE_RUST: &[(&str, &[&str])] = &[
    ("jarm-jose", &["--no-default-features"]),
    ("authorization-server", &["--no-default-features"]),
];

/// The demonstration server, which the clients and the browser talk to.
const SERVER: &str = "authorization-server";

const BUILD_LIMIT: Duration = Duration::from_secs(90 * 60);
const SCRIPT_LIMIT: Duration = Duration::from_secs(20 * 60);

/// One named part of the test run.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) needs: &'static [Need],
    pub(crate) tool: Tool,
}

/// What a step starts.
pub(crate) enum Tool {
    /// Cargo with these arguments.
    Cargo(&'static [&'static str]),
    /// `cargo doc` that takes warnings for errors.
    Doc,
    /// `cargo test` for each package of [`PURE_RUST`].
    PureRust,
    /// `node --test` with the test files of this directory.
    Node(&'static str),
    /// Python's unittest with the test files of this directory.
    Python(&'static str),
}

/// All steps.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the formatting of the Rust sources",
        needs: &[Need::Rustfmt],
        tool: Tool::Cargo(&["fmt", "--all", "--check"]),
    },
    Step {
        name: "clippy",
        about: "lints; a warning is an error",
        needs: &[Need::Clippy],
        tool: Tool::Cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
    },
    Step {
        name: "rust",
        about: "the Rust tests of the workspace",
        needs: &[Need::SoftHsm],
        tool: Tool::Cargo(&["test", "--workspace"]),
    },
    Step {
        name: "pure-rust",
        about: "the Rust tests of the builds without any C",
        needs: &[],
        tool: Tool::PureRust,
    },
    Step {
        name: "doc",
        about: "the documentation; a warning is an error",
        needs: &[],
        tool: Tool::Doc,
    },
    Step {
        name: "clients",
        about: "OAuth clients in Node, signatures verified with jose and jwcrypto",
        needs: &[Need::NodePackages, Need::PythonPackages],
        tool: Tool::Node("tests/clients"),
    },
    Step {
        name: "python",
        about: "an OAuth client in Python",
        needs: &[Need::PythonPackages],
        tool: Tool::Python("tests/clients"),
    },
    Step {
        name: "browser",
        about: "login, consent and form posts in headless Chromium",
        needs: &[Need::NodePackages, Need::Chromium],
        tool: Tool::Node("tests/browser"),
    },
];

/// A command and how long it may take.
pub(crate) type Limited = (Command, Duration);

impl Step {
    /// The commands of this step, to be run one after the other in `root`.
    ///
    /// # Errors
    ///
    /// When the test files of a directory cannot be listed.
    pub(crate) fn commands(&self, root: &Path) -> io::Result<Vec<Limited>> {
        Ok(match self.tool {
            Tool::Cargo(arguments) => vec![cargo(arguments)],
            Tool::Doc => vec![doc()],
            Tool::PureRust => PURE_RUST.iter().map(pure_rust).collect(),
            Tool::Node(directory) => {
                let mut node = Command::new("node");
                node.args(["--test", "--test-reporter=spec"])
                    .args(node_tests(&root.join(directory))?);
                vec![build_server(), script(node, root)]
            }
            Tool::Python(directory) => {
                let mut unittest = Command::new(python(root));
                unittest
                    .args(["-m", "unittest", "discover", "--pattern", "*_test.py"])
                    .arg("--start-directory")
                    .arg(root.join(directory));
                vec![build_server(), script(unittest, root)]
            }
        })
    }
}

fn cargo(arguments: &[&str]) -> Limited {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    (command, BUILD_LIMIT)
}

fn doc() -> Limited {
    let (mut command, limit) = cargo(&["doc", "--no-deps", "--workspace"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    (command, limit)
}

fn pure_rust((package, features): &(&str, &[&str])) -> Limited {
    let (mut command, limit) = cargo(&["test", "--package", package]);
    command.args(*features);
    (command, limit)
}

/// Every script step builds the server first: another step may have left one with other features.
fn build_server() -> Limited {
    cargo(&["build", "--package", SERVER])
}

fn script(mut command: Command, root: &Path) -> Limited {
    command
        .env("JARM_SERVER", server(root))
        .env("JARM_PYTHON", python(root));
    (command, SCRIPT_LIMIT)
}

fn server(root: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| OsString::from("target"));
    let binary = format!("{SERVER}{}", env::consts::EXE_SUFFIX);
    root.join(target).join("debug").join(binary)
}

fn node_tests(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.js"));
    files.sort();
    Ok(files)
}
