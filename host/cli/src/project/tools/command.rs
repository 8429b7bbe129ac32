//! A program that is run for a build. What it says goes to our stderr, as it comes and
//! whole; with `--quiet` only when it failed.

use crate::error::{Error, in_words};
use crate::printer::{self, Printer};
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{self, Stdio};

/// A program with its arguments.
#[derive(Debug)]
pub(crate) struct Command(process::Command);

impl Command {
    /// A program, by its path or its name.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Command {
        let mut command = process::Command::new(program);
        command.stdin(Stdio::null());
        Command(command)
    }

    /// One more argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Command {
        self.0.arg(arg);
        self
    }

    /// More arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Command {
        self.0.args(args);
        self
    }

    /// A variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Command {
        self.0.env(name, value);
        self
    }

    /// Of our environment only these variables.
    pub(crate) fn with_only(mut self, names: &[&str]) -> Command {
        self.0.env_clear();
        let known = names
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        self.0.envs(known);
        self
    }

    /// The folder in which it works.
    pub(crate) fn within(mut self, folder: &Path) -> Command {
        self.0.current_dir(folder);
        self
    }

    /// What it prints; none where it cannot be started or fails.
    pub(crate) fn answer(mut self) -> Option<String> {
        let output = self.0.output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(said)
    }

    /// Runs it; on failure the error is `failed`, and says the command line.
    pub(crate) fn run(
        mut self,
        printer: Printer,
        failed: impl FnOnce() -> Error,
    ) -> Result<(), Error> {
        if printer == Printer::Normal {
            self.0.stdout(io::stderr());
        }
        self.run_reading(printer, failed).map(|_| ())
    }

    /// The same, and gives what it prints to stdout.
    pub(crate) fn run_reading(
        mut self,
        printer: Printer,
        failed: impl FnOnce() -> Error,
    ) -> Result<String, Error> {
        let line = self.line();
        tracing::info!("{line}");
        if printer == Printer::Normal {
            self.0.stderr(Stdio::inherit());
        }
        match self.0.output() {
            Ok(output) if output.status.success() => {
                Ok(String::from_utf8_lossy(&output.stdout).into_owned())
            }
            Ok(output) => {
                let said = [output.stdout, output.stderr].concat();
                printer::to_stderr(&String::from_utf8_lossy(&said));
                Err(failed().because(format!("`{line}` ended with {}", how(output.status))))
            }
            Err(error) => Err(failed().because(format!("`{line}`: {}", in_words(&error)))),
        }
    }

    fn line(&self) -> String {
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
        words.join(" ")
    }
}

/// `exit code 2`, `signal 9`.
fn how(status: process::ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    status
        .code()
        .map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: Command) -> String {
        let error = command.run(Printer::Quiet, || Error::config("it failed"));
        error.map_or_else(|error| error.one_line(), |()| "passed".to_owned())
    }

    #[test]
    fn how_a_program_ended_is_said() {
        assert_eq!(said(Command::new("true")), "passed");
        assert_eq!(
            said(Command::new("sh").args(["-c", "exit 3"])),
            "it failed: `sh -c exit 3` ended with exit code 3"
        );
        assert_eq!(
            said(Command::new("sh").args(["-c", "kill -9 $$"])),
            "it failed: `sh -c kill -9 $$` ended with signal 9"
        );
        assert_eq!(
            said(Command::new("no-such-program")),
            "it failed: `no-such-program`: No such file or directory"
        );
    }

    #[test]
    fn only_a_program_that_succeeds_answers() {
        assert_eq!(
            Command::new("echo").arg("hi").answer().as_deref(),
            Some("hi\n")
        );
        assert_eq!(Command::new("false").answer(), None);
    }
}
