//! Reading what stands behind a tag.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::{Fault, JsonErrorKind, Step};
use super::lex::Number;
use super::read::{OpenMap, Reader};
use super::tags;
use crate::value::format::{self, FloatBits};

/// A tag and what belongs behind it, for errors.
#[derive(Clone, Copy)]
struct Tag {
    name: &'static str,
    takes: &'static str,
}

impl Reader<'_> {
    /// What follows a tag and its colon, to the end of the object, which
    /// started at `offset` of the text.
    pub(super) fn tagged(&mut self, tag: &'static str, offset: usize) -> Result<(), Fault> {
        match tag {
            tags::BIN => self.bin()?,
            tags::EXT => self.ext()?,
            tags::F32 => self.single()?,
            tags::FLOAT => self.special_double()?,
            tags::MAP => self.pairs(offset)?,
            _ => self.kept(tag, offset)?,
        }
        if self.lexer.peek() == Some(b',') {
            return Err(self.lexer.fault(JsonErrorKind::TagNotAlone { tag }));
        }
        self.lexer.expect(b'}', "`}`")
    }

    fn bin(&mut self) -> Result<(), Fault> {
        let data = self.base64(Tag {
            name: tags::BIN,
            takes: "a string of base64 with padding",
        })?;
        format::write_bin(&mut self.out, &data);
        Ok(())
    }

    fn ext(&mut self) -> Result<(), Fault> {
        let tag = Tag {
            name: tags::EXT,
            takes: "an array of a type from -128 to 127 and a string of base64 with padding",
        };
        self.mark(tag, b'[')?;
        self.lexer.peek();
        let offset = self.lexer.pos();
        let number = match self.lexer.number() {
            Ok(Number::Integer(text)) => text.parse().ok(),
            Ok(Number::Float(_)) | Err(_) => None,
        };
        let number = number.ok_or_else(|| tag.fault(offset))?;
        self.mark(tag, b',')?;
        let data = self.base64(tag)?;
        self.mark(tag, b']')?;
        format::write_ext(&mut self.out, number, &data);
        Ok(())
    }

    fn single(&mut self) -> Result<(), Fault> {
        let tag = Tag {
            name: tags::F32,
            takes: "a number, \"NaN\", \"NaN:\" with 8 hexadecimal digits of a NaN, \"Infinity\" or \"-Infinity\"",
        };
        let next = self.lexer.peek();
        let offset = self.lexer.pos();
        let bits = match next {
            Some(b'"') => {
                let name = self.lexer.string()?;
                tags::single_from_special(&name).ok_or_else(|| tag.fault(offset))?
            }
            Some(b'-' | b'0'..=b'9') => {
                let (Number::Integer(text) | Number::Float(text)) = self.lexer.number()?;
                // From the text and not from a double, which would round twice.
                let number = text.parse().ok().filter(|number: &f32| number.is_finite());
                let number = number.ok_or_else(|| Fault::new(JsonErrorKind::FloatRange, offset))?;
                number.to_bits()
            }
            Some(_) | None => return Err(tag.fault(offset)),
        };
        format::write_float(&mut self.out, FloatBits::Single(bits));
        Ok(())
    }

    fn special_double(&mut self) -> Result<(), Fault> {
        let tag = Tag {
            name: tags::FLOAT,
            takes: "\"NaN\", \"NaN:\" with 16 hexadecimal digits of a NaN, \"Infinity\" or \"-Infinity\"",
        };
        let next = self.lexer.peek();
        let offset = self.lexer.pos();
        let bits = match next {
            Some(b'"') => tags::double_from_special(&self.lexer.string()?),
            Some(_) | None => None,
        };
        let bits = bits.ok_or_else(|| tag.fault(offset))?;
        format::write_float(&mut self.out, FloatBits::Double(bits));
        Ok(())
    }

    fn pairs(&mut self, offset: usize) -> Result<(), Fault> {
        let tag = Tag {
            name: tags::MAP,
            takes: "an array of pairs [key, value]",
        };
        if self.lexer.peek() != Some(b'[') {
            return Err(tag.fault(self.lexer.pos()));
        }
        let mut map = self.open_map(offset)?;
        self.items(|reader, index| reader.pair(tag, index, &mut map))?;
        self.close_map(&map)
    }

    fn pair(&mut self, tag: Tag, index: usize, map: &mut OpenMap) -> Result<(), Fault> {
        self.mark(tag, b'[')?;
        self.lexer.peek();
        let offset = self.lexer.pos();
        let start = self.out.len();
        self.value()
            .map_err(|fault| fault.inside(Step::InsideKey(index as u64)))?;
        map.keys.push((start..self.out.len(), offset));
        self.mark(tag, b',')?;
        self.value_behind_key(map)?;
        self.mark(tag, b']')
    }

    /// An outcome and an emitted value stay the maps that they are.
    fn kept(&mut self, key: &str, offset: usize) -> Result<(), Fault> {
        let mut map = self.open_map(offset)?;
        let start = self.out.len();
        format::write_str(&mut self.out, key);
        map.keys.push((start..self.out.len(), offset));
        self.value_behind_key(&map)?;
        self.close_map(&map)
    }

    fn base64(&mut self, tag: Tag) -> Result<Vec<u8>, Fault> {
        let next = self.lexer.peek();
        let offset = self.lexer.pos();
        if next != Some(b'"') {
            return Err(tag.fault(offset));
        }
        let text = self.lexer.string()?;
        STANDARD
            .decode(text.as_bytes())
            .map_err(|_| tag.fault(offset))
    }

    fn mark(&mut self, tag: Tag, mark: u8) -> Result<(), Fault> {
        if self.lexer.take(mark) {
            Ok(())
        } else {
            Err(tag.fault(self.lexer.pos()))
        }
    }
}

impl Tag {
    fn fault(self, offset: usize) -> Fault {
        let kind = JsonErrorKind::BadTag {
            tag: self.name,
            expected: self.takes,
        };
        Fault::new(kind, offset)
    }
}
