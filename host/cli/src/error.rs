//! The one error of the command line: what happened, its causes, what to do.
//!
//! The kind decides the exit code in an exhaustive match; the texts are for
//! people. Names and paths in them are escaped here, whoever gave them.

use crate::exit::Exit;
use crate::logging::json;
use crate::shown;
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use wodehost::store::StoreError;
use wodehost::{HostError, PluginError, RuntimeError, SubmitError};

/// What sort of error it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A fault of ours.
    Internal,
    /// The command line is wrong.
    Usage,
    /// The configuration is wrong.
    Config,
    /// A plugin cannot be used.
    Plugin,
    /// The producer ended with an error.
    Producer,
    /// A store cannot be used.
    Store,
    /// The output cannot be written.
    Output,
    /// Who read our output went away: a quiet end.
    ClosedPipe,
    /// The job failed.
    JobFailed,
    /// The job was silent too long, or ran out of fuel or time.
    JobTimedOut,
    /// The job was stopped.
    JobCancelled,
    /// The job did not start in time.
    JobBlocked,
}

/// An error for people.
#[derive(Debug)]
pub(crate) struct Error {
    kind: Kind,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Error {
    /// An error that says `message`.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: shown::text(&message.into()),
            causes: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// An error of the command line.
    pub(crate) fn usage(message: impl Into<String>) -> Error {
        Error::new(Kind::Usage, message)
    }

    /// An error of the configuration.
    pub(crate) fn config(message: impl Into<String>) -> Error {
        Error::new(Kind::Config, message)
    }

    /// A plugin that cannot be used, with what is known of it.
    pub(crate) fn plugin(name: &str, path: &std::path::Path, error: &PluginError) -> Error {
        let kind = match error {
            PluginError::Grant(_)
            | PluginError::Folder { .. }
            | PluginError::NotDeterministic(_) => Kind::Config,
            PluginError::Read { .. }
            | PluginError::TooLarge { .. }
            | PluginError::NotAComponent(_)
            | PluginError::Damaged(_)
            | PluginError::UnsupportedFeature(_)
            | PluginError::WrongWorld(_)
            | PluginError::UnknownImport(_)
            | PluginError::ImportMismatch(_)
            | PluginError::WrongRole { .. }
            | PluginError::TooComplex(_)
            | PluginError::TooManyParts { .. }
            | PluginError::CompileLimit { .. }
            | PluginError::Remembered { .. }
            | PluginError::NoCompiler { .. }
            | PluginError::Compile(_) => Kind::Plugin,
        };
        let path = path.display().to_string();
        let text = error.to_string();
        // Some of the library's sentences begin with the path already.
        let text = match text.strip_prefix(&format!("{path}: ")) {
            Some(rest) => without_number(rest),
            None => without_number(&text),
        };
        Error::new(
            kind,
            format!("plugin `{name}` cannot be used ({})", error.code()),
        )
        .because(format!("{path}: {text}"))
        .hint(error.hint())
    }

    /// A host that cannot be made.
    pub(crate) fn host(error: &HostError) -> Error {
        match error {
            HostError::Plugin { plugin, error } => {
                Error::plugin(plugin.name(), plugin.path(), error)
            }
            HostError::Options { .. } => Error::usage(error.to_string()),
            HostError::Store(error) => Error::store(error),
        }
    }

    /// A store that cannot be used.
    pub(crate) fn store(error: &StoreError) -> Error {
        let path = error.path.display().to_string();
        let what = if path.is_empty() {
            "the store cannot be used".to_owned()
        } else {
            format!("the store {path} cannot be used")
        };
        Error::new(Kind::Store, what)
            .because(without_number(&error.what))
            .hint_if(error.fault.hint())
    }

    /// The same as a part of the configuration: what it is about comes first.
    pub(crate) fn in_config(self, message: String) -> Error {
        let why = self.one_line();
        let mut error = Error::config(message).because(why);
        error.hints = self.hints;
        error
    }

    /// Takes this hint for those that there are.
    pub(crate) fn only_hint(mut self, hint: impl Into<String>) -> Error {
        self.hints.clear();
        self.hint(hint)
    }

    /// The output cannot be written; when its reader went away, a quiet end.
    pub(crate) fn output(error: &std::io::Error) -> Error {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Error::new(Kind::ClosedPipe, "the reader of the output went away");
        }
        Error::new(Kind::Output, "the output cannot be written").because(in_words(error))
    }

    /// The same for programs.
    pub(crate) fn as_json(&self) -> String {
        json::error(&self.message, &self.causes, &self.hints)
    }

    /// Adds why.
    pub(crate) fn because(mut self, cause: impl Into<String>) -> Error {
        self.causes.push(shown::text(&cause.into()));
        self
    }

    /// Adds what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hints.push(shown::text(&hint.into()));
        self
    }

    /// Adds a hint when there is one.
    pub(crate) fn hint_if(self, hint: Option<impl Into<String>>) -> Error {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// What sort of error it is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The exit code that goes with it.
    pub(crate) fn exit(&self) -> Exit {
        match self.kind {
            Kind::Internal => Exit::Internal,
            Kind::Usage => Exit::Usage,
            Kind::Config => Exit::Config,
            Kind::Plugin => Exit::Plugin,
            Kind::Producer => Exit::Producer,
            Kind::Store => Exit::Store,
            Kind::Output => Exit::Output,
            Kind::ClosedPipe => Exit::Success,
            Kind::JobFailed => Exit::SomeFailed,
            Kind::JobTimedOut => Exit::OnlyTimeouts,
            Kind::JobCancelled => Exit::Cancelled,
            Kind::JobBlocked => Exit::Blocked,
        }
    }

    /// The error on one line, for a place that has no more.
    pub(crate) fn one_line(&self) -> String {
        let mut text = self.message.clone();
        for cause in &self.causes {
            let _ = write!(text, ": {cause}");
        }
        text
    }

    /// The error for people, with colours that the printer may strip.
    pub(crate) fn render(&self) -> String {
        let red = AnsiColor::Red.on_default().bold();
        let mut text = format!("{red}error:{red:#} {}\n", self.message);
        for cause in &self.causes {
            let _ = writeln!(text, "  {cause}");
        }
        for hint in &self.hints {
            let _ = writeln!(text, "{HINT}hint:{HINT:#} {hint}");
        }
        text
    }
}

/// How the word `hint:` looks.
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// What the system said, without Rust's ` (os error 2)`.
pub(crate) fn in_words(error: &std::io::Error) -> String {
    without_number(&error.to_string())
}

/// A text of the system without Rust's ` (os error 2)`.
pub(crate) fn without_number(text: &str) -> String {
    let words = text
        .split_once(" (os error ")
        .map_or(text, |(words, _)| words);
    words.to_owned()
}

/// The name among `names` that is most like `wanted`, if any is alike.
pub(crate) fn nearest<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(name, wanted), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// `did you mean …?` as a hint.
pub(crate) fn did_you_mean(near: Option<&str>) -> Option<String> {
    near.map(|name| format!("did you mean `{name}`?"))
}

impl From<RuntimeError> for Error {
    fn from(error: RuntimeError) -> Error {
        match &error {
            RuntimeError::Engine(_) => Error::config(error.to_string())
                .hint("give fewer `--live` attempts or less `--memory`; `wodehost doctor` shows what fits"),
            RuntimeError::Cache { .. } => Error::config(error.to_string())
                .hint("give another folder with `--cache DIR`, or `--no-cache`"),
            RuntimeError::NoFuel => Error::usage(error.to_string()),
            RuntimeError::Threads(_) => Error::new(Kind::Internal, error.to_string()),
        }
    }
}

impl From<SubmitError> for Error {
    fn from(error: SubmitError) -> Error {
        match error {
            SubmitError::UnknownWorker(_) | SubmitError::Options(_) => {
                Error::usage(error.to_string())
            }
            SubmitError::Store(error) => Error::store(&error),
            SubmitError::KeyTaken(_) => Error::new(Kind::Store, error.to_string()),
            SubmitError::Closed => Error::new(Kind::JobCancelled, error.to_string()),
            SubmitError::Blocked(_) => Error::new(Kind::JobBlocked, error.to_string())
                .hint("give it more time with `--start-within`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(error: &Error) -> String {
        anstream::adapter::strip_str(&error.render()).to_string()
    }

    #[test]
    fn an_error_reads_as_what_why_and_what_to_do() {
        let error = Error::usage("no plugin is called `dubble`")
            .because("known are `double` and `hello`")
            .hint_if(did_you_mean(nearest("dubble", ["double", "hello"])));
        assert_eq!(
            plain(&error),
            "error: no plugin is called `dubble`\n  known are `double` and `hello`\nhint: did you mean `double`?\n"
        );
        assert_eq!(error.exit(), Exit::Usage);
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_end_and_a_full_disk_is_not() {
        let closed = Error::output(&std::io::ErrorKind::BrokenPipe.into());
        assert_eq!(
            (closed.kind(), closed.exit()),
            (Kind::ClosedPipe, Exit::Success)
        );
        let full = Error::output(&std::io::ErrorKind::StorageFull.into());
        assert_eq!(full.exit(), Exit::Output);
    }

    #[test]
    fn no_name_steers_the_terminal() {
        let error = Error::usage("no plugin is called `\u{1b}[2J`").because("a\nb");
        assert_eq!(
            plain(&error),
            "error: no plugin is called `\\x1b[2J`\n  a\\nb\n"
        );
    }

    #[test]
    fn the_path_is_said_once() {
        let path = std::path::Path::new("a.wasm");
        let missing = PluginError::Read {
            path: path.to_owned(),
            error: std::io::ErrorKind::NotFound.into(),
        };
        let text = plain(&Error::plugin("a", path, &missing));
        assert_eq!(text.matches("a.wasm").count(), 1, "{text}");
    }
}
