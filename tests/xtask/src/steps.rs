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

/// The directory of the clients that talk to it.
const CLIENTS: &str = "tests/clients";

/// Which of them also talk to its build without any C: those that use every algorithm.
const ALGORITHMS: &[&str] = &[
    "algorithms.test.js",
    "encryption.test.js",
    "registered_keys.test.js",
];

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
    /// `node --test` with [`ALGORITHMS`] against the server's build without any C.
    PureRustNode,
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
        about: "OAuth clients in Node, responses read with jose, jwcrypto and openid-client 5 and 6",
        needs: &[Need::NodePackages, Need::PythonPackages],
        tool: Tool::Node(CLIENTS),
    },
    Step {
        name: "pure-rust-clients",
        about: "every algorithm again, with the server's build without any C",
        needs: &[Need::NodePackages, Need::PythonPackages],
        tool: Tool::PureRustNode,
    },
    Step {
        name: "python",
        about: "an OAuth client in Python",
        needs: &[Need::PythonPackages],
        tool: Tool::Python(CLIENTS),
    },
    Step {
        name: "browser",
        about: "login, consent and form posts in headless Chromium",
        needs: &[Need::NodePackages, Need::Chromium],
        tool: Tool::Node("tests/browser"),
    },
];

/// One thing that a step does.
pub(crate) enum Task {
    /// Runs a command, which may take so long.
    Run(Command, Duration),
    /// Keeps a copy of a file, where a later build does not replace it.
    Copy { from: PathBuf, to: PathBuf },
}

impl Step {
    /// What this step does, one after the other, in `root`.
    ///
    /// # Errors
    ///
    /// When the test files of a directory cannot be listed.
    pub(crate) fn tasks(&self, root: &Path) -> io::Result<Vec<Task>> {
        Ok(match self.tool {
            Tool::Cargo(arguments) => vec![cargo(arguments)],
            Tool::Doc => vec![doc()],
            Tool::PureRust => PURE_RUST.iter().map(pure_rust).collect(),
            Tool::Node(directory) => {
                let node = node(&node_tests(&root.join(directory))?);
                vec![build_server(&[]), script(node, root, &server(root))]
            }
            Tool::PureRustNode => {
                let directory = root.join(CLIENTS);
                let tests: Vec<_> = ALGORITHMS.iter().map(|name| directory.join(name)).collect();
                let copy = target(root).join("pure-rust").join(binary());
                vec![
                    build_server(&["--no-default-features"]),
                    Task::Copy {
                        from: server(root),
                        to: copy.clone(),
                    },
                    build_server(&[]), // what everybody expects to find there
                    script(node(&tests), root, &copy),
                ]
            }
            Tool::Python(directory) => {
                let mut unittest = Command::new(python(root));
                unittest
                    .args(["-m", "unittest", "discover", "--pattern", "*_test.py"])
                    .arg("--start-directory")
                    .arg(root.join(directory));
                vec![build_server(&[]), script(unittest, root, &server(root))]
            }
        })
    }
}

fn cargo(arguments: &[&str]) -> Task {
    Task::Run(cargo_command(arguments), BUILD_LIMIT)
}

fn cargo_command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

fn doc() -> Task {
    let mut command = cargo_command(&["doc", "--no-deps", "--workspace"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    Task::Run(command, BUILD_LIMIT)
}

fn pure_rust((package, features): &(&str, &[&str])) -> Task {
    cargo(&[&["test", "--package", package], *features].concat())
}

/// Every script step builds the server first: another step may have left one with other features.
fn build_server(features: &[&str]) -> Task {
    cargo(&[&["build", "--package", SERVER], features].concat())
}

fn node(tests: &[PathBuf]) -> Command {
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=spec"]).args(tests);
    command
}

fn script(mut command: Command, root: &Path, server: &Path) -> Task {
    command
        .env("JARM_SERVER", server)
        .env("JARM_PYTHON", python(root));
    Task::Run(command, SCRIPT_LIMIT)
}

/// Where cargo leaves the server.
fn server(root: &Path) -> PathBuf {
    target(root).join("debug").join(binary())
}

fn target(root: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| OsString::from("target"));
    root.join(target)
}

fn binary() -> String {
    format!("{SERVER}{}", env::consts::EXE_SUFFIX)
}

fn node_tests(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.js"));
    files.sort();
    Ok(files)
}
