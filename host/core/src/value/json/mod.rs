//! The lossless JSON mapping, for the edges: command line, HTTP, files, tests.
//!
//! Plain JSON stays plain, and what JSON cannot say is tagged with an object
//! whose single key starts with `$`:
//!
//! | value | JSON | reading accepts also |
//! |---|---|---|
//! | nil, bool | `null`, `true`, `false` | |
//! | int | `-7`, exact from `i64::MIN` to `u64::MAX` | `-0` is the integer 0 |
//! | float, double | `1.5`, `1.0`, `-0.0`, `1e300`: the shortest text that reads back equal | any number with `.` or exponent, rounded to nearest |
//! | … infinite | `{"$float":"Infinity"}`, `{"$float":"-Infinity"}` | |
//! | … NaN | `{"$float":"NaN"}`; other bits `{"$float":"NaN:fff8000000000001"}` | the bits of the usual NaN too |
//! | float, single | `{"$f32":1.5}`, `{"$f32":"NaN"}`, `{"$f32":"NaN:7fc00001"}`, `{"$f32":"-Infinity"}` | integers |
//! | str | `"text"` | every escape of JSON |
//! | bin | `{"$bin":"AAH/"}`, base64 with padding | |
//! | ext | `{"$ext":[5,"AAH/"]}`, type -128 to 127 | |
//! | array | `[1,2]` | |
//! | map | `{"a":1}`, order kept | |
//! | … with a key that is no string or starts with `$` | `{"$map":[[7,"x"],["$a",1]]}` | any map |
//! | an outcome: a map with the single key `$outcome` | `{"$outcome":{…}}` as it is | |
//! | an emitted value: a map with the single key `$emit` | `{"$emit":{…}}` as it is | |
//!
//! Lossless means that kind, number, bits, text and order survive. Widths of
//! headers do not: reading writes the shortest `MessagePack`. So a value that is
//! encoded shortest comes back byte for byte.
//!
//! Errors when reading, each with line, column and path: what is not JSON, an
//! integer or float out of range (`1e400` is no infinity), a key that comes
//! twice, an object with an unknown `$` key or one that is not alone, nesting
//! deeper than the limit (counted as in the value: tags are free), a value
//! larger than the limit.
//!
//! Written text is safe on a terminal: control characters, line separators and
//! marks of writing direction are `\uXXXX`.
//!
//! The reader is our own because `serde_json` hands numbers over when it is too
//! late: an integer beyond 64 bits and `-0` arrive as floats.

mod error;
mod lex;
mod read;
mod tagged;
mod tags;
#[cfg(test)]
mod tests;
mod write;

use std::io;

pub use self::error::{JsonError, JsonErrorKind};
pub(super) use self::write::write_compact;
use super::{ScanLimits, Value};

impl Value {
    /// Reads JSON with the usual limits; see [the mapping](self).
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        read::read(text, &ScanLimits::default())
    }

    /// Reads JSON with these limits, of the value and not of the text.
    pub fn from_json_slice(text: &[u8], limits: &ScanLimits) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(text).map_err(|error| error::not_utf8(text, error))?;
        read::read(text, limits)
    }

    /// Its JSON on one line, without spaces; see [the mapping](self).
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = write::write_compact(self, &mut text);
        text
    }

    /// Its JSON with line breaks and two spaces per level, without a final newline.
    #[must_use]
    pub fn to_json_pretty(&self) -> String {
        let mut text = String::new();
        let _ = write::write_pretty(self, &mut text);
        text
    }

    /// Writes what [`Value::to_json`] returns in many small pieces: buffer the writer.
    pub fn write_json(&self, writer: &mut impl io::Write) -> io::Result<()> {
        write::write_io(self, writer)
    }
}
