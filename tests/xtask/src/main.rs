//! Developer tasks.
//!
//! - `cargo xtask test` installs what the tests need and runs all of them.
//! - `cargo xtask test --only STEP` runs one step; may be repeated.
//! - `cargo xtask list` names the steps.

mod install;
mod programs;
mod run;
mod steps;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use install::{Missing, browser};
use steps::{STEPS, Step, Task};

/// The columns that the name of a step takes.
const WIDTH: usize = 17;
const USAGE: &str = "usage: cargo xtask test [--only STEP]... | cargo xtask list";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["list"] => list(),
        ["test", selection @ ..] => match select(selection) {
            Ok(steps) => test(&steps),
            Err(complaint) => fail(&complaint),
        },
        _ => fail(USAGE),
    }
}

fn list() -> ExitCode {
    for Step { name, about, .. } in STEPS {
        println!("{name:<WIDTH$} {about}");
    }
    ExitCode::SUCCESS
}

fn fail(complaint: &str) -> ExitCode {
    eprintln!("{complaint}");
    ExitCode::from(2)
}

/// The steps that `--only` names, in their own order, or all.
fn select(mut arguments: &[&str]) -> Result<Vec<&'static Step>, String> {
    let mut names = Vec::new();
    while let [flag, rest @ ..] = arguments {
        let (["--only"], [name, rest @ ..]) = (&[*flag], rest) else {
            return Err(USAGE.to_owned());
        };
        if !STEPS.iter().any(|step| step.name == *name) {
            return Err(format!(
                "no step is named {name}; cargo xtask list names them all"
            ));
        }
        names.push(*name);
        arguments = rest;
    }
    let wanted = |step: &&Step| names.is_empty() || names.contains(&step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

/// Runs all steps, also behind one that fails, and says at the end how each went.
fn test(steps: &[&Step]) -> ExitCode {
    let root = root();
    if let Err(missing) = install(steps, &root) {
        eprintln!("{missing}");
        return ExitCode::FAILURE;
    }
    let results: Vec<_> = steps.iter().map(|step| perform(step, &root)).collect();

    println!();
    for (step, (passed, duration)) in steps.iter().zip(&results) {
        println!("{}", verdict(step, *passed, *duration));
    }
    let failed = results.iter().filter(|(passed, _)| !passed).count();
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn install(steps: &[&Step], root: &Path) -> Result<(), Missing> {
    let mut done = Vec::new();
    for need in steps.iter().flat_map(|step| step.needs) {
        if !done.contains(need) {
            need.install(root)?;
            done.push(*need);
        }
    }
    Ok(())
}

/// Runs one step and tells whether it passed and how long it took.
fn perform(step: &Step, root: &Path) -> (bool, Duration) {
    println!("\n==> {}: {}", step.name, step.about);
    let start = Instant::now();
    let outcome = step
        .tasks(root)
        .and_then(|tasks| tasks.into_iter().try_for_each(|task| carry_out(task, root)));
    if let Err(error) = &outcome {
        eprintln!("{}: {error}", step.name);
    }
    let duration = start.elapsed();
    println!("<== {}", verdict(step, outcome.is_ok(), duration));
    (outcome.is_ok(), duration)
}

fn carry_out(task: Task, root: &Path) -> io::Result<()> {
    match task {
        Task::Run(mut command, limit) => {
            if let Some(browser) = browser() {
                command.env("CHROMIUM", browser);
            }
            println!("{}", shown(&command));
            run::run(command.current_dir(root), limit)
        }
        Task::Copy { from, to } => {
            println!("copy {} to {}", from.display(), to.display());
            if let Some(directory) = to.parent() {
                fs::create_dir_all(directory)?;
            }
            fs::copy(from, to).map(drop)
        }
    }
}

fn shown(command: &Command) -> String {
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn verdict(step: &Step, passed: bool, duration: Duration) -> String {
    let word = if passed { "passed" } else { "FAILED" };
    format!(
        "{:<WIDTH$} {word} in {:.1} s",
        step.name,
        duration.as_secs_f64()
    )
}

/// The root of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}
