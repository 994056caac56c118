//! Starts the server: `cargo run -p fapi2-host`, or `cargo run -p fapi2-host -- --help`.

mod arguments;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use fapi2_host::{Configuration, Environment, Host, SAMPLE, StartError, TlsListener, keys};
use jarm::clock::SystemClock;
use tokio::net::TcpListener;

use crate::arguments::{Arguments, Tls, USAGE};

/// How often what has expired is thrown away.
const SWEEP: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("error: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), StartError> {
    let Arguments {
        listen,
        config,
        tls,
        approval,
    } = arguments;
    let listener = TcpListener::bind(&listen)
        .await
        .map_err(|error| format!("{listen}: {error}"))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", listener.local_addr()?);
    let configuration = if let Some(file) = &config {
        let in_file = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| in_file(&error))?;
        Configuration::parse(&text).map_err(|error| in_file(&error))?
    } else {
        tracing::warn!("the sample's client is registered, whose private key everybody has");
        Configuration::parse(SAMPLE)?
    };
    let directory = config.as_deref().and_then(std::path::Path::parent);
    let environment = Environment {
        url: url.clone(),
        signers: keys(&configuration, directory.unwrap_or(".".as_ref()))?,
        approval,
        clock: Arc::new(SystemClock),
    };
    let host = Host::new(configuration, environment).await?;
    let router = host.router();
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(SWEEP);
        loop {
            interval.tick().await;
            host.sweep().await;
        }
    });
    if let Some(Tls { certificate, key }) = tls {
        let listener = TlsListener::new(listener, &certificate, &key)?;
        println!("listening on {url}");
        axum::serve(listener, router).await?;
    } else {
        println!("listening on {url}");
        axum::serve(listener, router).await?;
    }
    Ok(())
}
