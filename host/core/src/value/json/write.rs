//! From a value to JSON.
//!
//! Works along the bytes with its own stack, so a value that was built deeper
//! than the limits is no danger, and writes as it goes: nothing is held that
//! grows with the value's size.

use std::fmt::{self, Write};
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tags;
use crate::value::Value;
use crate::value::display::steers_terminal;
use crate::value::format::{self, FloatBits, Head, Integer, Kind};
use crate::value::inspect::{Spans, single_key};
use crate::value::{EMIT_KEY, OUTCOME_KEY};

/// On one line without spaces.
pub(in crate::value) fn write_compact(value: &Value, out: &mut impl Write) -> fmt::Result {
    Writer {
        out,
        is_pretty: false,
    }
    .write(value.as_bytes())
}

/// With line breaks and indentation.
pub(super) fn write_pretty(value: &Value, out: &mut impl Write) -> fmt::Result {
    Writer {
        out,
        is_pretty: true,
    }
    .write(value.as_bytes())
}

/// Compact, into a byte stream, whose own error comes back.
pub(super) fn write_io(value: &Value, writer: &mut impl io::Write) -> io::Result<()> {
    let mut out = IoText {
        writer,
        result: Ok(()),
    };
    match write_compact(value, &mut out) {
        Ok(()) => Ok(()),
        Err(fmt::Error) => out.result.and(Err(io::ErrorKind::WriteZero.into())),
    }
}

/// A byte stream that takes text and keeps its error, which [`fmt::Error`] cannot carry.
struct IoText<'w, W> {
    writer: &'w mut W,
    result: io::Result<()>,
}

impl<W: io::Write> Write for IoText<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.result = self.writer.write_all(text.as_bytes());
        self.result.as_ref().map_or(Err(fmt::Error), |()| Ok(()))
    }
}

/// How an open array or map is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `[item,…]`
    Array,
    /// `{"key":value,…}`
    Object,
    /// `{"$map":[[key,value],…]}`
    Pairs,
    /// One `[key,value]` in there.
    Pair,
}

/// An open array or map.
struct Open {
    form: Form,
    /// Values still to come, keys included.
    remaining: u64,
    is_empty: bool,
}

struct Writer<'o, W> {
    out: &'o mut W,
    is_pretty: bool,
}

impl<W: Write> Writer<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> fmt::Result {
        let mut stack: Vec<Open> = Vec::new();
        let mut pos = self.value(bytes, 0, &mut stack)?;
        while let Some(top) = stack.last_mut() {
            if top.remaining == 0 {
                let (form, is_empty) = (top.form, top.is_empty);
                stack.pop();
                self.end(form, is_empty, stack.len())?;
                continue;
            }
            if !top.is_empty {
                self.out.write_char(',')?;
            }
            top.is_empty = false;
            let form = top.form;
            top.remaining -= match form {
                Form::Array | Form::Pair => 1,
                Form::Object | Form::Pairs => 2,
            };
            self.line(stack.len())?;
            match form {
                Form::Array | Form::Pair => pos = self.value(bytes, pos, &mut stack)?,
                Form::Object => {
                    pos = self.value(bytes, pos, &mut stack)?;
                    self.out
                        .write_str(if self.is_pretty { ": " } else { ":" })?;
                    pos = self.value(bytes, pos, &mut stack)?;
                }
                Form::Pairs => {
                    self.out.write_char('[')?;
                    stack.push(Open {
                        form: Form::Pair,
                        remaining: 2,
                        is_empty: true,
                    });
                }
            }
        }
        Ok(())
    }

    /// Writes the value at `pos`, of an array or map only the opening; returns
    /// where the next one starts.
    fn value(
        &mut self,
        bytes: &[u8],
        pos: usize,
        stack: &mut Vec<Open>,
    ) -> Result<usize, fmt::Error> {
        let rest = &bytes[pos..];
        let Ok(head) = format::head(rest) else {
            // A checked value has a header wherever one is due.
            return Err(fmt::Error);
        };
        if head.is_container() {
            let form = form_of(rest, &head);
            self.out.write_str(match form {
                Form::Array | Form::Pair => "[",
                Form::Object => "{",
                Form::Pairs if self.is_pretty => "{\"$map\": [",
                Form::Pairs => "{\"$map\":[",
            })?;
            stack.push(Open {
                form,
                remaining: head.body,
                is_empty: true,
            });
            return Ok(pos + head.header);
        }
        let end = format::skip(bytes, pos);
        self.scalar(&bytes[pos..end], head.kind)?;
        Ok(end)
    }

    fn end(&mut self, form: Form, is_empty: bool, depth: usize) -> fmt::Result {
        if !is_empty {
            self.line(depth)?;
        }
        self.out.write_str(match form {
            Form::Array | Form::Pair => "]",
            Form::Object => "}",
            Form::Pairs => "]}",
        })
    }

    fn line(&mut self, depth: usize) -> fmt::Result {
        if !self.is_pretty {
            return Ok(());
        }
        self.out.write_char('\n')?;
        (0..depth).try_for_each(|_| self.out.write_str("  "))
    }

    fn scalar(&mut self, bytes: &[u8], kind: Kind) -> fmt::Result {
        match kind {
            Kind::Bool => self
                .out
                .write_str(if bytes == [0xc3] { "true" } else { "false" }),
            Kind::Int => match format::integer(bytes) {
                Some(Integer::Unsigned(number)) => write!(self.out, "{number}"),
                Some(Integer::Negative(number)) => write!(self.out, "{number}"),
                None => Err(fmt::Error),
            },
            Kind::Float => match format::float(bytes) {
                Some(bits) => self.float(bits),
                None => Err(fmt::Error),
            },
            Kind::Str => self.string(format::text(bytes).ok_or(fmt::Error)?),
            Kind::Bin => {
                self.tag(tags::BIN)?;
                self.base64(format::content(bytes).ok_or(fmt::Error)?)?;
                self.out.write_char('}')
            }
            Kind::Ext => {
                let (number, data) = format::ext(bytes).ok_or(fmt::Error)?;
                self.tag(tags::EXT)?;
                write!(self.out, "[{number},")?;
                self.base64(data)?;
                self.out.write_str("]}")
            }
            Kind::Nil | Kind::Array | Kind::Map => self.out.write_str("null"),
        }
    }

    /// `{:?}` of a float is the shortest text that reads back equal, and always
    /// has a point or an exponent.
    fn float(&mut self, bits: FloatBits) -> fmt::Result {
        match bits {
            FloatBits::Double(bits) => {
                let number = f64::from_bits(bits);
                if number.is_finite() {
                    return write!(self.out, "{number:?}");
                }
                self.tag(tags::FLOAT)?;
                write!(self.out, "\"{}\"}}", tags::special_double(bits))
            }
            FloatBits::Single(bits) => {
                let number = f32::from_bits(bits);
                self.tag(tags::F32)?;
                if number.is_finite() {
                    write!(self.out, "{number:?}}}")
                } else {
                    write!(self.out, "\"{}\"}}", tags::special_single(bits))
                }
            }
        }
    }

    fn tag(&mut self, tag: &str) -> fmt::Result {
        let space = if self.is_pretty { " " } else { "" };
        write!(self.out, "{{\"{tag}\":{space}")
    }

    fn string(&mut self, text: &str) -> fmt::Result {
        self.out.write_char('"')?;
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        if text.bytes().all(is_plain) {
            self.out.write_str(text)?;
            return self.out.write_char('"');
        }
        let mut written = 0;
        for (place, c) in text.char_indices() {
            if !matches!(c, '"' | '\\') && !steers_terminal(c) {
                continue;
            }
            self.out.write_str(&text[written..place])?;
            written = place + c.len_utf8();
            match c {
                '"' => self.out.write_str("\\\"")?,
                '\\' => self.out.write_str("\\\\")?,
                '\n' => self.out.write_str("\\n")?,
                '\r' => self.out.write_str("\\r")?,
                '\t' => self.out.write_str("\\t")?,
                // Those that steer a terminal are all in the first plane.
                c => write!(self.out, "\\u{:04x}", u32::from(c))?,
            }
        }
        self.out.write_str(&text[written..])?;
        self.out.write_char('"')
    }

    /// In pieces, so that a reader that stops early stops the work.
    fn base64(&mut self, data: &[u8]) -> fmt::Result {
        /// A multiple of three: no padding between pieces.
        const PIECE: usize = 768;
        let mut buffer = [0; PIECE / 3 * 4];
        self.out.write_char('"')?;
        for piece in data.chunks(PIECE) {
            let length = STANDARD
                .encode_slice(piece, &mut buffer)
                .map_err(|_| fmt::Error)?;
            let text = std::str::from_utf8(&buffer[..length]).map_err(|_| fmt::Error)?;
            self.out.write_str(text)?;
        }
        self.out.write_char('"')
    }
}

/// A map is an object when a reader of objects gets the same map back.
fn form_of(bytes: &[u8], head: &Head) -> Form {
    if head.kind == Kind::Array {
        return Form::Array;
    }
    if matches!(single_key(bytes), Some(OUTCOME_KEY | EMIT_KEY)) {
        return Form::Object;
    }
    let Some(mut spans) = Spans::of(bytes, Kind::Map) else {
        return Form::Array;
    };
    while let Some((start, end)) = spans.next(bytes) {
        match format::text(&bytes[start..end]) {
            Some(key) if !key.starts_with('$') => {}
            Some(_) | None => return Form::Pairs,
        }
        spans.next(bytes);
    }
    Form::Object
}
