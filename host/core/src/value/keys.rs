//! Duplicate keys of a map.
//!
//! Two keys are the same when a reader could not tell them apart: integers by
//! number, strings and bin by content, whatever the width of their headers.
//! Float keys keep their width and their bits, and arrays, maps and exts as
//! keys are compared by their bytes. This module sees the keys of one map and
//! knows nothing about where they stand.

use std::collections::HashMap;

use super::format::{self, FloatBits, Integer, Kind};

/// Up to so many keys all pairs are compared: cheaper than hashing them.
const PAIRWISE_MAX: usize = 16;

/// A key in its canonical form; equal when the keys are the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Nil,
    Bool(bool),
    Int(Integer),
    Float(FloatBits),
    Str(&'a [u8]),
    Bin(&'a [u8]),
    Other(&'a [u8]),
}

impl<'a> Key<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        match bytes {
            [0xc0] => return Self::Nil,
            [0xc2] => return Self::Bool(false),
            [0xc3] => return Self::Bool(true),
            // A fixstr, the usual key, needs no general decoding.
            [0xa0..=0xbf, text @ ..] => return Self::Str(text),
            _ => {}
        }
        let by_content = |kind| match (kind, format::content(bytes)) {
            (Kind::Str, Some(text)) => Self::Str(text),
            (Kind::Bin, Some(data)) => Self::Bin(data),
            _ => Self::Other(bytes),
        };
        match format::head(bytes).map(|head| head.kind) {
            Ok(Kind::Int) => format::integer(bytes).map_or(Self::Other(bytes), Self::Int),
            Ok(Kind::Float) => format::float(bytes).map_or(Self::Other(bytes), Self::Float),
            Ok(kind) => by_content(kind),
            Err(_) => Self::Other(bytes),
        }
    }
}

/// The places of the first key that repeats an earlier one: `(earlier, later)`.
///
/// `keys` are the complete encodings of one map's keys. Memory and time grow
/// with the keys that are there, whatever a header claimed, and the hash has a
/// random key, so that nobody can choose keys that collide.
pub(super) fn first_duplicate<'a, I>(keys: I) -> Option<(usize, usize)>
where
    I: ExactSizeIterator<Item = &'a [u8]>,
{
    if keys.len() <= PAIRWISE_MAX {
        return first_duplicate_pairwise(keys);
    }
    let mut seen = HashMap::new();
    for (place, key) in keys.enumerate() {
        if let Some(earlier) = seen.insert(Key::of(key), place) {
            return Some((earlier, place));
        }
    }
    None
}

fn first_duplicate_pairwise<'a>(keys: impl Iterator<Item = &'a [u8]>) -> Option<(usize, usize)> {
    let mut seen = [Key::Nil; PAIRWISE_MAX];
    for (place, key) in keys.enumerate() {
        let key = Key::of(key);
        if let Some(earlier) = seen[..place].iter().position(|other| *other == key) {
            return Some((earlier, place));
        }
        seen[place] = key;
    }
    None
}
