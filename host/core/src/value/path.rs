//! Paths such as `$.items[3].name`, which tell people where inside a value.
//!
//! Written only once something is wrong, so nothing here is in a hurry. Keys
//! come from guests: each is escaped and cut, and so is the path as a whole.

use std::fmt::Write as _;

use super::display::{cut_middle, escape_for_people};
use super::format::{self, FloatBits, Integer, Kind};

/// Characters of a path.
const PATH_CHARS_MAX: usize = 200;
/// Characters of one key in a path.
const KEY_CHARS_MAX: usize = 40;

/// A path under construction, from the outside in.
pub(super) struct Path(String);

impl Path {
    pub(super) fn root() -> Self {
        Self("$".to_owned())
    }

    /// Into the item of an array.
    pub(super) fn index(&mut self, index: u64) {
        self.push(format_args!("[{index}]"));
    }

    /// Into a key itself, which is the wrong part or an array or map.
    pub(super) fn inside_key(&mut self, index: u64) {
        self.push(format_args!("<key {index}>"));
    }

    /// Into the value behind a key, given as its encoding.
    pub(super) fn key(&mut self, key: &[u8]) {
        if let Some(text) = format::text(key) {
            self.name(text);
        } else {
            self.push(format_args!("[{{{}}}]", odd_key(key)));
        }
    }

    /// Into the value behind a string key.
    fn name(&mut self, name: &str) {
        if is_plain(name) {
            self.push(format_args!(".{name}"));
        } else {
            // Quotes are escaped before the rest is cut, so that the closing
            // one is ours.
            let quoted = name
                .chars()
                .take(KEY_CHARS_MAX + 1)
                .fold(String::new(), |mut text, c| {
                    if matches!(c, '"' | '\\') {
                        text.push('\\');
                    }
                    text.push(c);
                    text
                });
            self.push(format_args!(
                "[\"{}\"]",
                escape_for_people(&quoted, KEY_CHARS_MAX)
            ));
        }
    }

    pub(super) fn finish(self) -> Box<str> {
        cut_middle(&self.0, PATH_CHARS_MAX).into_boxed_str()
    }

    fn push(&mut self, segment: std::fmt::Arguments<'_>) {
        // Writing into a String does not fail.
        let _ = self.0.write_fmt(segment);
    }
}

/// Whether a key can stand behind a dot.
fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && name.len() <= KEY_CHARS_MAX
}

/// A key that is no string, short enough for a path.
fn odd_key(key: &[u8]) -> String {
    if let Some(number) = format::integer(key) {
        return match number {
            Integer::Unsigned(number) => number.to_string(),
            Integer::Negative(number) => number.to_string(),
        };
    }
    if let Some(bits) = format::float(key) {
        return match bits {
            FloatBits::Single(bits) => format!("{:?}", f32::from_bits(bits)),
            FloatBits::Double(bits) => format!("{:?}", f64::from_bits(bits)),
        };
    }
    let Ok(head) = format::head(key) else {
        return "?".to_owned();
    };
    match head.kind {
        Kind::Bool => (key == [0xc3]).to_string(),
        Kind::Bin | Kind::Ext => format!("{} of {} bytes", head.kind, head.body),
        Kind::Array => format!("array of {}", head.body),
        Kind::Map => format!("map of {}", head.body / 2),
        Kind::Nil | Kind::Int | Kind::Float | Kind::Str => head.kind.to_string(),
    }
}
