//! What the scanner takes and refuses, by table, by property and by attack.

mod hostile;
mod property;
mod streaming;
mod vectors;

use super::{ScanLimits, scan};
use crate::value::{ValueError, ValueErrorKind};

/// `"93 01 c0"` as bytes; blanks are for the eye.
pub(in crate::value) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).unwrap() as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn check(bytes: &[u8]) -> Result<(), ValueError> {
    scan(bytes, &ScanLimits::default())
}

/// The error of bytes that must be refused.
fn refusal(bytes: &[u8]) -> ValueError {
    check(bytes).expect_err("should be refused")
}

const fn truncated(missing: u64) -> ValueErrorKind {
    ValueErrorKind::Truncated { missing }
}
