//! The command line.

use std::path::PathBuf;

/// What `--listen ADDRESS` and `--config FILE` say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) listen: Option<String>,
    pub(crate) config: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn parse(given: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut given = given.into_iter();
        while let Some(argument) = given.next() {
            let mut value = || given.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--listen" => arguments.listen = Some(value()?),
                "--config" => arguments.config = Some(value()?.into()),
                _ => {
                    let known = "--listen ADDRESS and --config FILE";
                    return Err(format!("{argument} is no option: there are {known}"));
                }
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_have_values_and_nothing_else_is_one() {
        assert_eq!(parse("").unwrap(), Arguments::default());
        let both = parse("--config clients.toml --listen 127.0.0.1:0").unwrap();
        assert_eq!(both.listen.as_deref(), Some("127.0.0.1:0"));
        assert_eq!(both.config, Some("clients.toml".into()));
        for wrong in ["--listen", "--config", "127.0.0.1:0", "--help"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
