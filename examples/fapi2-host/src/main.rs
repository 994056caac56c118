//! Starts the server: `cargo run -p fapi2-host`, or `cargo run -p fapi2-host -- --help`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use fapi2_host::{
    Approval, Configuration, Environment, Host, SAMPLE, StartError, TlsListener, keys,
};
use jarm::clock::SystemClock;
use tokio::net::TcpListener;

const USAGE: &str = "\
A FAPI 2.0 Message Signing authorization server.

    cargo run -p fapi2-host -- [OPTIONS]

    --listen ADDRESS  where to listen (127.0.0.1:4003)
    --config FILE     clients and keys (the sample fapi2-host.toml, whose client anybody can be)
    --tls-cert FILE   speak TLS with this certificate and those that issued it, in PEM
    --tls-key FILE    its private key, in PEM
    --auto-approve    ask nobody: alice approves; with login_hint=deny, she does not
    --help            print this
";

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

struct Arguments {
    listen: String,
    config: Option<PathBuf>,
    tls: Option<Tls>,
    approval: Approval,
}

/// PEM files.
struct Tls {
    certificate: PathBuf,
    key: PathBuf,
}

impl Arguments {
    /// `None` when help is asked for.
    fn parse(given: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let mut arguments = Self {
            listen: "127.0.0.1:4003".to_owned(),
            config: None,
            tls: None,
            approval: Approval::ByUser,
        };
        let (mut certificate, mut key) = (None, None);
        let mut given = given.into_iter();
        while let Some(argument) = given.next() {
            let mut value = || given.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--listen" => arguments.listen = value()?,
                "--config" => arguments.config = Some(value()?.into()),
                "--tls-cert" => certificate = Some(value()?.into()),
                "--tls-key" => key = Some(value()?.into()),
                "--auto-approve" => arguments.approval = Approval::Automatic,
                "--help" => return Ok(None),
                _ => return Err(format!("{argument} is no option")),
            }
        }
        arguments.tls = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
            (None, None) => None,
            _ => return Err("--tls-cert and --tls-key go together".to_owned()),
        };
        Ok(Some(arguments))
    }
}
