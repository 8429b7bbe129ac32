//! A second opinion: the rules of a value, as plainly as they can be written.
//!
//! Recursive, allocating, slow, and sharing nothing with the scanner. A crate of
//! its own, because the scanner's own tests and the fuzz targets both ask it.

/// What is wrong, without the numbers that tell by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes end inside the value.
    Truncated,
    /// Bytes follow the value.
    Trailing,
    /// 0xc1.
    Reserved,
    /// A str that is not UTF-8.
    NotUtf8,
    /// Arrays and maps nested deeper than the limit.
    TooDeep,
    /// A map with the same key twice.
    DuplicateKey,
}

/// What is wrong, and the offset where.
pub type Verdict = Result<(), (Fault, usize)>;

/// Checks that `bytes` are one value whose arrays and maps nest at most so deep.
pub fn check(bytes: &[u8], depth_max: usize) -> Verdict {
    let end = value(bytes, 0, depth_max)?;
    if end < bytes.len() {
        return Err((Fault::Trailing, end));
    }
    Ok(())
}

fn value(bytes: &[u8], start: usize, depth_left: usize) -> Result<usize, (Fault, usize)> {
    let cut = (Fault::Truncated, start);
    let first = *bytes.get(start).ok_or(cut)?;
    let number = |from: usize, count: usize| -> Result<usize, (Fault, usize)> {
        let digits = bytes.get(start + from..start + from + count).ok_or(cut)?;
        Ok(digits
            .iter()
            .fold(0, |number, digit| number * 256 + usize::from(*digit)))
    };
    let plain = |length: usize| {
        let end = start + length;
        if end <= bytes.len() {
            Ok(end)
        } else {
            Err(cut)
        }
    };
    let text = |header: usize, length: usize| {
        let end = plain(header + length)?;
        match std::str::from_utf8(&bytes[start + header..end]) {
            Ok(_) => Ok(end),
            Err(error) => Err((Fault::NotUtf8, start + header + error.valid_up_to())),
        }
    };
    let array = |header, count| array(bytes, start, start + header, count, depth_left);
    let map = |header, count| map(bytes, start, start + header, count, depth_left);
    match first {
        0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => plain(1),
        0xc1 => Err((Fault::Reserved, start)),
        0x80..=0x8f => map(1, usize::from(first - 0x80)),
        0x90..=0x9f => array(1, usize::from(first - 0x90)),
        0xa0..=0xbf => text(1, usize::from(first - 0xa0)),
        0xc4 => plain(2 + number(1, 1)?),
        0xc5 => plain(3 + number(1, 2)?),
        0xc6 => plain(5 + number(1, 4)?),
        0xc7 => plain(3 + number(1, 1)?),
        0xc8 => plain(4 + number(1, 2)?),
        0xc9 => plain(6 + number(1, 4)?),
        0xcc | 0xd0 => plain(2),
        0xcd | 0xd1 | 0xd4 => plain(3),
        0xd5 => plain(4),
        0xca | 0xce | 0xd2 => plain(5),
        0xd6 => plain(6),
        0xcb | 0xcf | 0xd3 => plain(9),
        0xd7 => plain(10),
        0xd8 => plain(18),
        0xd9 => text(2, number(1, 1)?),
        0xda => text(3, number(1, 2)?),
        0xdb => text(5, number(1, 4)?),
        0xdc => array(3, number(1, 2)?),
        0xdd => array(5, number(1, 4)?),
        0xde => map(3, number(1, 2)?),
        0xdf => map(5, number(1, 4)?),
    }
}

fn array(
    bytes: &[u8],
    start: usize,
    mut pos: usize,
    count: usize,
    depth_left: usize,
) -> Result<usize, (Fault, usize)> {
    let inside = depth_left.checked_sub(1).ok_or((Fault::TooDeep, start))?;
    for _ in 0..count {
        pos = value(bytes, pos, inside)?;
    }
    Ok(pos)
}

fn map(
    bytes: &[u8],
    start: usize,
    mut pos: usize,
    count: usize,
    depth_left: usize,
) -> Result<usize, (Fault, usize)> {
    let inside = depth_left.checked_sub(1).ok_or((Fault::TooDeep, start))?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let end = value(bytes, pos, inside)?;
        keys.push((canonical(&bytes[pos..end]), pos));
        pos = value(bytes, end, inside)?;
    }
    for (place, (key, offset)) in keys.iter().enumerate() {
        if keys[..place].iter().any(|(earlier, _)| earlier == key) {
            return Err((Fault::DuplicateKey, *offset));
        }
    }
    Ok(pos)
}

/// Equal for keys that are the same.
fn canonical(key: &[u8]) -> String {
    let mut rest = key;
    match rmpv::decode::read_value(&mut rest) {
        Ok(rmpv::Value::Integer(number)) => format!("int {number}"),
        Ok(rmpv::Value::String(text)) => format!("str {:?}", text.as_bytes()),
        Ok(rmpv::Value::Binary(data)) => format!("bin {data:?}"),
        // One header each, so their bytes are their canonical form; and it was read before.
        Ok(_) | Err(_) => format!("other {key:?}"),
    }
}
