//! The values that every plugin hands on: `guest-sdk/vectors.txt`, which the tests of the
//! SDKs read, too.

use wodehost::Value;
use wodehost::value::ScanLimits;

const TEXT: &str = include_str!("../../../../guest-sdk/vectors.txt");

/// A value with its name.
pub(super) struct Vector {
    pub(super) name: &'static str,
    pub(super) value: Value,
}

/// All of them. A line that cannot be read is left out; a test says that there is none.
pub(super) fn all() -> impl Iterator<Item = Vector> {
    lines()
        .filter_map(|line| line.split_once(": "))
        .filter_map(|(name, hex)| {
            let value = Value::check(bytes(hex)?, &LIMITS).ok()?;
            Some(Vector { name, value })
        })
}

const LIMITS: ScanLimits = ScanLimits {
    bytes_max: 1 << 20,
    depth_max: ScanLimits::DEPTH_CAP,
};

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// `HEX HEX*N …`.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        let (hex, times) = word.split_once('*').unwrap_or((word, "1"));
        let (pairs, []) = hex.as_bytes().as_chunks::<2>() else {
            return None;
        };
        let once: Vec<u8> = pairs
            .iter()
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<_>>()?;
        bytes.extend(once.repeat(times.parse().ok()?));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_is_a_value_with_a_name_of_its_own() {
        let all: Vec<Vector> = all().collect();
        assert_eq!(all.len(), lines().count());
        let names: BTreeSet<&str> = all.iter().map(|vector| vector.name).collect();
        assert_eq!(names.len(), all.len());
        assert!(all.len() > 100);
    }

    #[test]
    fn hex_is_read_strictly() {
        assert_eq!(
            bytes("91 c0*3 07"),
            Some(vec![0x91, 0xc0, 0xc0, 0xc0, 0x07])
        );
        for wrong in ["9", "xx", "91*x", "é1"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
