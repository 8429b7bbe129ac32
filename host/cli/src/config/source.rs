//! Where a value came from, kept next to the value.

use crate::shown;
use std::fmt;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody said otherwise.
    Default,
    /// A line of a file.
    File {
        /// The file, as it was named.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Env(String),
    /// A flag, without its dashes.
    Flag(&'static str),
    /// Given as an argument.
    Argument,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File { file, line } => write!(f, "{}:{line}", shown::text(file)),
            Source::Env(name) => f.write_str(name),
            Source::Flag(flag) => write!(f, "--{flag}"),
            Source::Argument => f.write_str("argument"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it came from.
    pub(crate) source: Source,
}

impl<T> Sourced<T> {
    /// A value with its source.
    pub(crate) fn new(value: T, source: Source) -> Sourced<T> {
        Sourced { value, source }
    }

    /// A value that nobody set.
    pub(crate) fn default(value: T) -> Sourced<T> {
        Sourced::new(value, Source::Default)
    }
}
