//! Plain values for the host's own use: texts, numbers, and bytes it wrote itself.

use super::Value;

impl Value {
    /// A string.
    #[must_use]
    pub fn text(text: &str) -> Value {
        let mut out = Vec::with_capacity(text.len() + 5);
        // Writing to a vector cannot fail.
        let _ = rmp::encode::write_str(&mut out, text);
        Value(out.into())
    }

    /// A whole number.
    #[must_use]
    pub fn integer(number: u64) -> Value {
        let mut out = Vec::with_capacity(9);
        let _ = rmp::encode::write_uint(&mut out, number);
        Value(out.into())
    }

    /// Bytes that this crate wrote itself, as one value.
    pub(crate) fn trusted(bytes: Vec<u8>) -> Value {
        Value(bytes.into())
    }
}
