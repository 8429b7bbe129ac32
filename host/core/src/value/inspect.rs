//! A look inside a value without serde.
//!
//! Reads headers of bytes that were checked; nothing is decoded that was not
//! asked for. Items and entries are values themselves and share the bytes of
//! the value they are in, which therefore live as long as any of them.

use std::iter::FusedIterator;

use bytes::Bytes;

use super::format::{self, FloatBits, Integer, Kind};
use super::{EMIT_KEY, OUTCOME_KEY, Value};

impl Value {
    /// What it is, whatever the width of its encoding.
    #[must_use]
    pub fn kind(&self) -> Kind {
        format::head(&self.0).map_or(Kind::Nil, |head| head.kind)
    }

    /// Whether it is nil.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.kind() == Kind::Nil
    }

    /// Whether it stands for an outcome: a map with [`OUTCOME_KEY`] as its single key.
    #[must_use]
    pub fn is_outcome(&self) -> bool {
        is_outcome(&self.0)
    }

    /// Whether it stands for an emitted value: a map with [`EMIT_KEY`] as its single key.
    #[must_use]
    pub fn is_emit(&self) -> bool {
        single_key(&self.0) == Some(EMIT_KEY)
    }

    /// The truth value; `None` for another kind.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match *self.0 {
            [0xc2] => Some(false),
            [0xc3] => Some(true),
            _ => None,
        }
    }

    /// The integer, whatever its width; `None` for another kind and below 0.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match format::integer(&self.0)? {
            Integer::Unsigned(number) => Some(number),
            Integer::Negative(_) => None,
        }
    }

    /// The integer, whatever its width; `None` for another kind and above `i64::MAX`.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match format::integer(&self.0)? {
            Integer::Unsigned(number) => i64::try_from(number).ok(),
            Integer::Negative(number) => Some(number),
        }
    }

    /// The float, a single one widened; `None` for another kind, integers too.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        format::float(&self.0).map(FloatBits::number)
    }

    /// The text; `None` for another kind.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        format::text(&self.0)
    }

    /// The bytes of a bin; `None` for another kind.
    #[must_use]
    pub fn as_bin(&self) -> Option<&[u8]> {
        if self.kind() == Kind::Bin {
            format::content(&self.0)
        } else {
            None
        }
    }

    /// The type number and the bytes of an ext; `None` for another kind.
    #[must_use]
    pub fn as_ext(&self) -> Option<(i8, &[u8])> {
        format::ext(&self.0)
    }

    /// The items of an array, in order; `None` for another kind.
    #[must_use]
    pub fn elements(&self) -> Option<Elements> {
        Spans::of(&self.0, Kind::Array).map(|spans| Elements {
            bytes: self.0.clone(),
            spans,
        })
    }

    /// Keys and values of a map, in the order they were written; `None` for another kind.
    #[must_use]
    pub fn entries(&self) -> Option<Entries> {
        Spans::of(&self.0, Kind::Map).map(|spans| Entries {
            bytes: self.0.clone(),
            spans,
        })
    }

    /// The value behind a string key; `None` for another kind and without that key.
    ///
    /// Walks the map: for more than a few keys of a large one use [`Value::entries`].
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Self> {
        let mut spans = Spans::of(&self.0, Kind::Map)?;
        while let (Some((key_start, key_end)), Some((start, end))) =
            (spans.next(&self.0), spans.next(&self.0))
        {
            if format::text(&self.0[key_start..key_end]) == Some(key) {
                return Some(Self(self.0.slice(start..end)));
            }
        }
        None
    }
}

/// Whether these bytes of a checked value stand for an outcome.
pub(super) fn is_outcome(bytes: &[u8]) -> bool {
    single_key(bytes) == Some(OUTCOME_KEY)
}

/// The key of a map that has no other, where it is a text.
pub(super) fn single_key(bytes: &[u8]) -> Option<&str> {
    match format::head(bytes) {
        Ok(head) if head.kind == Kind::Map && head.body == 2 => {
            let end = format::skip(bytes, head.header);
            format::text(&bytes[head.header..end])
        }
        Ok(_) | Err(_) => None,
    }
}

/// Places of the values inside an array or map, keys included.
#[derive(Clone, Debug)]
pub(super) struct Spans {
    pos: usize,
    remaining: u64,
}

impl Spans {
    pub(super) fn of(bytes: &[u8], kind: Kind) -> Option<Self> {
        let head = format::head(bytes).ok()?;
        (head.kind == kind).then_some(Self {
            pos: head.header,
            remaining: head.body,
        })
    }

    /// Start and end of the next one in the bytes that this was made of.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<(usize, usize)> {
        if self.remaining == 0 || self.pos >= bytes.len() {
            return None;
        }
        self.remaining -= 1;
        let start = self.pos;
        self.pos = format::skip(bytes, start);
        Some((start, self.pos))
    }
}

/// The items of an array; see [`Value::elements`].
#[derive(Clone, Debug)]
pub struct Elements {
    bytes: Bytes,
    spans: Spans,
}

impl Iterator for Elements {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let (start, end) = self.spans.next(&self.bytes)?;
        Some(Value(self.bytes.slice(start..end)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let remaining = self.spans.remaining as usize;
        (remaining, Some(remaining))
    }
}

impl ExactSizeIterator for Elements {}
impl FusedIterator for Elements {}

/// Keys and values of a map; see [`Value::entries`].
#[derive(Clone, Debug)]
pub struct Entries {
    bytes: Bytes,
    spans: Spans,
}

impl Iterator for Entries {
    type Item = (Value, Value);

    fn next(&mut self) -> Option<(Value, Value)> {
        let (key_start, key_end) = self.spans.next(&self.bytes)?;
        let (start, end) = self.spans.next(&self.bytes)?;
        let part = |start, end| Value(self.bytes.slice(start..end));
        Some((part(key_start, key_end), part(start, end)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let remaining = (self.spans.remaining / 2) as usize;
        (remaining, Some(remaining))
    }
}

impl ExactSizeIterator for Entries {}
impl FusedIterator for Entries {}

#[cfg(test)]
mod tests;
