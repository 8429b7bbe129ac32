//! What can be wrong with a value, and where.
//!
//! The text of these errors reaches people; whatever comes from a guest in it
//! is escaped and cut here. JSON has its own error, next to its reader.

use super::display::escape_for_people;

/// Characters of a decoder's message that are kept.
const MESSAGE_CHARS_MAX: usize = 300;

/// Bytes that are not a value, with the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, at byte {offset} ({path})")]
pub struct ValueError {
    /// What is wrong.
    pub kind: ValueErrorKind,
    /// Where, in bytes from the start of the value.
    pub offset: usize,
    /// The same place in words such as `$.items[3].name`, at most 200 characters.
    ///
    /// `$[{7}]` is the value behind the key 7, `$<key 2>` is inside the third
    /// key of a map. Escaped: safe on a terminal.
    pub path: Box<str>,
}

/// What is wrong with bytes that are not a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// The bytes end inside the value. A stream that has more may go on.
    #[error("the value is cut off: {missing} or more bytes are missing")]
    Truncated {
        /// A lower bound, made of lengths that were claimed: do not allocate from it.
        missing: u64,
    },
    /// Bytes follow the value.
    #[error("the value has ended, but {bytes} more bytes follow")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// 0xc1, which `MessagePack` never uses.
    #[error("0xc1 is not a MessagePack byte")]
    Reserved,
    /// A str that is not UTF-8; the offset is that of the first wrong byte.
    #[error("a str is not UTF-8")]
    NotUtf8,
    /// Arrays and maps nested deeper than the limit.
    #[error("nested too deep: limit {limit}")]
    TooDeep {
        /// Arrays and maps that may stand inside each other.
        limit: usize,
    },
    /// More bytes than the limit.
    #[error("the value is too large: {bytes} bytes or more; limit {limit}")]
    TooLarge {
        /// Its size, or when only its beginning is there, the least it can have.
        bytes: u64,
        /// Bytes that a value may have.
        limit: usize,
    },
    /// A map with the same key twice; the offset is that of the second.
    #[error("a map has the same key twice, first at byte {first}")]
    DuplicateKey {
        /// Offset of the first of the two.
        first: usize,
    },
}

impl ValueErrorKind {
    /// Whether more bytes could make it a value.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        matches!(self, Self::Truncated { .. })
    }
}

/// Something that serde could not turn into a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The type's `Serialize` failed or used what `MessagePack` does not have.
    #[error("cannot be encoded as MessagePack: {message}")]
    Unserialisable {
        /// What the encoder said, escaped and cut.
        message: String,
    },
    /// The encoder's bytes are not a value: a key twice, or nested too deep.
    #[error("what was encoded is not a value")]
    NotAValue(#[from] ValueError),
}

impl EncodeError {
    pub(super) fn unserialisable(error: &rmp_serde::encode::Error) -> Self {
        Self::Unserialisable {
            message: escape_for_people(&error.to_string(), MESSAGE_CHARS_MAX),
        }
    }
}

/// A value that has another shape than the type that was asked for.
///
/// It has no `source`: serde's messages quote the guest's text as it came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value has another shape: {message}")]
pub struct DecodeError {
    /// What the decoder said, escaped and cut.
    pub message: String,
}

impl DecodeError {
    pub(super) fn new(error: &rmp_serde::decode::Error) -> Self {
        Self {
            message: escape_for_people(&error.to_string(), MESSAGE_CHARS_MAX),
        }
    }
}
