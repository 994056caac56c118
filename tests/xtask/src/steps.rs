//! What `cargo xtask test` runs, in this order.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs, io};

use crate::install::{Need, python};
use crate::programs::{Program, target};

/// Packages that must pass without any C, each with the features of that build. The server's also
/// has no registration at link time.
const PURE_RUST: &[(&str, &[&str])] = &[
    ("jarm-jose", &["--no-default-features"]),
    ("authorization-server", &["--no-default-features"]),
];

/// What is not in the default features, and yet is linted, tested and documented.
const FEATURES: &str = "--features=actix-web,jarm-oxide-auth/actix-web";

/// The directory of the clients that talk to the server.
const CLIENTS: &str = "tests/clients";

/// Which of them also run with the builds without any C: those that use every algorithm.
const ALGORITHMS: &[&str] = &[
    "algorithms.test.js",
    "encryption.test.js",
    "oidc_provider.test.js",
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
    /// Cargo with these arguments, one list after the other.
    Cargo(&'static [&'static [&'static str]]),
    /// `cargo doc` that takes warnings for errors.
    Doc,
    /// `cargo test` for each package of [`PURE_RUST`].
    PureRust,
    /// `node --test` with the test files of this directory, which start these programs.
    Node(&'static str, &'static [Program]),
    /// `node --test` with [`ALGORITHMS`] and the builds without any C.
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
        tool: Tool::Cargo(&[
            &["fmt", "--all", "--check"],
            &[
                "fmt",
                "--manifest-path",
                "tests/judges/huskarl/Cargo.toml",
                "--check",
            ],
        ]),
    },
    Step {
        name: "clippy",
        about: "lints; a warning is an error",
        needs: &[Need::Clippy],
        tool: Tool::Cargo(&[&[
            "clippy",
            "--workspace",
            FEATURES,
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]]),
    },
    Step {
        name: "rust",
        about: "the Rust tests of the workspace",
        needs: &[Need::SoftHsm],
        tool: Tool::Cargo(&[&["test", "--workspace", FEATURES]]),
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
        about: "OAuth clients in Node, jose and jwcrypto read our responses, and we oidc-provider's",
        needs: &[Need::NodePackages, Need::PythonPackages],
        tool: Tool::Node(
            CLIENTS,
            &[
                Program::Server,
                Program::Fapi2Host,
                Program::OauthAsHost,
                Program::OxideAuthHost,
                Program::Client,
                Program::Verifier,
            ],
        ),
    },
    Step {
        name: "judges",
        about: "our responses verified with huskarl, built outside the workspace",
        needs: &[Need::NodePackages],
        tool: Tool::Node("tests/judges", &[Program::Server, Program::Huskarl]),
    },
    Step {
        name: "pure-rust-clients",
        about: "every algorithm again, with the builds without any C",
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
        tool: Tool::Node(
            "tests/browser",
            &[
                Program::Server,
                Program::Client,
                Program::SinglePage,
                Program::Htmx,
            ],
        ),
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
            Tool::Cargo(commands) => commands.iter().map(|arguments| cargo(*arguments)).collect(),
            Tool::Doc => vec![doc()],
            Tool::PureRust => PURE_RUST.iter().map(pure_rust).collect(),
            Tool::Node(directory, programs) => {
                let node = node(&node_tests(&root.join(directory))?);
                scripts(node, programs, root)
            }
            Tool::PureRustNode => {
                let directory = root.join(CLIENTS);
                let tests: Vec<_> = ALGORITHMS.iter().map(|name| directory.join(name)).collect();
                pure_rust_scripts(node(&tests), &[Program::Server, Program::Verifier], root)
            }
            Tool::Python(directory) => {
                let mut unittest = Command::new(python(root));
                unittest
                    .args(["-m", "unittest", "discover", "--pattern", "*_test.py"])
                    .arg("--start-directory")
                    .arg(root.join(directory));
                scripts(unittest, &[Program::Server], root)
            }
        })
    }
}

fn cargo(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Task {
    Task::Run(cargo_command(arguments), BUILD_LIMIT)
}

fn cargo_command(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

fn doc() -> Task {
    let mut command = cargo_command(["doc", "--no-deps", "--workspace", FEATURES]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    Task::Run(command, BUILD_LIMIT)
}

fn pure_rust((package, features): &(&str, &[&str])) -> Task {
    cargo([&["test", "--package", package], *features].concat())
}

/// Every script step builds its programs first: another step may have left one with other features.
fn scripts(command: Command, programs: &[Program], root: &Path) -> Vec<Task> {
    let builds = programs.iter().map(|program| cargo(program.build(root)));
    let paths = programs
        .iter()
        .map(|program| (*program, program.path(root)));
    builds.chain([script(command, paths, root)]).collect()
}

/// As [`scripts`], with copies of the programs that have no C in them.
fn pure_rust_scripts(command: Command, programs: &[Program], root: &Path) -> Vec<Task> {
    let mut tasks = Vec::new();
    let mut copies = Vec::new();
    for program in programs {
        let from = program.path(root);
        let to = target(root)
            .join("pure-rust")
            .join(from.file_name().unwrap_or_default());
        copies.push((*program, to.clone()));
        let mut build = program.build(root);
        build.push("--no-default-features".into());
        let rebuild = cargo(program.build(root)); // what everybody expects to find there
        tasks.extend([cargo(build), Task::Copy { from, to }, rebuild]);
    }
    tasks.push(script(command, copies, root));
    tasks
}

fn script(
    mut command: Command,
    programs: impl IntoIterator<Item = (Program, PathBuf)>,
    root: &Path,
) -> Task {
    for (program, path) in programs {
        command.env(program.variable(), path);
    }
    command.env("JARM_PYTHON", python(root));
    Task::Run(command, SCRIPT_LIMIT)
}

fn node(tests: &[PathBuf]) -> Command {
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=spec"]).args(tests);
    command
}

fn node_tests(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.js"));
    files.sort();
    Ok(files)
}
