//! The scanner: whether bytes are exactly one value.
//!
//! It is the gate between guests and everything else, so it is strict and has
//! nothing that a guest could exhaust: no recursion, a stack of at most 64 open
//! arrays and maps, memory only for keys that are really there (8 bytes per
//! entry of an open map, some 40 more while a map with over 16 keys ends), and
//! time linear in the bytes.
//!
//! Here are the limits and the two questions that others ask. The work is done
//! in `scan/scanner.rs`, which keeps its place between calls; `scan/place.rs`
//! names the place of an error. What counts as the same key is decided in
//! `keys.rs`.

mod place;
mod scanner;

use self::scanner::Stop;
pub use self::scanner::{Progress, Scanner};
use super::error::{ValueError, ValueErrorKind};
use super::format::FIXED;
use super::path::Path;

/// What a value may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanLimits {
    /// Bytes of the encoding. More than 4 GiB - 1 has the effect of that.
    pub bytes_max: usize,
    /// Arrays and maps inside each other: a scalar has depth 0, an array of
    /// scalars depth 1. More than [`ScanLimits::DEPTH_CAP`] has its effect.
    pub depth_max: usize,
}

impl ScanLimits {
    /// The depth that no setting can raise: what nests deeper is no value.
    pub const DEPTH_CAP: usize = 64;
}

impl Default for ScanLimits {
    /// 1 MiB and depth 64.
    fn default() -> Self {
        Self {
            bytes_max: 1 << 20,
            depth_max: Self::DEPTH_CAP,
        }
    }
}

/// Checks that `bytes` are exactly one value.
pub fn scan(bytes: &[u8], limits: &ScanLimits) -> Result<(), ValueError> {
    // The most frequent values are scalars, and those need no scanner.
    if let Some(&first) = bytes.first()
        && usize::from(FIXED[usize::from(first)]) == bytes.len()
        && bytes.len() <= limits.bytes_max
    {
        return Ok(());
    }
    let mut scanner = Scanner::new(*limits);
    if bytes.len() > scanner.bytes_max {
        return Err(scanner.too_large(bytes.len() as u64));
    }
    match scanner.advance(bytes) {
        Ok(()) if scanner.pos == bytes.len() => Ok(()),
        Ok(()) => Err(ValueError {
            kind: ValueErrorKind::Trailing {
                bytes: bytes.len() - scanner.pos,
            },
            offset: scanner.pos,
            path: Path::root().finish(),
        }),
        Err(Stop::Short(missing)) => {
            let missing = scanner.missing_in_all(missing);
            Err(scanner.error(bytes, ValueErrorKind::Truncated { missing }, scanner.pos))
        }
        Err(Stop::Wrong(kind, offset)) => Err(scanner.error(bytes, kind, offset)),
    }
}

/// The length of the first value in `bytes`, which may hold more behind it.
///
/// Fails with [`ValueErrorKind::Truncated`] when more bytes are needed. It
/// starts anew with each call: a reader that gets a value in pieces keeps a
/// [`Scanner`] instead, otherwise a large value in small pieces takes quadratic
/// time.
pub fn scan_prefix(bytes: &[u8], limits: &ScanLimits) -> Result<usize, ValueError> {
    let mut scanner = Scanner::new(*limits);
    match scanner.resume(bytes)? {
        Progress::Complete { bytes } => Ok(bytes),
        Progress::Incomplete { missing } => {
            Err(scanner.error(bytes, ValueErrorKind::Truncated { missing }, scanner.pos))
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
