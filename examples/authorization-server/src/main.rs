//! Starts the demonstration server: `cargo run`, or `cargo run -- --help`.

use std::io::Write as _;
use std::net::ToSocketAddrs as _;
use std::process::ExitCode;
use std::time::Duration;

use authorization_server::{Arguments, Configuration, Keys, Server, StartError, USAGE};
use axum::Router;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;

/// How long requests that are being answered may take after the signal to end.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> ExitCode {
    let level = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    let Ok(level) = level.parse::<LevelFilter>() else {
        let why =
            format!("RUST_LOG: `{level}` is no level: write error, warn, info, debug or trace");
        return fail(&why, ExitCode::from(2));
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(level)
        .init();
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            say(USAGE);
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&error.to_string(), ExitCode::from(2)),
    };
    let done = if arguments.explain {
        explain(&arguments)
    } else {
        run(arguments).await
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string(), ExitCode::FAILURE),
    }
}

async fn run(arguments: Arguments) -> Result<(), StartError> {
    let in_use = |source| StartError::Listen {
        address: arguments.listen.clone(),
        source,
    };
    let listener = TcpListener::bind(&arguments.listen).await.map_err(in_use)?;
    let url = format!("http://{}", listener.local_addr().map_err(in_use)?);
    let keys = match &arguments.keys {
        Some(directory) => Keys::kept_in(directory)?,
        None => Keys::generate()?,
    };
    let server = start(configuration(&arguments, &url)?, keys, &arguments)?;
    let router = server.router();
    #[cfg(unix)]
    reload_when_told(server, arguments.clone(), url.clone()).map_err(in_use)?;
    say(&format!("listening on {url}\n"));
    serve(listener, router).await.map_err(in_use)
}

/// Prints the configuration in force. Whatever would stop the server at start-up is an error.
fn explain(arguments: &Arguments) -> Result<(), StartError> {
    let keys = match &arguments.keys {
        Some(directory) if directory.exists() => Keys::kept_in(directory)?,
        _ => Keys::generate()?,
    };
    let in_use = |source| StartError::Listen {
        address: arguments.listen.clone(),
        source,
    };
    let mut addresses = arguments.listen.to_socket_addrs().map_err(in_use)?;
    let first = addresses.next().map(|own| own.to_string());
    let url = format!("http://{}", first.as_ref().unwrap_or(&arguments.listen));
    let configuration = configuration(arguments, &url)?;
    start(configuration.clone(), keys, arguments)?;
    say(&configuration.explained()?);
    Ok(())
}

fn configuration(arguments: &Arguments, url: &str) -> Result<Configuration, StartError> {
    let file = arguments.config.as_deref();
    let configuration = Configuration::load(file, arguments.issuer.as_deref(), url)?;
    Ok(configuration.with_approval(arguments.approval))
}

fn start(
    configuration: Configuration,
    keys: Keys,
    arguments: &Arguments,
) -> Result<Server, StartError> {
    let named = |error: StartError| error.in_file(arguments.config.as_deref());
    Server::new(configuration, keys).map_err(named)
}

/// Reads the configuration file and the signing keys anew at every SIGHUP.
#[cfg(unix)]
fn reload_when_told(server: Server, arguments: Arguments, url: String) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match reload(&server, &arguments, &url) {
                Ok(()) => tracing::info!(
                    "reloaded: the file is in force, the keys are published; one that takes over signs after jwks_max_age"
                ),
                Err(error) => tracing::error!(
                    "not reloaded, everything stays as it was: {}",
                    error.in_one_line()
                ),
            }
        }
    });
    Ok(())
}

#[cfg(unix)]
fn reload(server: &Server, arguments: &Arguments, url: &str) -> Result<(), StartError> {
    let configuration = configuration(arguments, url)?;
    let signers = match &arguments.keys {
        Some(directory) => Keys::signers_in(directory)?,
        None => server.signers(),
    };
    let named = |error: StartError| error.in_file(arguments.config.as_deref());
    server.reload(configuration, signers).map_err(named)
}

/// Serves until it is told to end, and answers what has been asked by then.
async fn serve(listener: TcpListener, router: Router) -> std::io::Result<()> {
    let (end, mut ended) = tokio::sync::watch::channel(());
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
        told_to_end().await;
        drop(end);
    });
    let impatience = async move {
        while ended.changed().await.is_ok() {}
        tokio::time::sleep(LAST_ANSWERS).await;
    };
    tokio::select! {
        served = serving => served,
        () = impatience => Ok(()),
    }
}

/// Waits for ctrl-c or, where there is such a thing, SIGTERM.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return,
                Ok(()) = tokio::signal::ctrl_c() => return,
            }
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Writes to standard output; whoever closed it does not want to know.
fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    drop(
        output
            .write_all(text.as_bytes())
            .and_then(|()| output.flush()),
    );
}

fn fail(message: &str, code: ExitCode) -> ExitCode {
    eprintln!("error: {message}");
    code
}
