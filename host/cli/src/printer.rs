//! The one place that writes: data to stdout, everything else to stderr.
//!
//! Data goes out as it is; text for people goes through anstream, which strips
//! colours where nobody could see them. While a board is drawn, both go through the
//! screen that draws it.

use crate::error::Error;
use crate::logging::json;
use crate::output::Finished;
use crate::screen;
use anstream::ColorChoice;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How much is said on stderr besides errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printer {
    /// What people need.
    Normal,
    /// Errors only.
    Quiet,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set; anywhere with `CLICOLOR_FORCE`.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes it the choice of the whole process.
    pub(crate) fn apply(self) {
        let choice = match self {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        choice.write_global();
    }
}

impl Printer {
    /// A line for people who watch.
    pub(crate) fn note(self, line: &str) {
        if self == Printer::Normal {
            said("info", line);
        }
    }

    /// Something that people should know although all goes on.
    pub(crate) fn warning(self, line: &str) {
        let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
        if self == Printer::Normal && json::is_on() {
            said("warn", line);
        } else {
            self.note(&format!("{yellow}warning:{yellow:#} {line}"));
        }
    }
}

impl Printer {
    /// A job that did not succeed: the lines for people, or what programs read of it.
    pub(crate) fn failure(self, lines: &str, of: &str, finished: &Finished) {
        if self == Printer::Normal && json::is_on() {
            to_stderr(&json::failure(of, finished));
        } else {
            self.note(lines);
        }
    }
}

fn said(level: &str, text: &str) {
    if json::is_on() {
        to_stderr(&json::said(level, text));
    } else {
        to_stderr(&format!("{text}\n"));
    }
}

/// An error, however quiet the user wants it.
pub(crate) fn error(error: &Error) {
    if json::is_on() {
        to_stderr(&error.as_json());
    } else {
        to_stderr(&error.render());
    }
}

/// Text on stderr, whole lines.
pub(crate) fn to_stderr(text: &str) {
    screen::text(text);
}

/// Text for people that is what they asked for: help, a report.
pub(crate) fn report(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Error::output(&e))
}

/// Data, once.
pub(crate) fn data(bytes: &[u8]) -> Result<(), Error> {
    let mut out = DataOut::new();
    out.buffer().extend_from_slice(bytes);
    out.flush()
}

/// Whether a person reads stdout.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// How wide the terminal is that shows stdout; none where that is no terminal.
pub(crate) fn stdout_columns() -> Option<usize> {
    let (columns, _) = terminal_size::terminal_size_of(std::io::stdout())?;
    // Where nobody knows the size, it is told to be 0.
    Some(usize::from(columns.0)).filter(|columns| *columns > 0)
}

/// How many bytes are gathered before they are written.
const BATCH_BYTES: usize = 64 << 10;

/// How long a finished record may wait for company before it is written.
const PATIENCE: Duration = Duration::from_millis(20);

/// Data on stdout, gathered: a write for each line would cost more than a job.
pub(crate) struct DataOut {
    buffer: Vec<u8>,
    /// When the oldest byte in the buffer has waited long enough.
    due: Option<Instant>,
}

impl DataOut {
    /// Nothing gathered yet.
    pub(crate) fn new() -> DataOut {
        DataOut {
            buffer: Vec::with_capacity(BATCH_BYTES + BATCH_BYTES / 4),
            due: None,
        }
    }

    /// Where a record is put; call [`DataOut::gather`] after it.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Writes when enough has been gathered.
    pub(crate) fn gather(&mut self) -> Result<(), Error> {
        if self.buffer.len() >= BATCH_BYTES {
            return self.flush();
        }
        if self.due.is_none() {
            self.due = Some(Instant::now() + PATIENCE);
        }
        Ok(())
    }

    /// When what was gathered should be written although it is little.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.due = None;
        let written = screen::data(&self.buffer);
        self.buffer.clear();
        written.map_err(|e| Error::output(&e))
    }
}
