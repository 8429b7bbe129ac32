//! Input of `map` and `call`: values from lines, arrays and streams.
//!
//! A reader is an iterator of [`Record`]s. What is wrong with one value makes that
//! record a [`Refusal`] and the rest is read on; only input that cannot be read at
//! all is an error. No reader keeps more of its input than one value.

mod argument;
mod array;
mod lines;
mod packed;
mod progress;
mod split;

pub(crate) use argument::arguments;
pub(crate) use array::Array;
pub(crate) use lines::Lines;
pub(crate) use packed::Packed;
pub(crate) use progress::Progress;

use crate::error::{Error, in_words};
use progress::Counted;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use wodehost::store::Key;
use wodehost::units::Unit;
use wodehost::value::json::JsonErrorKind;
use wodehost::value::{JsonError, ScanLimits, ValueError, ValueErrorKind};
use wodehost::{Reason, Value};

/// How input is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A JSON value on each line.
    Ndjson,
    /// One JSON array.
    Json,
    /// `MessagePack` values one behind the other.
    Msgpack,
}

/// Where in the input a record was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The line, from 1.
    Line(u64),
    /// The item, from 1.
    Item(u64),
}

impl Place {
    /// What a value in this place is known by in a store.
    pub(crate) fn key(self) -> Key {
        match self {
            Place::Line(number) | Place::Item(number) => Key::Place(number),
        }
    }
}

/// One value of the input.
#[derive(Debug)]
pub(crate) struct Record {
    /// Where it was.
    pub(crate) place: Place,
    /// The value, or why it is none.
    pub(crate) value: Result<Value, Refusal>,
}

/// Why a record is no value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// `bad-value` or `value-too-large`.
    pub(crate) reason: Reason,
    /// The sentence for people.
    pub(crate) message: String,
}

/// What readers are.
pub(crate) type Records = Box<dyn Iterator<Item = Result<Record, Error>> + Send>;

impl Format {
    /// The format that a file's name tells.
    pub(crate) fn of_path(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()? {
            "ndjson" | "jsonl" => Some(Format::Ndjson),
            "json" => Some(Format::Json),
            "msgpack" | "mpk" => Some(Format::Msgpack),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(number) => write!(f, "line {number}"),
            Place::Item(number) => write!(f, "item {number}"),
        }
    }
}

impl Refusal {
    fn bad(message: String) -> Refusal {
        Refusal {
            reason: Reason::BadValue,
            message,
        }
    }

    fn too_large(message: String) -> Refusal {
        Refusal {
            reason: Reason::ValueTooLarge,
            message,
        }
    }

    /// A text of which only so much was kept, because no value within the limit
    /// can be that long.
    fn too_long(bytes: u64, limit: usize) -> Refusal {
        Refusal::too_large(format!(
            "it has {}; a value may have {}",
            Unit::Bytes.about(bytes),
            Unit::Bytes.about(limit as u64)
        ))
    }

    /// A text that is no JSON; `line` and `column` are where its first character is.
    fn json(error: &JsonError, line: u64, column: u64) -> Refusal {
        let at_line = line + error.line as u64 - 1;
        let at_column = if error.line == 1 {
            column + error.column as u64 - 1
        } else {
            error.column as u64
        };
        let JsonError { kind, path, .. } = error;
        let message = format!("{kind}, at line {at_line}, column {at_column} ({path})");
        if matches!(kind, JsonErrorKind::TooLarge { .. }) {
            Refusal::too_large(message)
        } else {
            Refusal::bad(message)
        }
    }

    /// Bytes that are no value; `start` is where they begin in the input.
    fn packed(error: &ValueError, start: u64) -> Refusal {
        let ValueError { kind, offset, path } = error;
        let message = format!("{kind}, at byte {} ({path})", start + *offset as u64);
        if matches!(kind, ValueErrorKind::TooLarge { .. }) {
            Refusal::too_large(message)
        } else {
            Refusal::bad(message)
        }
    }
}

/// How long the JSON of a value within the limit can be, generously: `\u0041` is
/// six bytes for one, and some space. What is longer is not kept.
fn text_bytes_max(limits: &ScanLimits) -> usize {
    limits.bytes_max.saturating_mul(8).saturating_add(4096)
}

/// The input could not be read on.
fn unreadable(error: &std::io::Error) -> Error {
    Error::usage("the input cannot be read").because(in_words(error))
}

/// An input that was opened.
pub(crate) struct Opened {
    reader: Box<dyn BufRead + Send>,
    /// How far it was read.
    pub(crate) progress: Arc<Progress>,
}

/// Opens a file, or stdin where there is none.
pub(crate) fn open(path: Option<&Path>) -> Result<Opened, Error> {
    let progress = Arc::new(Progress::default());
    let Some(path) = path else {
        // It may be a file, too.
        if let Ok(stdin) = std::io::stdin().as_fd().try_clone_to_owned() {
            progress.measure(&File::from(stdin));
        }
        return Ok(counted(std::io::stdin(), progress));
    };
    let unopened = |e: &std::io::Error| {
        Error::usage(format!("the input {} cannot be read", path.display())).because(in_words(e))
    };
    let file = File::open(path).map_err(|e| unopened(&e))?;
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(unopened(&std::io::ErrorKind::IsADirectory.into()));
    }
    progress.measure(&file);
    Ok(counted(file, progress))
}

fn counted(reader: impl Read + Send + 'static, progress: Arc<Progress>) -> Opened {
    const BUFFER_BYTES: usize = 64 << 10;
    let counted = Counted {
        reader: BufReader::with_capacity(BUFFER_BYTES, reader),
        progress: progress.clone(),
    };
    Opened {
        reader: Box::new(counted),
        progress,
    }
}

/// The records of an input.
pub(crate) fn records(opened: Opened, format: Format, limits: ScanLimits) -> Records {
    let Opened { reader, progress } = opened;
    let mut records: Records = match format {
        Format::Ndjson => Box::new(Lines::new(reader, limits)),
        Format::Json => Box::new(Array::new(reader, limits)),
        Format::Msgpack => Box::new(Packed::new(reader, limits)),
    };
    Box::new(std::iter::from_fn(move || {
        let next = records.next();
        progress.count(next.as_ref());
        next
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_format() {
        let of = |name: &str| Format::of_path(Path::new(name));
        assert_eq!(of("a.jsonl"), Some(Format::Ndjson));
        assert_eq!(of("x/a.json"), Some(Format::Json));
        assert_eq!(of("a.msgpack"), Some(Format::Msgpack));
        assert_eq!(of("a.txt"), None);
        assert_eq!(of("ndjson"), None);
    }
}
