//! Installs what the tests need, unless it is there already.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fmt, fs, io};

use crate::run::output;

const LIMIT: Duration = Duration::from_secs(20 * 60);
/// The least version of Node.js (major, minor).
const NODE: (u32, u32) = (20, 19);
const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const SOFTHSM: &[&str] = &[
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
];

/// Something that a step cannot do without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Need {
    /// `cargo fmt`.
    Rustfmt,
    /// `cargo clippy`.
    Clippy,
    /// The npm packages of `tests/package-lock.json`.
    NodePackages,
    /// The Python packages of `tests/clients/requirements.txt`, in `tests/.venv`.
    PythonPackages,
    /// Chromium, or the browser that the variable `CHROMIUM` names.
    Chromium,
    /// `SoftHSM`, or the PKCS #11 module that the variable `PKCS11_MODULE` names.
    SoftHsm,
}

/// What could not be installed, and how to get it: one line.
#[derive(Debug)]
pub(crate) struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Need {
    /// Installs it if it is not there or not current.
    ///
    /// # Errors
    ///
    /// [`Missing`] when that fails.
    pub(crate) fn install(self, root: &Path) -> Result<(), Missing> {
        match self {
            Self::Rustfmt => rust_component("fmt", "rustfmt"),
            Self::Clippy => rust_component("clippy", "clippy"),
            Self::NodePackages => node_packages(&root.join("tests")),
            Self::PythonPackages => python_packages(root),
            Self::Chromium => chromium(),
            Self::SoftHsm => softhsm(),
        }
    }
}

/// The Python of the virtual environment.
pub(crate) fn python(root: &Path) -> PathBuf {
    environment(root).join("bin/python")
}

/// The browser to start: the one that the variable `CHROMIUM` names, else one of the usual names.
pub(crate) fn browser() -> Option<PathBuf> {
    match env::var_os("CHROMIUM") {
        Some(named) => in_path(named),
        None => BROWSERS.iter().find_map(in_path),
    }
}

/// The PKCS #11 module that the variable `PKCS11_MODULE` names, else `SoftHSM`.
fn module() -> Option<PathBuf> {
    let is_there = |file: PathBuf| file.is_file().then_some(file);
    match env::var_os("PKCS11_MODULE") {
        Some(named) => is_there(named.into()),
        None => SOFTHSM.iter().find_map(|usual| is_there(usual.into())),
    }
}

fn environment(root: &Path) -> PathBuf {
    root.join("tests/.venv")
}

fn rust_component(subcommand: &str, component: &str) -> Result<(), Missing> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    if succeeds(Command::new(cargo).args([subcommand, "--version"])) {
        return Ok(());
    }
    announce(component);
    attempt(Command::new("rustup").args(["component", "add", component])).map_err(|reason| {
        Missing(format!(
            "cargo {subcommand} is missing: rustup component add {component} ({reason})"
        ))
    })
}

fn node_packages(directory: &Path) -> Result<(), Missing> {
    if node_version().is_none_or(|version| version < NODE) || in_path("npm").is_none() {
        let (major, minor) = NODE;
        return Err(Missing(format!(
            "Node.js {major}.{minor} or newer with npm is missing: install it from nodejs.org or your system's packages"
        )));
    }
    let lock = directory.join("package-lock.json");
    let stamp = directory.join("node_modules/.installed-lock");
    if is_current(&lock, &stamp) {
        return Ok(());
    }
    announce("npm packages");
    attempt(Command::new("npm").arg("ci").current_dir(directory))
        .and_then(|()| mark_current(&lock, &stamp))
        .map_err(|reason| {
            Missing(format!(
                "npm packages are missing: run npm ci in tests/ ({reason})"
            ))
        })
}

fn node_version() -> Option<(u32, u32)> {
    let printed = output(Command::new("node").arg("--version"), LIMIT).ok()?;
    let mut numbers = printed.trim().trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn python_packages(root: &Path) -> Result<(), Missing> {
    let requirements = root.join("tests/clients/requirements.txt");
    let stamp = environment(root).join(".installed-requirements");
    if is_current(&requirements, &stamp) && succeeds(Command::new(python(root)).arg("--version")) {
        return Ok(());
    }
    virtual_environment(root).map_err(|reason| {
        Missing(format!(
            "Python 3 with venv is missing: apt-get install python3 python3-venv ({reason})"
        ))
    })?;
    announce("Python packages");
    let mut pip = Command::new(python(root));
    pip.args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(&requirements);
    attempt(&mut pip)
        .and_then(|()| mark_current(&requirements, &stamp))
        .map_err(|reason| {
            Missing(format!(
                "Python packages are missing: tests/.venv/bin/pip install -r tests/clients/requirements.txt ({reason})"
            ))
        })
}

/// Makes `tests/.venv`, with Debian's Python if the machine has none that can.
fn virtual_environment(root: &Path) -> Result<(), String> {
    let directory = environment(root);
    announce("Python virtual environment");
    let create = || {
        let mut venv = Command::new("python3");
        attempt(venv.args(["-m", "venv", "--clear"]).arg(&directory))
    };
    create().or_else(|_| {
        apt_install(&["python3", "python3-venv"])?;
        create()
    })
}

fn chromium() -> Result<(), Missing> {
    if browser().is_some() {
        return Ok(());
    }
    if let Some(named) = env::var_os("CHROMIUM") {
        let named = named.display();
        return Err(Missing(format!(
            "the browser that CHROMIUM names is missing: {named}"
        )));
    }
    announce("Chromium");
    apt_install(&["chromium"])
        .and_then(|()| browser().map(drop).ok_or_else(|| "not in PATH".to_owned()))
        .map_err(|reason| {
            Missing(format!(
                "Chromium is missing: apt-get install chromium, or set CHROMIUM to a browser ({reason})"
            ))
        })
}

fn softhsm() -> Result<(), Missing> {
    if module().is_some() {
        return Ok(());
    }
    if let Some(named) = env::var_os("PKCS11_MODULE") {
        let named = named.display();
        return Err(Missing(format!(
            "the module that PKCS11_MODULE names is missing: {named}"
        )));
    }
    announce("SoftHSM");
    apt_install(&["softhsm2"])
        .and_then(|()| module().map(drop).ok_or_else(|| "not in /usr/lib".to_owned()))
        .map_err(|reason| {
            Missing(format!(
                "SoftHSM is missing: apt-get install softhsm2, or set PKCS11_MODULE to a module ({reason})"
            ))
        })
}

/// Installs Debian packages, as root or by a sudo that asks nothing.
fn apt_install(packages: &[&str]) -> Result<(), String> {
    if in_path("apt-get").is_none() {
        return Err("no apt-get here".to_owned());
    }
    let root = output(Command::new("id").arg("-u"), LIMIT).is_ok_and(|id| id.trim() == "0");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        if !root {
            command.args(["-n", "env"]);
        }
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(arguments);
        attempt(&mut command)
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

/// Whether what was installed from `wanted` is what it says now.
fn is_current(wanted: &Path, stamp: &Path) -> bool {
    let read = |file: &Path| fs::read(file).ok();
    read(wanted).is_some_and(|content| read(stamp) == Some(content))
}

fn mark_current(wanted: &Path, stamp: &Path) -> Result<(), String> {
    let copied = fs::copy(wanted, stamp);
    copied.map(drop).map_err(|error| error.to_string())
}

/// Finds a program; an absolute path is itself.
fn in_path(program: impl AsRef<Path>) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(&program))
        .find(|file| file.is_file())
}

fn succeeds(command: &mut Command) -> bool {
    attempt(command).is_ok()
}

/// Runs a command quietly; a failure is told by the last line that it wrote to standard error.
fn attempt(command: &mut Command) -> Result<(), String> {
    let last_line = |error: io::Error| {
        let text = error.to_string();
        let told = text.lines().rev().find(|line| !line.trim().is_empty());
        told.unwrap_or_default().trim().to_owned()
    };
    let outcome = output(command.stdin(Stdio::null()), LIMIT);
    outcome.map(drop).map_err(last_line)
}

fn announce(what: &str) {
    println!("installing: {what}");
}
