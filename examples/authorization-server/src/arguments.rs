//! The command line.

use std::path::PathBuf;

use crate::Approval;

/// What `--help` says.
pub const USAGE: &str = "\
The demonstration server of jarm: every response type in every response mode.

usage: authorization-server [OPTIONS]

  --listen ADDRESS:PORT  where to listen (127.0.0.1:4000); port 0 picks a free one
  --config FILE          a TOML file with a [jarm] table, [[client]] entries and, for keys that
                         clients publish, [jwks_uri]; see examples/authorization-server/README.md
  --issuer URL           the issuer identifier; otherwise the file's, otherwise the bound URL
  --auto-approve         approve every request as alice, without login and consent;
                         login_hint=deny denies
  --keys DIRECTORY       sign with the *.pem there, made at first; of keys for one algorithm the
                         last by name signs: p-256.pem, p-256-2.pem, p-256-10.pem
  --explain              print the configuration in force, a profile written out, and end
  --help                 show this text

The first line on standard output is `listening on http://ADDRESS:PORT`. On SIGHUP the server reads
the file and the *.pem anew; what is faulty leaves everything as it was, and the log says why.
RUST_LOG=debug logs why a request is answered as it is.
";

const KNOWN: [&str; 7] = [
    "--listen",
    "--config",
    "--issuer",
    "--auto-approve",
    "--keys",
    "--explain",
    "--help",
];

/// What the command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments {
    /// Address and port.
    pub listen: String,
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// The issuer identifier, if not the file's.
    pub issuer: Option<String>,
    /// Who approves requests.
    pub approval: Approval,
    /// The directory that keeps the keys.
    pub keys: Option<PathBuf>,
    /// Whether the configuration is printed, and nothing else done.
    pub explain: bool,
}

impl Arguments {
    /// Reads the arguments that follow the program's name; `None` when `--help` is among them.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] for a flag that is unknown, repeated or lacks its value.
    pub fn parse(
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<Option<Self>, ArgumentError> {
        let mut arguments = arguments.into_iter();
        let (mut listen, mut config, mut issuer, mut keys, mut approval) =
            (None, None, None, None, None);
        let mut explain = false;
        while let Some(argument) = arguments.next() {
            let (flag, attached) = match argument.split_once('=') {
                Some((flag, value)) => (flag, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            let place = match flag {
                "--help" | "-h" => return Ok(None),
                "--auto-approve" | "--explain" if attached.is_some() => {
                    return Err(ArgumentError::NoValue(flag.to_owned()));
                }
                "--auto-approve" => {
                    approval = Some(Approval::Automatic);
                    continue;
                }
                "--explain" => {
                    explain = true;
                    continue;
                }
                "--listen" => &mut listen,
                "--config" => &mut config,
                "--issuer" => &mut issuer,
                "--keys" => &mut keys,
                _ => return Err(ArgumentError::Unknown(argument)),
            };
            let value =
                attached.or_else(|| arguments.next().filter(|value| !value.starts_with("--")));
            let value = value.filter(|value| !value.is_empty());
            if place
                .replace(value.ok_or_else(|| ArgumentError::ValueMissing(flag.to_owned()))?)
                .is_some()
            {
                return Err(ArgumentError::Twice(flag.to_owned()));
            }
        }
        Ok(Some(Self {
            listen: listen.unwrap_or_else(|| "127.0.0.1:4000".to_owned()),
            config: config.map(PathBuf::from),
            issuer,
            approval: approval.unwrap_or_default(),
            keys: keys.map(PathBuf::from),
            explain,
        }))
    }
}

/// The command line cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// No such flag.
    #[error("unknown argument `{0}`{hint}; --help lists all", hint = hint(.0))]
    Unknown(String),
    /// A flag that needs a value has none.
    #[error("{0} needs a value; --help shows which")]
    ValueMissing(String),
    /// A flag that takes no value has one.
    #[error("{0} takes no value")]
    NoValue(String),
    /// A flag stands there twice.
    #[error("{0} is given twice")]
    Twice(String),
}

/// The known flag from which the unknown one differs in one place.
fn hint(unknown: &str) -> String {
    let word = unknown.trim_start_matches('-').to_ascii_lowercase();
    let alike = |flag: &&str| {
        let flag = flag.trim_start_matches('-');
        let equal = |(a, b): &(char, char)| a == b;
        let start = flag.chars().zip(word.chars()).take_while(equal).count();
        let end = flag
            .chars()
            .rev()
            .zip(word.chars().rev())
            .take_while(equal)
            .count();
        start + end + 2 >= flag.len().max(word.len())
    };
    let nearest = KNOWN.into_iter().find(alike);
    nearest
        .map(|flag| format!(", did you mean `{flag}`?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Arguments>, ArgumentError> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_flag_is_read_in_both_spellings() {
        let expected = Arguments {
            listen: "127.0.0.1:0".into(),
            config: Some("a.toml".into()),
            issuer: Some("https://as.example".into()),
            approval: Approval::Automatic,
            keys: Some("keys".into()),
            explain: true,
        };
        for line in [
            "--listen 127.0.0.1:0 --config a.toml --issuer https://as.example --auto-approve --keys keys --explain",
            "--explain --auto-approve --listen=127.0.0.1:0 --config=a.toml --issuer=https://as.example --keys=keys",
        ] {
            assert_eq!(parse(line), Ok(Some(expected.clone())));
        }
        assert_eq!(parse("--keys k --help"), Ok(None));
    }

    #[test]
    fn unknown_flags_are_refused_with_a_hint() {
        let error = parse("--port 1").unwrap_err().to_string();
        assert_eq!(error, "unknown argument `--port`; --help lists all");
        let error = parse("--isuer x").unwrap_err().to_string();
        assert!(error.contains("did you mean `--issuer`?"), "{error}");
        let error = parse("--autoapprove").unwrap_err().to_string();
        assert!(error.contains("did you mean `--auto-approve`?"), "{error}");
        let error = parse("listen").unwrap_err().to_string();
        assert!(error.contains("did you mean `--listen`?"), "{error}");
        assert_eq!(
            parse("--keys --auto-approve"),
            Err(ArgumentError::ValueMissing("--keys".into()))
        );
        assert_eq!(
            parse("--keys a --keys b"),
            Err(ArgumentError::Twice("--keys".into()))
        );
        assert_eq!(
            parse("--auto-approve=no"),
            Err(ArgumentError::NoValue("--auto-approve".into()))
        );
    }
}
