//! Runs commands, none of them for ever.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(50);

/// Runs a command to its end, its output going where ours goes.
///
/// # Errors
///
/// When it cannot be started, fails, or takes longer than `limit`.
pub(crate) fn run(command: &mut Command, limit: Duration) -> io::Result<()> {
    let mut child = command.spawn().map_err(|error| named(command, &error))?;
    match wait(&mut child, limit)? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!("{}: {status}", program(command)))),
    }
}

/// Runs a command to its end and returns what it wrote to standard output.
///
/// # Errors
///
/// As [`run`]; the error of a command that fails is what it wrote to standard error.
pub(crate) fn output(command: &mut Command, limit: Duration) -> io::Result<String> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| named(command, &error))?;
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let status = wait(&mut child, limit)?;
    let stdout = stdout.join().unwrap_or_default();
    let stderr = stderr.join().unwrap_or_default();
    if status.success() {
        return Ok(stdout);
    }
    let status = format!("{}: {status}", program(command));
    Err(io::Error::other(if stderr.trim().is_empty() {
        status
    } else {
        stderr
    }))
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(POLL);
    }
    child.kill()?;
    child.wait()?;
    Err(io::Error::other(format!(
        "stopped after {} s",
        limit.as_secs()
    )))
}

fn collect(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read before a failure is still worth telling.
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn named(command: &Command, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", program(command)))
}
