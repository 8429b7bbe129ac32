//! Values: what jobs, plugins and the host pass to each other.
//!
//! A [`Value`] is exactly one well-formed `MessagePack` value, kept as the bytes
//! it arrived in. The host carries those bytes and never re-encodes them: what
//! one plugin wrote is what the next one reads, header widths and NaN payloads
//! included. For that to be safe, each value is checked once, where it enters.
//!
//! This module owns the check ([`scan()`] and the resumable [`Scanner`]), the
//! building of arrays and maps out of values, the look inside without serde,
//! the lossless JSON mapping ([`json`]) and the text that people see
//! ([`display`]). It does not know what a value means: options, outcomes and
//! arguments are read from it elsewhere. It has no value tree either; code that
//! wants one asks serde for its own type.

#[cfg(test)]
mod arbitrary;
mod build;
pub mod display;
mod error;
mod flatten;
mod format;
mod inspect;
pub mod json;
mod keys;
mod map_writer;
mod order;
mod path;
mod scan;
mod stack;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

pub use self::display::{escape_bytes_for_people, escape_for_people};
pub use self::error::{DecodeError, EncodeError, ValueError, ValueErrorKind};
pub use self::format::Kind;
pub use self::inspect::{Elements, Entries};
pub use self::json::{JsonError, JsonErrorKind};
pub(crate) use self::map_writer::MapWriter;
pub(crate) use self::order::{Incomparable, SortKey};
pub use self::scan::{Progress, ScanLimits, Scanner, scan, scan_prefix};

/// The only key of a map that stands for an outcome inside a value.
pub const OUTCOME_KEY: &str = "$outcome";

/// The only key of a map that stands for an emitted value among results.
pub const EMIT_KEY: &str = "$emit";

/// Exactly one checked, well-formed `MessagePack` value.
///
/// Cloning shares the bytes. Two values are equal when their bytes are: `1` in
/// one byte and `1` in nine bytes are different values.
///
/// Well-formed means what [`scan()`] accepts: no reserved byte, UTF-8 strings,
/// no duplicate map keys, nothing behind the value. Size and depth are limits
/// of the place where a value *enters*; [`Value::array`] and [`Value::map`]
/// add a level without asking, so a value that was built here and goes on to
/// somebody with limits is asked with [`Value::within`].
///
/// ```
/// # use wodehost::value::Value;
/// let value = Value::from_json(r#"{"name": "wode", "tags": ["a", "b"]}"#)?;
/// assert_eq!(value.get("name").and_then(|name| name.as_str().map(str::to_owned)).as_deref(), Some("wode"));
/// # Ok::<(), wodehost::value::JsonError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Value(Bytes);

impl Value {
    /// Takes bytes from outside after checking them; the bytes are kept, not copied.
    pub fn check(bytes: impl Into<Bytes>, limits: &ScanLimits) -> Result<Self, ValueError> {
        let bytes = bytes.into();
        scan(&bytes, limits)?;
        Ok(Self(bytes))
    }

    /// Encodes anything that serde can serialise, structs as maps with named fields.
    ///
    /// The result goes through the scanner too, because a `Serialize` may write
    /// a key twice or nest without end. Depth is limited to 64, size is not.
    pub fn of<T: Serialize + ?Sized>(what: &T) -> Result<Self, EncodeError> {
        let bytes =
            rmp_serde::to_vec_named(what).map_err(|error| EncodeError::unserialisable(&error))?;
        let limits = ScanLimits {
            bytes_max: usize::MAX,
            ..ScanLimits::default()
        };
        Ok(Self::check(bytes, &limits)?)
    }

    /// Decodes into a serde type, which may borrow strings and bytes from this value.
    pub fn to<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        rmp_serde::from_slice(&self.0).map_err(|error| DecodeError::new(&error))
    }

    /// Checks size and depth against other limits than those it entered with.
    pub fn within(&self, limits: &ScanLimits) -> Result<(), ValueError> {
        scan(&self.0, limits)
    }

    /// The `MessagePack` bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The `MessagePack` bytes, shared with every clone of this value.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The size of the encoding in bytes; at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a value is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
