//! Runs other programs to their end, and turns how they end into errors.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::error::Error;

/// Runs a command that prints for itself and has to succeed.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = status(command)?;
    succeeded(command, status)
}

/// Runs a command that prints for itself, and says how it ended.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus, Error> {
    command
        .status()
        .map_err(|error| not_started(command, &error))
}

/// Runs a command that has to succeed, for what it writes to stdout.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String, Error> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(command, &error))?;
    succeeded(command, output.status)?;
    String::from_utf8(output.stdout)
        .map_err(|_| Error::new(format!("`{}` printed no valid UTF-8", line(command))))
}

/// Whether a command can be started and succeeds; what it prints is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command that has to succeed, and hands each line of its stdout to
/// `see` as soon as it comes.
pub(crate) fn run_seeing_stdout(command: &mut Command, see: impl FnMut(&str)) -> Result<(), Error> {
    let mut child = start(command.stdout(Stdio::piped()))?;
    let stdout = child.stdout.take();
    finish(command, child, stdout, see)
}

/// As [`run_seeing_stdout`], for stderr.
pub(crate) fn run_seeing_stderr(command: &mut Command, see: impl FnMut(&str)) -> Result<(), Error> {
    let mut child = start(command.stderr(Stdio::piped()))?;
    let stderr = child.stderr.take();
    finish(command, child, stderr, see)
}

/// The command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    // Cargo is known by its path only; nobody types that.
    let program = program.rsplit(['/', '\\']).next().unwrap_or(&program);
    let mut line = program.to_owned();
    for arg in command.get_args().map(OsStr::to_string_lossy) {
        let quote = if arg.contains([' ', '"']) { "'" } else { "" };
        line.extend([" ", quote, &arg, quote]);
    }
    line
}

fn start(command: &mut Command) -> Result<Child, Error> {
    command
        .spawn()
        .map_err(|error| not_started(command, &error))
}

fn finish(
    command: &Command,
    mut child: Child,
    stream: Option<impl Read>,
    mut see: impl FnMut(&str),
) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(format!("`{}`: {error}", line(command)));
    if let Some(stream) = stream {
        let mut stream = BufReader::new(stream);
        let mut bytes = Vec::new();
        while stream.read_until(b'\n', &mut bytes).map_err(failed)? > 0 {
            see(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']));
            bytes.clear();
        }
    }
    let status = child.wait().map_err(failed)?;
    succeeded(command, status)
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<(), Error> {
    if status.success() {
        return Ok(());
    }
    // What came before belongs above the error, also where stdout is a pipe.
    let _ = std::io::stdout().flush();
    Err(Error::new(format!(
        "`{}` ended with {status}",
        line(command)
    )))
}

fn not_started(command: &Command, error: &std::io::Error) -> Error {
    let program = command.get_program().to_string_lossy();
    Error::new(format!("`{program}` cannot be started: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/toolchains/1.95/bin/cargo");
        command.args(["test", r#"{"name":"Ada"}"#]);
        assert_eq!(line(&command), r#"cargo test '{"name":"Ada"}'"#);
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let mut command = Command::new("no-such-program-as-this");
        let message = run(&mut command).map_or_else(|error| error.to_string(), |()| String::new());
        assert!(
            message.starts_with("error: `no-such-program-as-this` cannot be started: "),
            "{message}"
        );
        assert!(!succeeds(&mut command));
    }
}
