//! Values made here: nil, scalars, and arrays and maps out of other values.
//!
//! Arrays and maps are concatenations: the bytes of their parts are copied and
//! never decoded. A level is added without a look at depth or size, see
//! [`Value::within`].

use std::collections::HashMap;

use bytes::Bytes;

use super::Value;
use super::format::{self, COUNT_MAX, FloatBits, Integer, Kind};
use super::keys;

impl Value {
    /// The nil value; allocates nothing.
    #[must_use]
    pub const fn nil() -> Self {
        Self(Bytes::from_static(&[0xc0]))
    }

    /// The map without entries; allocates nothing.
    #[must_use]
    pub const fn empty_map() -> Self {
        Self(Bytes::from_static(&[0x80]))
    }

    /// The array without items; allocates nothing.
    #[must_use]
    pub const fn empty_array() -> Self {
        Self(Bytes::from_static(&[0x90]))
    }

    /// A value of bytes, which text (`Value::from("…")`) is not.
    #[must_use]
    pub fn bin(data: &[u8]) -> Self {
        let mut out = Vec::with_capacity(data.len() + 5);
        format::write_bin(&mut out, data);
        Self(out.into())
    }

    /// Bytes that this crate wrote itself, as one value.
    pub(crate) fn trusted(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// An array of these values, in order.
    #[must_use]
    pub fn array(items: &[Self]) -> Self {
        let items = &items[..items.len().min(COUNT_MAX)];
        let bytes = items.iter().map(Self::len).sum::<usize>();
        let mut out = Vec::with_capacity(bytes + 5);
        format::write_container(&mut out, Kind::Array, items.len());
        for item in items {
            out.extend_from_slice(&item.0);
        }
        Self(out.into())
    }

    /// A map of these pairs, in order. When a key comes again, its later value
    /// takes the place of the earlier one.
    #[must_use]
    pub fn map<K, I>(entries: I) -> Self
    where
        K: AsRef<str>,
        I: IntoIterator<Item = (K, Self)>,
    {
        let mut body = Vec::new();
        let mut spans = Vec::new();
        let mut values = Vec::new();
        for (key, value) in entries.into_iter().take(COUNT_MAX) {
            let key_start = body.len();
            format::write_str(&mut body, key.as_ref());
            spans.push(key_start..body.len());
            values.push(value);
        }
        let keys = spans.iter().map(|span| &body[span.clone()]);
        if keys::first_duplicate(keys.clone()).is_some() {
            let (keys, values) = without_duplicates(keys, values);
            return Self::concatenated_map(&keys, &values);
        }
        Self::concatenated_map(&keys.collect::<Vec<_>>(), &values)
    }

    fn concatenated_map(keys: &[&[u8]], values: &[Self]) -> Self {
        let bytes_of_keys = keys.iter().map(|key| key.len()).sum::<usize>();
        let bytes_of_values = values.iter().map(Self::len).sum::<usize>();
        let mut out = Vec::with_capacity(bytes_of_keys + bytes_of_values + 5);
        format::write_container(&mut out, Kind::Map, values.len());
        for (key, value) in keys.iter().zip(values) {
            out.extend_from_slice(key);
            out.extend_from_slice(&value.0);
        }
        Self(out.into())
    }

    /// What a worker gets for these arguments: nil for none, the value itself
    /// for one, an array for more.
    #[must_use]
    pub fn arguments(mut arguments: Vec<Self>) -> Self {
        match arguments.len() {
            0 => Self::nil(),
            1 => arguments.swap_remove(0),
            _ => Self::array(&arguments),
        }
    }
}

/// Keys at their first places with the values of their last ones.
fn without_duplicates<'a>(
    keys: impl Iterator<Item = &'a [u8]>,
    values: Vec<Value>,
) -> (Vec<&'a [u8]>, Vec<Value>) {
    let mut places = HashMap::new();
    let mut kept: (Vec<&[u8]>, Vec<Value>) = (Vec::new(), Vec::new());
    for (key, value) in keys.zip(values) {
        let place = *places.entry(key).or_insert(kept.0.len());
        if let Some(earlier) = kept.1.get_mut(place) {
            *earlier = value;
        } else {
            kept.0.push(key);
            kept.1.push(value);
        }
    }
    kept
}

impl Default for Value {
    /// Nil.
    fn default() -> Self {
        Self::nil()
    }
}

impl FromIterator<Self> for Value {
    /// An array of the items, in order.
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self::array(&items.into_iter().collect::<Vec<_>>())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self(Bytes::from_static(if truth { &[0xc3] } else { &[0xc2] }))
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        from_writer(|out| format::write_integer(out, Integer::Unsigned(number)))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::from(u64::from(number))
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::from(i64::from(number))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        from_writer(|out| format::write_integer(out, Integer::of_signed(number)))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        from_writer(|out| format::write_float(out, FloatBits::Double(number.to_bits())))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        from_writer(|out| format::write_str(out, text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

fn from_writer(write: impl FnOnce(&mut Vec<u8>)) -> Value {
    let mut out = Vec::new();
    write(&mut out);
    Value(out.into())
}

#[cfg(test)]
mod tests;
