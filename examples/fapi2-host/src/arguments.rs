//! The command line.

use std::path::PathBuf;

use fapi2_host::Approval;

pub(crate) const USAGE: &str = "\
A FAPI 2.0 Message Signing authorization server.

    cargo run -p fapi2-host -- [OPTIONS]

    --listen ADDRESS  where to listen (127.0.0.1:4005)
    --config FILE     clients and keys (the sample fapi2-host.toml, whose client anybody can be)
    --tls-cert FILE   speak TLS with this certificate and those that issued it, in PEM
    --tls-key FILE    its private key, in PEM
    --auto-approve    ask nobody: alice approves; with login_hint=deny, she does not
    --help            print this
";

/// What it says.
#[derive(Debug, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) listen: String,
    pub(crate) config: Option<PathBuf>,
    pub(crate) tls: Option<Tls>,
    pub(crate) approval: Approval,
}

/// PEM files.
#[derive(Debug, PartialEq)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Arguments {
    /// `None` when help is asked for.
    pub(crate) fn parse(given: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let mut arguments = Self {
            listen: "127.0.0.1:4005".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Arguments>, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_option_is_read_and_shown_by_help() {
        let line =
            "--listen 127.0.0.1:0 --config a.toml --tls-cert c.pem --tls-key k.pem --auto-approve";
        let expected = Arguments {
            listen: "127.0.0.1:0".to_owned(),
            config: Some("a.toml".into()),
            tls: Some(Tls {
                certificate: "c.pem".into(),
                key: "k.pem".into(),
            }),
            approval: Approval::Automatic,
        };
        assert_eq!(parse(line), Ok(Some(expected)));
        assert_eq!(parse("--help"), Ok(None));
        for option in line
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            assert!(USAGE.contains(option), "{option}");
        }
    }

    #[test]
    fn without_options_the_user_is_asked_and_nothing_is_encrypted_on_the_way() {
        let arguments = parse("").unwrap().unwrap();
        assert_eq!(
            (arguments.approval, arguments.tls),
            (Approval::ByUser, None)
        );
    }

    #[test]
    fn a_certificate_without_its_key_is_refused_like_what_is_no_option() {
        for wrong in [
            "--tls-cert c.pem",
            "--tls-key k.pem",
            "--config",
            "--port 1",
            "127.0.0.1:0",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
