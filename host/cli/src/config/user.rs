//! The user's own file, `wodehost/config.toml` in the configuration folder: looks
//! only. What a command does never depends on it.

use super::file::read;
use super::locate::user_file;
use crate::error::{Error, in_words, nearest};
use crate::printer::Color;
use serde::Deserialize;

/// What the file may say.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct User {
    /// As `--color`.
    pub(crate) color: Option<Color>,
    /// How reports (inspect, doctor, config show) are printed.
    pub(crate) output: Option<Look>,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Look {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// Its keys.
const KEYS: [&str; 2] = ["color", "output"];

impl User {
    /// Reads the file, if there is one.
    pub(crate) fn load() -> Result<User, Error> {
        let Some(path) = user_file() else {
            return Ok(User::default());
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => User::read(&path.display().to_string(), &text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(User::default()),
            Err(e) => {
                Err(Error::config(format!("{} cannot be read", path.display()))
                    .because(in_words(&e)))
            }
        }
    }

    fn read(name: &str, text: &str) -> Result<User, Error> {
        let near = |path: &[String]| nearest(path.last()?, KEYS).map(str::to_owned);
        Ok(read(name, text, near)?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_looks_are_taken() {
        let user = User::read("config.toml", "color = \"never\"\noutput = \"json\"\n");
        let user = user.expect("legal");
        assert_eq!(user.color, Some(Color::Never));
        assert_eq!(user.output, Some(Look::Json));
        let error = User::read("config.toml", "slots = 4\n").expect_err("no look");
        assert_eq!(error.one_line(), "config.toml:1: there is no key `slots`");
    }
}
