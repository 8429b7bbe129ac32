//! The scanner against the rules as plainly as they can be written, against rmpv, and
//! against itself in pieces.

use crate::Checked;
use wodehost::value::{Progress, ScanLimits, Scanner, ValueErrorKind, scan, scan_prefix};
use wodehost_reference::{self as reference, Fault, Verdict};

/// Limits that only depth reaches.
fn limits(depth_max: usize) -> ScanLimits {
    ScanLimits {
        bytes_max: usize::MAX,
        depth_max,
    }
}

/// Checks what the scanner says of some bytes.
pub fn check(bytes: &[u8]) -> Checked {
    is_told(bytes)?;
    in_pieces(bytes, bytes.len().div_ceil(64).max(1))?;
    check_of(bytes, judge)
}

/// Checks what somebody says of some bytes: whether they are one value that nests so deep.
pub fn check_of(bytes: &[u8], judge: impl Fn(&[u8], usize) -> Verdict) -> Checked {
    for depth_max in [ScanLimits::DEPTH_CAP, bytes.len() % 6] {
        let (said, rules) = (judge(bytes, depth_max), reference::check(bytes, depth_max));
        if said != rules {
            return Err(format!(
                "at most {depth_max} deep: {said:?}, but the rules say {rules:?}"
            ));
        }
    }
    let said = judge(bytes, ScanLimits::DEPTH_CAP);
    let is_one_to_rmpv = is_one_to_rmpv(bytes);
    match said {
        Ok(()) if !is_one_to_rmpv => Err("it is no value to rmpv".to_owned()),
        Err((Fault::Truncated | Fault::Trailing, _)) if is_one_to_rmpv => {
            Err(format!("{said:?}, but it is a value to rmpv"))
        }
        // What rmpv takes: 0xc1, text that is no UTF-8, a key twice, any depth.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What the scanner says, in the reference's words.
fn judge(bytes: &[u8], depth_max: usize) -> Verdict {
    scan(bytes, &limits(depth_max)).map_err(|error| {
        let fault = match error.kind {
            ValueErrorKind::Trailing { .. } => Fault::Trailing,
            ValueErrorKind::Reserved => Fault::Reserved,
            ValueErrorKind::NotUtf8 => Fault::NotUtf8,
            ValueErrorKind::TooDeep { .. } => Fault::TooDeep,
            ValueErrorKind::DuplicateKey { .. } => Fault::DuplicateKey,
            // Nothing is too large here, and a kind that is new has no word yet: the
            // reference says the same only where bytes are missing.
            ValueErrorKind::Truncated { .. } | ValueErrorKind::TooLarge { .. } | _ => {
                Fault::Truncated
            }
        };
        (fault, error.offset)
    })
}

fn is_one_to_rmpv(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    rmpv::decode::read_value(&mut rest).is_ok() && rest.is_empty()
}

/// An error's path is short and safe to print.
fn is_told(bytes: &[u8]) -> Checked {
    let Err(error) = scan(bytes, &ScanLimits::default()) else {
        return Ok(());
    };
    let path = &error.path;
    if path.starts_with('$') && path.chars().count() <= 200 && !path.chars().any(char::is_control) {
        return Ok(());
    }
    Err(format!("the path of {error:?}"))
}

/// Pieces of this many bytes have to give the answer that the whole gives.
fn in_pieces(bytes: &[u8], step: usize) -> Checked {
    let limits = ScanLimits::default();
    let whole = scan_prefix(bytes, &limits);
    let mut scanner = Scanner::new(limits);
    let mut end = 0;
    loop {
        end = bytes.len().min(end + step);
        let piece = scanner.resume(&bytes[..end]);
        let is_as_whole = match (&piece, &whole) {
            (Ok(Progress::Incomplete { missing }), Ok(total)) => {
                end as u64 + missing <= *total as u64
            }
            (Ok(Progress::Incomplete { missing }), Err(error)) => {
                let missing = ValueErrorKind::Truncated { missing: *missing };
                end < bytes.len() || error.kind == missing
            }
            (Ok(Progress::Complete { bytes }), whole) => whole.as_ref() == Ok(bytes),
            // A size that is claimed may be refused before the rest is there.
            (Err(early), Err(error)) => {
                matches!(early.kind, ValueErrorKind::TooLarge { .. }) || early == error
            }
            (Err(_), Ok(_)) => false,
        };
        if !is_as_whole {
            return Err(format!(
                "with {end} bytes in pieces of {step}: {piece:?}, as a whole {whole:?}"
            ));
        }
        if end == bytes.len() || !matches!(piece, Ok(Progress::Incomplete { .. })) {
            return Ok(());
        }
    }
}
