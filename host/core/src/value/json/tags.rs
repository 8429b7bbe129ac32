//! The tags for what JSON cannot say, and the special floats behind them.

use crate::value::{EMIT_KEY, OUTCOME_KEY};

/// Bytes, in base64.
pub(super) const BIN: &str = "$bin";
/// An ext: type number, then bytes in base64.
pub(super) const EXT: &str = "$ext";
/// A single float.
pub(super) const F32: &str = "$f32";
/// A double float that is no number.
pub(super) const FLOAT: &str = "$float";
/// A map as an array of pairs.
pub(super) const MAP: &str = "$map";

/// The tag that a key is, if it is one of ours.
pub(super) fn known(key: &str) -> Option<&'static str> {
    [BIN, EXT, F32, FLOAT, MAP, OUTCOME_KEY, EMIT_KEY]
        .into_iter()
        .find(|tag| *tag == key)
}

const INFINITY: &str = "Infinity";
const NEGATIVE_INFINITY: &str = "-Infinity";
const NAN: &str = "NaN";

/// The NaN that is written without its bits, in both widths: quiet, positive,
/// no payload.
const USUAL_DOUBLE: u64 = 0x7ff8_0000_0000_0000;
const USUAL_SINGLE: u32 = 0x7fc0_0000;

/// The name of a double that is infinite or NaN.
pub(super) fn special_double(bits: u64) -> String {
    match f64::from_bits(bits) {
        f64::INFINITY => INFINITY.to_owned(),
        f64::NEG_INFINITY => NEGATIVE_INFINITY.to_owned(),
        _ if bits == USUAL_DOUBLE => NAN.to_owned(),
        _ => format!("{NAN}:{bits:016x}"),
    }
}

/// The name of a single that is infinite or NaN.
pub(super) fn special_single(bits: u32) -> String {
    match f32::from_bits(bits) {
        f32::INFINITY => INFINITY.to_owned(),
        f32::NEG_INFINITY => NEGATIVE_INFINITY.to_owned(),
        _ if bits == USUAL_SINGLE => NAN.to_owned(),
        _ => format!("{NAN}:{bits:08x}"),
    }
}

/// The bits that [`special_double`] named.
pub(super) fn double_from_special(name: &str) -> Option<u64> {
    match name {
        INFINITY => Some(f64::INFINITY.to_bits()),
        NEGATIVE_INFINITY => Some(f64::NEG_INFINITY.to_bits()),
        NAN => Some(USUAL_DOUBLE),
        _ => nan_bits(name, 16).filter(|&bits| f64::from_bits(bits).is_nan()),
    }
}

/// The bits that [`special_single`] named.
pub(super) fn single_from_special(name: &str) -> Option<u32> {
    match name {
        INFINITY => Some(f32::INFINITY.to_bits()),
        NEGATIVE_INFINITY => Some(f32::NEG_INFINITY.to_bits()),
        NAN => Some(USUAL_SINGLE),
        _ => nan_bits(name, 8)
            .and_then(|bits| u32::try_from(bits).ok())
            .filter(|&bits| f32::from_bits(bits).is_nan()),
    }
}

/// The digits behind `NaN:`, which must be exactly so many.
fn nan_bits(name: &str, digits: usize) -> Option<u64> {
    let hex = name.strip_prefix(NAN)?.strip_prefix(':')?;
    if hex.len() != digits || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(hex, 16).ok()
}
