//! The `MessagePack` format: what a header says, and how one is written.
//!
//! Everything here looks at one header or one scalar; nesting, limits and
//! duplicate keys belong to [`super::scan`]. Reading never panics: bytes that
//! are too short or reserved are an answer.

use std::fmt;

/// What a value is, whatever the width of its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing; `null` in JSON.
    Nil,
    /// `true` or `false`.
    Bool,
    /// An integer from `i64::MIN` to `u64::MAX`.
    Int,
    /// A number of IEEE 754, single or double.
    Float,
    /// UTF-8 text.
    Str,
    /// Bytes.
    Bin,
    /// Values in order.
    Array,
    /// Pairs of key and value, in the order they were written.
    Map,
    /// Bytes with an application's type number; timestamps have -1.
    Ext,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nil => "nil",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Str => "str",
            Self::Bin => "bin",
            Self::Array => "array",
            Self::Map => "map",
            Self::Ext => "ext",
        })
    }
}

/// One header, decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) kind: Kind,
    /// Bytes before the content; an ext's type number is counted here.
    pub(super) header: usize,
    /// Bytes of content, or for array and map the number of values inside
    /// (a map's keys count). Untrusted: never allocate from it.
    pub(super) body: u64,
}

impl Head {
    /// Whether `body` counts values instead of bytes.
    pub(super) fn is_container(&self) -> bool {
        matches!(self.kind, Kind::Array | Kind::Map)
    }
}

/// Why there is no header.
#[derive(Clone, Copy, Debug)]
pub(super) enum NoHead {
    /// 0xc1, which the format reserves.
    Reserved,
    /// At least so many bytes are missing.
    Short(u64),
}

/// Total bytes of an item whose first byte alone fixes its length and whose
/// content needs no check; 0 for strings, bin, sized ext, containers and 0xc1.
pub(super) const FIXED: [u8; 256] = fixed_table();

const fn fixed_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte {
            0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => 1,
            0xcc | 0xd0 => 2,
            0xcd | 0xd1 | 0xd4 => 3,
            0xd5 => 4,
            0xca | 0xce | 0xd2 => 5,
            0xd6 => 6,
            0xcb | 0xcf | 0xd3 => 9,
            0xd7 => 10,
            0xd8 => 18,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// Reads the header at the start of `bytes`; the content need not be there.
#[inline]
pub(super) fn head(bytes: &[u8]) -> Result<Head, NoHead> {
    let Some(&first) = bytes.first() else {
        return Err(NoHead::Short(1));
    };
    let plain = |kind, header, body| Ok(Head { kind, header, body });
    match first {
        0x00..=0x7f | 0xe0..=0xff => plain(Kind::Int, 1, 0),
        0x80..=0x8f => plain(Kind::Map, 1, 2 * u64::from(first & 0x0f)),
        0x90..=0x9f => plain(Kind::Array, 1, u64::from(first & 0x0f)),
        0xa0..=0xbf => plain(Kind::Str, 1, u64::from(first & 0x1f)),
        0xc0 => plain(Kind::Nil, 1, 0),
        0xc1 => Err(NoHead::Reserved),
        0xc2 | 0xc3 => plain(Kind::Bool, 1, 0),
        0xc4..=0xc6 => sized(bytes, Kind::Bin, 1 << (first - 0xc4)),
        0xc7..=0xc9 => sized(bytes, Kind::Ext, 1 << (first - 0xc7)),
        0xca => plain(Kind::Float, 1, 4),
        0xcb => plain(Kind::Float, 1, 8),
        0xcc..=0xcf => plain(Kind::Int, 1, 1 << (first - 0xcc)),
        0xd0..=0xd3 => plain(Kind::Int, 1, 1 << (first - 0xd0)),
        0xd4..=0xd8 => plain(Kind::Ext, 2, 1 << (first - 0xd4)),
        0xd9..=0xdb => sized(bytes, Kind::Str, 1 << (first - 0xd9)),
        0xdc | 0xdd => sized(bytes, Kind::Array, 2 << (first - 0xdc)),
        0xde | 0xdf => sized(bytes, Kind::Map, 2 << (first - 0xde)),
    }
}

/// A header whose length or count follows in `width` bytes, big-endian.
fn sized(bytes: &[u8], kind: Kind, width: usize) -> Result<Head, NoHead> {
    let header = 1 + width + usize::from(kind == Kind::Ext);
    if bytes.len() < header {
        return Err(NoHead::Short((header - bytes.len()) as u64));
    }
    let count = big_endian(&bytes[1..=width]);
    let body = if kind == Kind::Map { 2 * count } else { count };
    Ok(Head { kind, header, body })
}

/// At most eight bytes as a number.
fn big_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// An integer by its number: signed encodings of 0 and more are `Unsigned`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Integer {
    Unsigned(u64),
    Negative(i64),
}

impl Integer {
    pub(super) fn of_signed(number: i64) -> Self {
        u64::try_from(number).map_or(Self::Negative(number), Self::Unsigned)
    }
}

/// A float with its width, by its bits: the sign of zero and NaN payloads count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FloatBits {
    Single(u32),
    Double(u64),
}

impl FloatBits {
    /// The number, a single one widened, which is exact.
    pub(super) fn number(self) -> f64 {
        match self {
            Self::Single(bits) => f64::from(f32::from_bits(bits)),
            Self::Double(bits) => f64::from_bits(bits),
        }
    }
}

/// The integer that `bytes` is; `None` for another kind.
pub(super) fn integer(bytes: &[u8]) -> Option<Integer> {
    let (&first, rest) = bytes.split_first()?;
    let signed = match first {
        0x00..=0x7f => return Some(Integer::Unsigned(u64::from(first))),
        0xe0..=0xff => i64::from(first.cast_signed()),
        0xcc..=0xcf => {
            let number = rest.get(..1 << (first - 0xcc))?;
            return Some(Integer::Unsigned(big_endian(number)));
        }
        0xd0..=0xd3 => {
            let width = 1_usize << (first - 0xd0);
            let unused_bits = 64 - 8 * width;
            // Up to the top and back: the arithmetic shift copies the sign.
            (big_endian(rest.get(..width)?) << unused_bits).cast_signed() >> unused_bits
        }
        _ => return None,
    };
    Some(Integer::of_signed(signed))
}

/// The float that `bytes` is; `None` for another kind.
pub(super) fn float(bytes: &[u8]) -> Option<FloatBits> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0xca => Some(FloatBits::Single(big_endian(rest.get(..4)?) as u32)),
        0xcb => Some(FloatBits::Double(big_endian(rest.get(..8)?))),
        _ => None,
    }
}

/// The content of a str, bin or ext that is complete; `None` for other kinds.
pub(super) fn content(bytes: &[u8]) -> Option<&[u8]> {
    let head = head(bytes).ok()?;
    if !matches!(head.kind, Kind::Str | Kind::Bin | Kind::Ext) {
        return None;
    }
    let end = head.header.checked_add(usize::try_from(head.body).ok()?)?;
    bytes.get(head.header..end)
}

/// Type number and content of a complete ext; `None` for another kind.
pub(super) fn ext(bytes: &[u8]) -> Option<(i8, &[u8])> {
    let head = head(bytes).ok()?;
    if head.kind != Kind::Ext {
        return None;
    }
    // The type number is the last byte of the header.
    let number = bytes.get(head.header - 1)?.cast_signed();
    Some((number, content(bytes)?))
}

/// The text of a complete str; `None` for another kind.
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    match head(bytes).ok()?.kind {
        Kind::Str => std::str::from_utf8(content(bytes)?).ok(),
        Kind::Nil
        | Kind::Bool
        | Kind::Int
        | Kind::Float
        | Kind::Bin
        | Kind::Array
        | Kind::Map
        | Kind::Ext => None,
    }
}

/// The end of the value that starts at `start`, in bytes that passed the scanner.
///
/// Needs no stack: it counts the values still to come. Bytes that did not pass
/// the scanner end where they break, at the latest at their last byte.
pub(super) fn skip(bytes: &[u8], start: usize) -> usize {
    let mut pos = start;
    let mut values = 1_u64;
    while values > 0 && pos < bytes.len() {
        values -= 1;
        let fixed = FIXED[usize::from(bytes[pos])];
        if fixed != 0 {
            pos += usize::from(fixed);
            continue;
        }
        let Ok(head) = head(&bytes[pos..]) else {
            return bytes.len();
        };
        pos += head.header;
        if head.is_container() {
            values = values.saturating_add(head.body);
        } else {
            pos = pos.saturating_add(head.body as usize);
        }
    }
    pos.min(bytes.len())
}

/// Lengths and counts have at most 32 bits in `MessagePack`.
pub(super) const COUNT_MAX: usize = u32::MAX as usize;

/// Writes an integer in its shortest form.
pub(super) fn write_integer(out: &mut Vec<u8>, number: Integer) {
    match number {
        Integer::Unsigned(number) => match number {
            0..=0x7f => out.push(number as u8),
            0x80..=0xff => out.extend([0xcc, number as u8]),
            0x100..=0xffff => write_wide(out, 0xcd, &(number as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => write_wide(out, 0xce, &(number as u32).to_be_bytes()),
            _ => write_wide(out, 0xcf, &number.to_be_bytes()),
        },
        Integer::Negative(number) => {
            if number >= -32 {
                out.push(number as u8);
            } else if let Ok(number) = i8::try_from(number) {
                write_wide(out, 0xd0, &number.to_be_bytes());
            } else if let Ok(number) = i16::try_from(number) {
                write_wide(out, 0xd1, &number.to_be_bytes());
            } else if let Ok(number) = i32::try_from(number) {
                write_wide(out, 0xd2, &number.to_be_bytes());
            } else {
                write_wide(out, 0xd3, &number.to_be_bytes());
            }
        }
    }
}

/// Writes a float by its bits, in its own width.
pub(super) fn write_float(out: &mut Vec<u8>, bits: FloatBits) {
    match bits {
        FloatBits::Single(bits) => write_wide(out, 0xca, &bits.to_be_bytes()),
        FloatBits::Double(bits) => write_wide(out, 0xcb, &bits.to_be_bytes()),
    }
}

/// Writes a str. Text beyond [`COUNT_MAX`] bytes, which the format cannot hold, is cut.
pub(super) fn write_str(out: &mut Vec<u8>, text: &str) {
    let text = &text[..text.floor_char_boundary(COUNT_MAX)];
    match text.len() {
        len @ 0..=31 => out.push(0xa0 | len as u8),
        len => write_len(out, 0xd9, len),
    }
    out.extend_from_slice(text.as_bytes());
}

/// Writes a bin; cut like a str.
pub(super) fn write_bin(out: &mut Vec<u8>, data: &[u8]) {
    let data = &data[..data.len().min(COUNT_MAX)];
    write_len(out, 0xc4, data.len());
    out.extend_from_slice(data);
}

/// Writes an ext; cut like a str.
pub(super) fn write_ext(out: &mut Vec<u8>, number: i8, data: &[u8]) {
    let data = &data[..data.len().min(COUNT_MAX)];
    match data.len() {
        1 => out.push(0xd4),
        2 => out.push(0xd5),
        4 => out.push(0xd6),
        8 => out.push(0xd7),
        16 => out.push(0xd8),
        len => write_len(out, 0xc7, len),
    }
    out.push(number.cast_unsigned());
    out.extend_from_slice(data);
}

/// Writes the header of an array of `count` values or a map of `count` entries;
/// the count is [`COUNT_MAX`] at most.
pub(super) fn write_container(out: &mut Vec<u8>, kind: Kind, count: usize) {
    let (small, wide) = if kind == Kind::Map {
        (0x80, 0xde)
    } else {
        (0x90, 0xdc)
    };
    match count {
        0..=15 => out.push(small | count as u8),
        16..=0xffff => write_wide(out, wide, &(count as u16).to_be_bytes()),
        _ => write_wide(out, wide + 1, &(count as u32).to_be_bytes()),
    }
}

/// Writes the narrowest header with a length; the markers of 8, 16 and 32 bits
/// of length are neighbours.
fn write_len(out: &mut Vec<u8>, marker: u8, len: usize) {
    match len {
        0..=0xff => out.extend([marker, len as u8]),
        0x100..=0xffff => write_wide(out, marker + 1, &(len as u16).to_be_bytes()),
        _ => write_wide(out, marker + 2, &(len as u32).to_be_bytes()),
    }
}

fn write_wide(out: &mut Vec<u8>, marker: u8, bytes: &[u8]) {
    out.push(marker);
    out.extend_from_slice(bytes);
}
