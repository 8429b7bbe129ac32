//! From `MessagePack` to what an expression sees.
//!
//! One pass, without JSON text in between; texts stay where they are, in the
//! job's bytes. The host has checked the job: that it is complete, that texts
//! are UTF-8 and keys differ is not checked again, but nothing here trusts it
//! with more than a wrong answer.

use jaq_json::{Map, Num, Val};
use rmp::Marker;

use crate::cursor::{Cursor, Malformed};
use crate::tags;

/// Deepest nesting of arrays and maps, as everywhere in the host.
pub(crate) const DEPTH_MAX: usize = 64;

/// Reads the one value that `job` is.
pub(crate) fn decode(job: Vec<u8>) -> Result<Val, Malformed> {
    let mut decoder = Decoder {
        bytes: Cursor::new(job),
        depth: 0,
    };
    let value = decoder.value()?;
    if !decoder.bytes.is_at_end() {
        return Err("is followed by more bytes");
    }
    Ok(value)
}

struct Decoder {
    bytes: Cursor,
    /// Open arrays and maps.
    depth: usize,
}

impl Decoder {
    fn value(&mut self) -> Result<Val, Malformed> {
        match Marker::from_u8(u8::from_be_bytes(self.bytes.number()?)) {
            Marker::Null => Ok(Val::Null),
            Marker::False => Ok(Val::Bool(false)),
            Marker::True => Ok(Val::Bool(true)),
            Marker::FixPos(number) => Ok(unsigned(number)),
            Marker::FixNeg(number) => Ok(signed(number)),
            Marker::U8 => self.bytes.number().map(u8::from_be_bytes).map(unsigned),
            Marker::U16 => self.bytes.number().map(u16::from_be_bytes).map(unsigned),
            Marker::U32 => self.bytes.number().map(u32::from_be_bytes).map(unsigned),
            Marker::U64 => self.bytes.number().map(u64::from_be_bytes).map(unsigned),
            Marker::I8 => self.bytes.number().map(i8::from_be_bytes).map(signed),
            Marker::I16 => self.bytes.number().map(i16::from_be_bytes).map(signed),
            Marker::I32 => self.bytes.number().map(i32::from_be_bytes).map(signed),
            Marker::I64 => self.bytes.number().map(i64::from_be_bytes).map(signed),
            Marker::F32 => self
                .bytes
                .number()
                .map(u32::from_be_bytes)
                .map(tags::single),
            Marker::F64 => self
                .bytes
                .number()
                .map(u64::from_be_bytes)
                .map(tags::double),
            Marker::FixStr(length) => self.text(length.into()),
            Marker::Str8 => self
                .bytes
                .length::<1>()
                .and_then(|length| self.text(length)),
            Marker::Str16 => self
                .bytes
                .length::<2>()
                .and_then(|length| self.text(length)),
            Marker::Str32 => self
                .bytes
                .length::<4>()
                .and_then(|length| self.text(length)),
            Marker::Bin8 => self.bytes.length::<1>().and_then(|length| self.bin(length)),
            Marker::Bin16 => self.bytes.length::<2>().and_then(|length| self.bin(length)),
            Marker::Bin32 => self.bytes.length::<4>().and_then(|length| self.bin(length)),
            Marker::FixExt1 => self.ext(1),
            Marker::FixExt2 => self.ext(2),
            Marker::FixExt4 => self.ext(4),
            Marker::FixExt8 => self.ext(8),
            Marker::FixExt16 => self.ext(16),
            Marker::Ext8 => self.bytes.length::<1>().and_then(|length| self.ext(length)),
            Marker::Ext16 => self.bytes.length::<2>().and_then(|length| self.ext(length)),
            Marker::Ext32 => self.bytes.length::<4>().and_then(|length| self.ext(length)),
            Marker::FixArray(count) => self.array(count.into()),
            Marker::Array16 => self.bytes.length::<2>().and_then(|count| self.array(count)),
            Marker::Array32 => self.bytes.length::<4>().and_then(|count| self.array(count)),
            Marker::FixMap(count) => self.map(count.into()),
            Marker::Map16 => self.bytes.length::<2>().and_then(|count| self.map(count)),
            Marker::Map32 => self.bytes.length::<4>().and_then(|count| self.map(count)),
            Marker::Reserved => Err("has a byte that is no MessagePack"),
        }
    }

    fn text(&mut self, length: usize) -> Result<Val, Malformed> {
        self.bytes.take(length).map(|range| {
            // A share of the job's bytes, not a copy.
            Val::utf8_str(self.bytes.job.slice(range))
        })
    }

    fn bin(&mut self, length: usize) -> Result<Val, Malformed> {
        self.bytes
            .take(length)
            .map(|range| tags::bin(&self.bytes.job[range]))
    }

    fn ext(&mut self, length: usize) -> Result<Val, Malformed> {
        let kind = self.bytes.number().map(i8::from_be_bytes)?;
        self.bytes
            .take(length)
            .map(|range| tags::ext(kind, &self.bytes.job[range]))
    }

    fn array(&mut self, count: usize) -> Result<Val, Malformed> {
        self.open()?;
        let mut items = Vec::with_capacity(self.bytes.at_most(count));
        for _ in 0..count {
            items.push(self.value()?);
        }
        self.depth -= 1;
        Ok(Val::Arr(items.into()))
    }

    /// A map becomes an object, or an array of pairs from the first key that no
    /// object can have.
    fn map(&mut self, count: usize) -> Result<Val, Malformed> {
        self.open()?;
        let mut object = Map::default();
        object.reserve(self.bytes.at_most(count));
        let mut pairs = Vec::new();
        for _ in 0..count {
            let key = self.value()?;
            let value = self.value()?;
            if !pairs.is_empty() {
                pairs.push(tags::pair(key, value));
            } else if tags::is_plain(&key) || (count == 1 && tags::is_kept(&key)) {
                object.insert(key, value);
            } else {
                // What is there moves over: reading it again would double the
                // work at each level.
                let earlier = object.drain(..);
                pairs.extend(earlier.map(|(key, value)| tags::pair(key, value)));
                pairs.push(tags::pair(key, value));
            }
        }
        self.depth -= 1;
        if pairs.is_empty() {
            return Ok(Val::obj(object));
        }
        Ok(tags::map(pairs))
    }

    fn open(&mut self) -> Result<(), Malformed> {
        if self.depth >= DEPTH_MAX {
            return Err("is nested too deeply");
        }
        self.depth += 1;
        Ok(())
    }
}

/// jaq has big integers for what its own do not hold, which in WebAssembly is
/// all beyond 32 bits.
fn unsigned(number: impl Into<u64>) -> Val {
    Val::Num(Num::from_integral(number.into()))
}

fn signed(number: impl Into<i64>) -> Val {
    Val::Num(Num::from_integral(number.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::ENDS;

    fn seen(bytes: &[u8]) -> String {
        decode(bytes.to_vec()).unwrap().to_string()
    }

    #[test]
    fn what_json_has_is_plain() {
        for (bytes, text) in [
            (&[0xc0][..], "null"),
            (&[0xc3], "true"),
            (&[0xe0], "-32"),
            (
                &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
                "18446744073709551615",
            ),
            (&[0xd3, 128, 0, 0, 0, 0, 0, 0, 0], "-9223372036854775808"),
            (&[0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], "1.0"),
            (&[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], "-0.0"),
            (&[0xd9, 1, b'a'], "\"a\""),
            (&[0xdc, 0, 1, 5], "[5]"),
            (&[0x82, 0xa1, b'b', 1, 0xa1, b'a', 2], "{\"b\":1,\"a\":2}"),
            (&[0x80], "{}"),
        ] {
            assert_eq!(seen(bytes), text);
        }
    }

    #[test]
    fn what_json_has_not_is_tagged_as_the_host_tags_it() {
        for (bytes, text) in [
            (&[0xc4, 3, 0, 1, 255][..], r#"{"$bin":"AAH/"}"#),
            (&[0xc7, 3, 5, 0, 1, 255], r#"{"$ext":[5,"AAH/"]}"#),
            (&[0xd4, 0x80, 0], r#"{"$ext":[-128,"AA=="]}"#),
            (&[0xca, 0x3f, 0xc0, 0, 0], r#"{"$f32":1.5}"#),
            (&[0xca, 0x3d, 0xcc, 0xcc, 0xcd], r#"{"$f32":0.1}"#),
            (&[0xca, 0x7f, 0xc0, 0, 1], r#"{"$f32":"NaN:7fc00001"}"#),
            (&[0xca, 0xff, 0x80, 0, 0], r#"{"$f32":"-Infinity"}"#),
            (&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], r#"{"$float":"NaN"}"#),
            (
                &[0xcb, 0xff, 0xf8, 0, 0, 0, 0, 0, 1],
                r#"{"$float":"NaN:fff8000000000001"}"#,
            ),
            (
                &[0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
                r#"{"$float":"Infinity"}"#,
            ),
            (&[0x81, 7, 0xa1, b'x'], r#"{"$map":[[7,"x"]]}"#),
            (&[0x81, 0xa2, b'$', b'a', 1], r#"{"$map":[["$a",1]]}"#),
            (
                &[0x83, 0xa1, b'a', 1, 0xa1, b'$', 2, 0xa1, b'b', 3],
                r#"{"$map":[["a",1],["$",2],["b",3]]}"#,
            ),
            (b"\x81\xa8$outcome\x05", r#"{"$outcome":5}"#),
            (b"\x81\xa5$emit\x05", r#"{"$emit":5}"#),
            (
                b"\x82\xa8$outcome\x05\x01\x02",
                r#"{"$map":[["$outcome",5],[1,2]]}"#,
            ),
        ] {
            assert_eq!(seen(bytes), text);
        }
    }

    #[test]
    fn what_is_broken_is_refused() {
        let refused = |bytes: &[u8]| decode(bytes.to_vec()).unwrap_err();
        for bytes in [
            &[][..],
            &[0x91],
            &[0xa2, b'a'],
            &[0xdd, 255, 255, 255, 255],
            &[0xcf, 0],
        ] {
            assert_eq!(refused(bytes), ENDS);
        }
        assert_eq!(refused(&[1, 2]), "is followed by more bytes");
        assert_eq!(refused(&[0xc1]), "has a byte that is no MessagePack");
        assert_eq!(refused(&[0x91; 10_000]), "is nested too deeply");
        let mut deepest = vec![0x91; DEPTH_MAX];
        deepest.push(1);
        assert!(decode(deepest).is_ok());
    }
}
