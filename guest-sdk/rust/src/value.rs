//! Values at the edge of a plugin: Rust on one side, `MessagePack` on the other.
//!
//! Structs become maps with their field names as keys, `()` becomes nil, an
//! enum variant becomes its name. [`Raw`] passes bytes on as they are.

use rmp::Marker;
use serde::{Deserialize, Serialize};

use crate::{Failure, wording};

/// One `MessagePack` value, as bytes that nobody decodes or encodes anew.
///
/// Everywhere a value is read or written, `Raw` stands for "as it is": a worker
/// from `Raw` to `Raw` returns byte for byte what it was given.
///
/// Nothing is checked here. The host takes a value only if it is well formed
/// and within the job's limits; see `types.value` in the contract.
///
/// ```
/// use wodehost_guest::Raw;
///
/// let five = Raw::of(&5)?;
/// assert_eq!(five.0, [0x05]);
/// assert_eq!(five.read::<u8>()?, 5);
/// # Ok::<(), wodehost_guest::Failure>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Raw(pub Vec<u8>);

impl Raw {
    /// The `MessagePack` value nil.
    #[must_use]
    pub fn nil() -> Self {
        Self(vec![0xc0])
    }

    /// Encodes `value`.
    pub fn of<T: ToValue + ?Sized>(value: &T) -> Result<Self, Failure> {
        value.to_value()
    }

    /// Reads the value as a `T`.
    pub fn read<'v, T: FromValue<'v>>(&'v self) -> Result<T, Failure> {
        read(&self.0, "bad-value", "the value")
    }
}

/// What can be read from a value: every `Deserialize`, and [`Raw`].
///
/// Nothing outside this crate implements it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a MessagePack value",
    label = "needs `#[derive(serde::Deserialize)]`",
    note = "use `wodehost_guest::Raw` for the bytes as they are"
)]
pub trait FromValue<'v>: Sized {
    /// Reads exactly one value; the error is the problem as a text.
    fn from_value(bytes: &'v [u8]) -> Result<Self, String>;
}

impl<'v, T: Deserialize<'v>> FromValue<'v> for T {
    fn from_value(bytes: &'v [u8]) -> Result<Self, String> {
        rmp_serde::from_slice(bytes).map_err(|problem| {
            if let rmp_serde::decode::Error::TypeMismatch(found) = problem {
                // Its own text names the byte, which says little to people.
                return format!("found {}", kind(found));
            }
            wording::of_problem(&problem.to_string())
        })
    }
}

impl FromValue<'_> for Raw {
    fn from_value(bytes: &[u8]) -> Result<Self, String> {
        Ok(Self(bytes.to_vec()))
    }
}

/// What can be written as a value: every `Serialize`, [`Raw`] and [`Failure`].
///
/// Nothing outside this crate implements it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as a MessagePack value",
    label = "needs `#[derive(serde::Serialize)]`",
    note = "a function that can fail names its return type `Result<…>`, not by an alias"
)]
pub trait ToValue {
    /// Encodes the value. Fails only where the type's own `Serialize` does.
    fn to_value(&self) -> Result<Raw, Failure>;

    /// As [`ToValue::to_value`], without a copy where there is nothing to
    /// encode.
    fn into_value(self) -> Result<Raw, Failure>
    where
        Self: Sized,
    {
        self.to_value()
    }
}

impl<T: Serialize + ?Sized> ToValue for T {
    fn to_value(&self) -> Result<Raw, Failure> {
        rmp_serde::to_vec_named(self).map(Raw).map_err(|problem| {
            Failure::code(
                "bad-value",
                format_args!("cannot write {}: {problem}", wording::type_name::<T>()),
            )
        })
    }
}

impl ToValue for Raw {
    fn to_value(&self) -> Result<Raw, Failure> {
        Ok(self.clone())
    }

    fn into_value(self) -> Result<Raw, Failure> {
        Ok(self)
    }
}

/// What sort of value starts with this marker.
pub(crate) fn kind(marker: Marker) -> &'static str {
    match marker {
        Marker::Null => "nil",
        Marker::True | Marker::False => "a boolean",
        Marker::FixPos(_)
        | Marker::FixNeg(_)
        | Marker::U8
        | Marker::U16
        | Marker::U32
        | Marker::U64
        | Marker::I8
        | Marker::I16
        | Marker::I32
        | Marker::I64 => "an integer",
        Marker::F32 | Marker::F64 => "a float",
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => "a string",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "binary data",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "an array",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "a map",
        Marker::FixExt1
        | Marker::FixExt2
        | Marker::FixExt4
        | Marker::FixExt8
        | Marker::FixExt16
        | Marker::Ext8
        | Marker::Ext16
        | Marker::Ext32 => "an extension value",
        Marker::Reserved => "a malformed value",
    }
}

/// Reads a value; `what` opens the sentence when that does not work.
pub(crate) fn read<'v, T: FromValue<'v>>(
    bytes: &'v [u8],
    code: &str,
    what: &str,
) -> Result<T, Failure> {
    T::from_value(bytes).map_err(|problem| unreadable::<T>(code, what, &problem))
}

fn unreadable<T>(code: &str, what: &str, problem: &str) -> Failure {
    let wanted = wording::type_name::<T>();
    Failure::code(
        code,
        format_args!("{what} cannot be read as {wanted}: {problem}"),
    )
}
