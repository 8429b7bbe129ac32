//! The tags for what JSON cannot say, as the host spells them.
//!
//! Here are their names, the special floats behind them and the objects that
//! decoding makes; `tagged` reads them back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jaq_json::{Num, Val};

/// Bytes, in base64.
pub(crate) const BIN: &str = "$bin";
/// An ext: type number, then bytes in base64.
pub(crate) const EXT: &str = "$ext";
/// A single float.
pub(crate) const F32: &str = "$f32";
/// A double float that is no number.
pub(crate) const FLOAT: &str = "$float";
/// A map as an array of pairs.
pub(crate) const MAP: &str = "$map";
/// The single key of an outcome, which stays the map that it is.
pub(crate) const OUTCOME: &str = "$outcome";
/// The single key of an emitted value, which does, too.
pub(crate) const EMIT: &str = "$emit";

const INFINITY: &str = "Infinity";
const NEGATIVE_INFINITY: &str = "-Infinity";
const NAN: &str = "NaN";

/// The NaN that is written without its bits, in both widths: quiet, positive,
/// no payload.
pub(crate) const USUAL_DOUBLE: u64 = 0x7ff8_0000_0000_0000;
const USUAL_SINGLE: u32 = 0x7fc0_0000;

/// Whether an object can have this key as it is.
pub(crate) fn is_plain(key: &Val) -> bool {
    matches!(key, Val::TStr(text) if !text.starts_with(b"$"))
}

/// Whether this is the single key of a map that stays what it is.
pub(crate) fn is_kept(key: &Val) -> bool {
    let is_key = |text: &[u8]| text == OUTCOME.as_bytes() || text == EMIT.as_bytes();
    matches!(key, Val::TStr(text) if is_key(text))
}

pub(crate) fn bin(data: &[u8]) -> Val {
    tagged(BIN, base64(data))
}

pub(crate) fn ext(kind: i8, data: &[u8]) -> Val {
    tagged(EXT, pair(Val::from(isize::from(kind)), base64(data)))
}

/// A map that is no object.
pub(crate) fn map(pairs: Vec<Val>) -> Val {
    tagged(MAP, Val::Arr(pairs.into()))
}

/// An entry of [`map`].
pub(crate) fn pair(key: Val, value: Val) -> Val {
    Val::Arr(vec![key, value].into())
}

/// A double by its bits.
pub(crate) fn double(bits: u64) -> Val {
    match f64::from_bits(bits) {
        f64::INFINITY => tagged(FLOAT, text(INFINITY)),
        f64::NEG_INFINITY => tagged(FLOAT, text(NEGATIVE_INFINITY)),
        number if number.is_nan() && bits == USUAL_DOUBLE => tagged(FLOAT, text(NAN)),
        number if number.is_nan() => tagged(FLOAT, Val::from(format!("{NAN}:{bits:016x}"))),
        number => Val::from(number),
    }
}

/// A single by its bits. It is kept as the text that the host writes: as a
/// double, 0.1 would be 0.10000000149011612 to the expression.
pub(crate) fn single(bits: u32) -> Val {
    let content = match f32::from_bits(bits) {
        f32::INFINITY => text(INFINITY),
        f32::NEG_INFINITY => text(NEGATIVE_INFINITY),
        number if number.is_nan() && bits == USUAL_SINGLE => text(NAN),
        number if number.is_nan() => Val::from(format!("{NAN}:{bits:08x}")),
        number => Val::Num(Num::Dec(format!("{number:?}").into())),
    };
    tagged(F32, content)
}

/// The bits of the double that has this name.
pub(crate) fn named_double(name: &str) -> Option<u64> {
    match name {
        INFINITY => Some(f64::INFINITY.to_bits()),
        NEGATIVE_INFINITY => Some(f64::NEG_INFINITY.to_bits()),
        NAN => Some(USUAL_DOUBLE),
        _ => nan_bits(name, 16).filter(|&bits| f64::from_bits(bits).is_nan()),
    }
}

/// The bits of the single that has this name.
pub(crate) fn named_single(name: &str) -> Option<u32> {
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

fn tagged(tag: &'static str, content: Val) -> Val {
    Val::obj([(text(tag), content)].into_iter().collect())
}

fn text(text: &'static str) -> Val {
    Val::utf8_str(Bytes::from_static(text.as_bytes()))
}

fn base64(data: &[u8]) -> Val {
    Val::utf8_str(STANDARD.encode(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_floats_are_those_of_floats_that_are_no_number() {
        assert_eq!(named_double("NaN:FFF8000000000000"), Some(0xfff8 << 48));
        assert_eq!(named_single("NaN:7fc00001"), Some(0x7fc0_0001));
        for name in [
            "",
            "1.5",
            "nan",
            "NaN:",
            "NaN:7ff0000000000000",
            "NaN:+ff8000000000000",
        ] {
            assert_eq!(named_double(name), None, "{name}");
        }
        for name in ["NaN:7f800000", "NaN:fff8000000000000"] {
            assert_eq!(named_single(name), None, "{name}");
        }
    }
}
