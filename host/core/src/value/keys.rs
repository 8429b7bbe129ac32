//! Duplicate keys of a map.
//!
//! Two keys are the same when a reader could not tell them apart: integers by
//! number, strings and bin by content, whatever the width of their headers.
//! Float keys keep their width and their bits, and arrays, maps and exts as
//! keys are compared by their bytes. This module sees the keys of one map and
//! knows nothing about where they stand.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

use super::format::{self, FloatBits, Integer, Kind};

/// Up to so many keys all pairs are compared: cheaper than hashing them.
const PAIRWISE_MAX: usize = 16;

/// A key in its canonical form; equal when the keys are the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    Nil,
    Bool(bool),
    Int(Integer),
    Float(FloatBits),
    Str(&'a [u8]),
    Bin(&'a [u8]),
    Other(&'a [u8]),
}

impl Hash for Key<'_> {
    /// The kind is left out: keys of different kinds that are otherwise alike
    /// collide, which are a handful at most, and every hash gets cheaper.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match *self {
            Self::Nil => state.write_u8(0),
            Self::Bool(truth) => state.write_u8(u8::from(truth)),
            Self::Int(Integer::Unsigned(number)) => state.write_u64(number),
            Self::Int(Integer::Negative(number)) => state.write_i64(number),
            Self::Float(FloatBits::Single(bits)) => state.write_u32(bits),
            Self::Float(FloatBits::Double(bits)) => state.write_u64(bits),
            Self::Str(bytes) | Self::Bin(bytes) | Self::Other(bytes) => state.write(bytes),
        }
    }
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
    I: ExactSizeIterator<Item = &'a [u8]> + Clone,
{
    match keys.len() {
        0 | 1 => None,
        2..=PAIRWISE_MAX => first_duplicate_pairwise(&keys),
        _ => first_duplicate_hashed(keys),
    }
}

fn first_duplicate_hashed<'a, I>(keys: I) -> Option<(usize, usize)>
where
    I: ExactSizeIterator<Item = &'a [u8]>,
{
    let mut seen = HashMap::with_capacity(keys.len());
    for (place, key) in keys.enumerate() {
        match seen.entry(Key::of(key)) {
            Entry::Occupied(earlier) => return Some((*earlier.get(), place)),
            Entry::Vacant(free) => {
                free.insert(place);
            }
        }
    }
    None
}

fn first_duplicate_pairwise<'a, I>(keys: &I) -> Option<(usize, usize)>
where
    I: Iterator<Item = &'a [u8]> + Clone,
{
    let mut sketches = [0; PAIRWISE_MAX];
    for (place, key) in keys.clone().enumerate() {
        let sketch = sketch(key);
        for (earlier, &other) in sketches[..place].iter().enumerate() {
            let is_same = |other| Key::of(other) == Key::of(key);
            if other == sketch && keys.clone().nth(earlier).is_some_and(is_same) {
                return Some((earlier, place));
            }
        }
        sketches[place] = sketch;
    }
    None
}

/// A number that is the same for keys that are the same, and seldom otherwise.
fn sketch(key: &[u8]) -> u64 {
    let bytes = match Key::of(key) {
        Key::Str(bytes) | Key::Bin(bytes) | Key::Other(bytes) => bytes,
        Key::Int(Integer::Unsigned(number)) | Key::Float(FloatBits::Double(number)) => {
            return number;
        }
        Key::Int(Integer::Negative(number)) => return number.cast_unsigned(),
        Key::Float(FloatBits::Single(bits)) => return u64::from(bits),
        Key::Nil | Key::Bool(_) => key,
    };
    let length = bytes.len() as u64;
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(front), Some(back)) => {
            u64::from_le_bytes(*front) ^ u64::from_le_bytes(*back).rotate_left(24) ^ length
        }
        _ => bytes
            .iter()
            .fold(length, |sketch, &byte| sketch << 8 | u64::from(byte)),
    }
}

#[cfg(test)]
mod tests;
