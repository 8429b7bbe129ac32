//! From JSON to a value.
//!
//! Writes `MessagePack` as it reads, without a tree in between. The levels of the
//! text are levels of the call stack, bounded by the depth limit of values.

use std::ops::Range;

use super::error::{Fault, JsonError, JsonErrorKind, Step};
use super::lex::{Lexer, Number};
use super::tags;
use crate::value::format::{self, FloatBits, Integer, Kind};
use crate::value::{ScanLimits, Value, keys};

/// Reads a whole text as one value.
pub(super) fn read(text: &str, limits: &ScanLimits) -> Result<Value, JsonError> {
    let mut reader = Reader {
        lexer: Lexer::new(text),
        out: Vec::new(),
        bytes_max: limits.bytes_max.min(format::COUNT_MAX),
        depth_max: limits.depth_max.min(ScanLimits::DEPTH_CAP),
        depth: 0,
    };
    match reader.document() {
        Ok(()) => Ok(Value(reader.out.into())),
        Err(fault) => Err(fault.into_error(text)),
    }
}

pub(super) struct Reader<'t> {
    pub(super) lexer: Lexer<'t>,
    /// The `MessagePack` so far.
    pub(super) out: Vec<u8>,
    bytes_max: usize,
    depth_max: usize,
    /// Open arrays and maps of the value; tags are none.
    depth: usize,
}

/// A map that is being read.
pub(super) struct OpenMap {
    /// Where its header will be.
    header: usize,
    /// For each key its place in the output, and where it starts in the text.
    pub(super) keys: Vec<(Range<usize>, usize)>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        self.value()?;
        match self.lexer.peek() {
            None => Ok(()),
            Some(_) => Err(self.lexer.fault(JsonErrorKind::Trailing)),
        }
    }

    pub(super) fn value(&mut self) -> Result<(), Fault> {
        match self.lexer.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => {
                let text = self.lexer.string()?;
                format::write_str(&mut self.out, &text);
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'n') => self.word("null", 0xc0)?,
            Some(b'f') => self.word("false", 0xc2)?,
            Some(b't') => self.word("true", 0xc3)?,
            Some(_) | None => return Err(self.lexer.unexpected("a value")),
        }
        if self.out.len() > self.bytes_max {
            return Err(self.lexer.fault(JsonErrorKind::TooLarge {
                bytes: self.out.len(),
                limit: self.bytes_max,
            }));
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str, byte: u8) -> Result<(), Fault> {
        self.lexer.word(word)?;
        self.out.push(byte);
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let offset = self.lexer.pos();
        match self.lexer.number()? {
            Number::Integer(text) => {
                let number =
                    integer(text).ok_or_else(|| Fault::new(JsonErrorKind::IntegerRange, offset))?;
                format::write_integer(&mut self.out, number);
            }
            Number::Float(text) => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                let number = number.ok_or_else(|| Fault::new(JsonErrorKind::FloatRange, offset))?;
                format::write_float(&mut self.out, FloatBits::Double(number.to_bits()));
            }
        }
        Ok(())
    }

    fn array(&mut self) -> Result<(), Fault> {
        let header = self.open(self.lexer.pos())?;
        let mut count = 0;
        self.items(|reader, index| {
            count = index + 1;
            reader
                .value()
                .map_err(|fault| fault.inside(Step::Index(index as u64)))
        })?;
        self.close(Kind::Array, header, count);
        Ok(())
    }

    /// The items of a JSON array, with its brackets and commas.
    pub(super) fn items(
        &mut self,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.lexer.expect(b'[', "an array")?;
        if self.lexer.take(b']') {
            return Ok(());
        }
        for index in 0.. {
            item(self, index)?;
            if self.lexer.take(b']') {
                break;
            }
            self.lexer.expect(b',', "`,` or `]`")?;
        }
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
        let offset = self.lexer.pos();
        self.lexer.expect(b'{', "an object")?;
        if let Some(tag) = self.leading_tag()? {
            return self.tagged(tag, offset);
        }
        let mut map = self.open_map(offset)?;
        if !self.lexer.take(b'}') {
            loop {
                self.entry(&mut map)?;
                if self.lexer.take(b'}') {
                    break;
                }
                self.lexer.expect(b',', "`,` or `}`")?;
            }
        }
        self.close_map(&map)
    }

    /// Takes the first key of an object when it is a tag.
    fn leading_tag(&mut self) -> Result<Option<&'static str>, Fault> {
        if self.lexer.peek() != Some(b'"') {
            return Ok(None);
        }
        // Only the decoded key tells: its `$` may be an escape.
        let mut ahead = self.lexer.clone();
        let key = ahead.string()?;
        if !key.starts_with('$') {
            return Ok(None);
        }
        let Some(tag) = tags::known(&key) else {
            return Err(self.lexer.fault(JsonErrorKind::unknown_tag(&key)));
        };
        self.lexer = ahead;
        self.lexer.expect(b':', "`:`")?;
        Ok(Some(tag))
    }

    /// Key and value of an object that is a map.
    fn entry(&mut self, map: &mut OpenMap) -> Result<(), Fault> {
        self.lexer.peek();
        let offset = self.lexer.pos();
        let key = self.lexer.string()?;
        if key.starts_with('$') {
            let kind = match tags::known(&key) {
                Some(tag) => JsonErrorKind::TagNotAlone { tag },
                None => JsonErrorKind::unknown_tag(&key),
            };
            return Err(Fault::new(kind, offset));
        }
        let start = self.out.len();
        format::write_str(&mut self.out, &key);
        map.keys.push((start..self.out.len(), offset));
        self.lexer.expect(b':', "`:`")?;
        self.value_behind_key(map)
    }

    /// The value of the entry whose key was read last.
    pub(super) fn value_behind_key(&mut self, map: &OpenMap) -> Result<(), Fault> {
        self.value().map_err(|fault| match map.keys.last() {
            Some((key, _)) => fault.inside(Step::Key(self.out[key.clone()].to_vec())),
            None => fault,
        })
    }

    /// Starts an array or map of the value; `offset` is its place in the text.
    /// Returns the place of its header, of which one byte is there.
    pub(super) fn open(&mut self, offset: usize) -> Result<usize, Fault> {
        if self.depth >= self.depth_max {
            let limit = self.depth_max;
            return Err(Fault::new(JsonErrorKind::TooDeep { limit }, offset));
        }
        self.depth += 1;
        self.out.push(0);
        Ok(self.out.len() - 1)
    }

    /// Ends an array or map, now that its count is known. A wide header moves
    /// what was written behind it, once per level.
    fn close(&mut self, kind: Kind, header: usize, count: usize) {
        let mut bytes = Vec::new();
        format::write_container(&mut bytes, kind, count);
        self.out.splice(header..=header, bytes);
        self.depth -= 1;
    }

    pub(super) fn open_map(&mut self, offset: usize) -> Result<OpenMap, Fault> {
        Ok(OpenMap {
            header: self.open(offset)?,
            keys: Vec::new(),
        })
    }

    pub(super) fn close_map(&mut self, map: &OpenMap) -> Result<(), Fault> {
        let keys = map.keys.iter().map(|(key, _)| &self.out[key.clone()]);
        if let Some((_, second)) = keys::first_duplicate(keys) {
            let (key, offset) = &map.keys[second];
            let step = Step::Key(self.out[key.clone()].to_vec());
            return Err(Fault::new(JsonErrorKind::DuplicateKey, *offset).inside(step));
        }
        self.close(Kind::Map, map.header, map.keys.len());
        Ok(())
    }
}

/// The integer that a JSON integer stands for, if 64 bits can hold it.
fn integer(text: &str) -> Option<Integer> {
    if text.starts_with('-') {
        text.parse().ok().map(Integer::of_signed)
    } else {
        text.parse().ok().map(Integer::Unsigned)
    }
}
