//! What can be wrong with JSON, and where.
//!
//! Line and column are counted only once there is an error, and the path is put
//! together while the reader returns through the levels it is in.

use std::str::Utf8Error;

use crate::value::display::escape_for_people;
use crate::value::path::Path;

/// Characters of a tag that an error quotes.
const QUOTE_CHARS_MAX: usize = 40;

/// Text that cannot be read as a value, with the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, at line {line}, column {column} ({path})")]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Where inside the value, such as `$.items[3].name`; escaped, at most 200 characters.
    pub path: Box<str>,
}

/// What is wrong with JSON that cannot be read as a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// The text is not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// The text ends inside the value.
    #[error("the text ends too early: {expected} expected")]
    CutOff {
        /// What should have come.
        expected: &'static str,
    },
    /// A character that JSON does not have there.
    #[error("{expected} expected")]
    Unexpected {
        /// What should have come.
        expected: &'static str,
    },
    /// Something follows the value.
    #[error("the value has ended, but more text follows")]
    Trailing,
    /// A string with an escape that is none, or half of a surrogate pair.
    #[error("a string has a wrong escape")]
    BadEscape,
    /// A string with a control character that has to be escaped.
    #[error("a string has a control character that is not escaped")]
    BareControl,
    /// An integer below `i64::MIN` or above `u64::MAX`.
    #[error("an integer is out of range: -2^63 to 2^64-1; with a decimal point it is a float")]
    IntegerRange,
    /// A float that would have to become infinite.
    #[error("a number is out of range of a float")]
    FloatRange,
    /// A map with the same key twice.
    #[error("a map has the same key twice")]
    DuplicateKey,
    /// An object with a key that starts with `$` and is none of ours.
    #[error(
        "unknown tag {tag}: known are $bin, $ext, $f32, $float, $map, $outcome, $emit; \
         a map with such a key is written {{\"$map\":[[key,value]]}}"
    )]
    UnknownTag {
        /// The key, escaped and cut.
        tag: String,
    },
    /// A tag next to another key.
    #[error("{tag} must be the only key of its object")]
    TagNotAlone {
        /// The key.
        tag: &'static str,
    },
    /// A tag with something else behind it than it is defined with.
    #[error("{tag} takes {expected}")]
    BadTag {
        /// The key.
        tag: &'static str,
        /// What belongs behind it.
        expected: &'static str,
    },
    /// Arrays and maps nested deeper than the limit.
    #[error("nested too deep: limit {limit}")]
    TooDeep {
        /// Arrays and maps that may stand inside each other.
        limit: usize,
    },
    /// More bytes of `MessagePack` than the limit.
    #[error("the value is too large: {bytes} bytes or more; limit {limit}")]
    TooLarge {
        /// Bytes that were written when reading ended.
        bytes: usize,
        /// Bytes that a value may have.
        limit: usize,
    },
}

impl JsonErrorKind {
    pub(super) fn unknown_tag(key: &str) -> Self {
        Self::UnknownTag {
            tag: escape_for_people(key, QUOTE_CHARS_MAX),
        }
    }
}

/// A fault on its way up: where in the text, and the steps of the path so far.
///
/// Boxed, because the reader's results pass through every level.
#[derive(Debug)]
pub(super) struct Fault(Box<FaultParts>);

#[derive(Debug)]
struct FaultParts {
    kind: JsonErrorKind,
    /// Byte offset in the text.
    offset: usize,
    /// From the inside out.
    steps: Vec<Step>,
}

/// One step of a path: into an item of an array, the value behind a key
/// (as `MessagePack`), or a key itself.
#[derive(Debug)]
pub(super) enum Step {
    Index(u64),
    Key(Vec<u8>),
    InsideKey(u64),
}

impl Fault {
    pub(super) fn new(kind: JsonErrorKind, offset: usize) -> Self {
        Self(Box::new(FaultParts {
            kind,
            offset,
            steps: Vec::new(),
        }))
    }

    /// The same fault, seen from one level further out.
    pub(super) fn inside(mut self, step: Step) -> Self {
        self.0.steps.push(step);
        self
    }

    pub(super) fn into_error(self, text: &str) -> JsonError {
        let parts = *self.0;
        let mut path = Path::root();
        for step in parts.steps.iter().rev() {
            match step {
                Step::Index(index) => path.index(*index),
                Step::Key(key) => path.key(key),
                Step::InsideKey(index) => path.inside_key(*index),
            }
        }
        let before = &text[..text.floor_char_boundary(parts.offset)];
        place(parts.kind, before, path)
    }
}

/// The error for text that is not UTF-8 from some byte on.
pub(super) fn not_utf8(text: &[u8], error: Utf8Error) -> JsonError {
    let before = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    debug_assert_eq!(before.len(), error.valid_up_to());
    place(JsonErrorKind::NotUtf8, before, Path::root())
}

fn place(kind: JsonErrorKind, before: &str, path: Path) -> JsonError {
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    JsonError {
        kind,
        line: 1 + before.bytes().filter(|&byte| byte == b'\n').count(),
        column: 1 + before[line_start..].chars().count(),
        path: path.finish(),
    }
}
