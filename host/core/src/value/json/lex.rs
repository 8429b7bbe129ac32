//! Tokens of JSON: punctuation, words, numbers, strings.
//!
//! Strict as RFC 8259 has it. What numbers mean is decided here, what objects
//! mean in [`super::read`].

use std::borrow::Cow;

use super::error::{Fault, JsonErrorKind};

/// A number by its notation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number<'t> {
    /// No point and no exponent.
    Integer(&'t str),
    /// With point or exponent.
    Float(&'t str),
}

/// The text and how far it is read.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    pos: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, pos: 0 }
    }

    /// Byte offset of the next token, once [`Lexer::peek`] went there.
    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn fault(&self, kind: JsonErrorKind) -> Fault {
        Fault::new(kind, self.pos)
    }

    /// The first byte of the next token; `None` at the end.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.pos..];
        let blank = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
            .count();
        self.pos += blank;
        rest.get(blank).copied()
    }

    /// Takes a punctuation mark if it is next.
    pub(super) fn take(&mut self, mark: u8) -> bool {
        let is_next = self.peek() == Some(mark);
        self.pos += usize::from(is_next);
        is_next
    }

    /// Takes a punctuation mark or fails.
    pub(super) fn expect(&mut self, mark: u8, expected: &'static str) -> Result<(), Fault> {
        if self.take(mark) {
            Ok(())
        } else {
            Err(self.unexpected(expected))
        }
    }

    /// The fault that something else comes than `expected`.
    pub(super) fn unexpected(&mut self, expected: &'static str) -> Fault {
        let kind = match self.peek() {
            Some(_) => JsonErrorKind::Unexpected { expected },
            None => JsonErrorKind::CutOff { expected },
        };
        self.fault(kind)
    }

    /// Takes `null`, `true` or `false`.
    pub(super) fn word(&mut self, word: &'static str) -> Result<(), Fault> {
        if !self.text.as_bytes()[self.pos..].starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        self.pos += word.len();
        Ok(())
    }

    /// Takes a number.
    pub(super) fn number(&mut self) -> Result<Number<'t>, Fault> {
        let start = self.pos;
        self.pos += usize::from(self.byte() == Some(b'-'));
        if self.byte() == Some(b'0') {
            self.pos += 1;
            if matches!(self.byte(), Some(b'0'..=b'9')) {
                return Err(self.unexpected("no digit after a leading 0"));
            }
        } else {
            self.digits()?;
        }
        let mut is_float = false;
        if self.byte() == Some(b'.') {
            is_float = true;
            self.pos += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            is_float = true;
            self.pos += 1;
            self.pos += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let number = &self.text[start..self.pos];
        Ok(if is_float {
            Number::Float(number)
        } else {
            Number::Integer(number)
        })
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), Fault> {
        let rest = &self.text.as_bytes()[self.pos..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            let expected = "a digit";
            return Err(self.fault(if rest.is_empty() {
                JsonErrorKind::CutOff { expected }
            } else {
                JsonErrorKind::Unexpected { expected }
            }));
        }
        self.pos += digits;
        Ok(())
    }

    /// Takes a string, whose opening quote is next; copies only when it has escapes.
    pub(super) fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        self.expect(b'"', "a string")?;
        let plain = self.plain_part()?;
        if self.byte() == Some(b'"') {
            self.pos += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        while self.byte() == Some(b'\\') {
            text.push(self.escape()?);
            text.push_str(self.plain_part()?);
        }
        self.pos += 1;
        Ok(Cow::Owned(text))
    }

    /// Up to the next quote or backslash, one of which is there.
    fn plain_part(&mut self) -> Result<&'t str, Fault> {
        let start = self.pos;
        let rest = &self.text.as_bytes()[start..];
        let end = rest
            .iter()
            .position(|&byte| matches!(byte, b'"' | b'\\' | ..0x20));
        self.pos += end.unwrap_or(rest.len());
        match self.byte() {
            Some(b'"' | b'\\') => Ok(&self.text[start..self.pos]),
            Some(_) => Err(self.fault(JsonErrorKind::BareControl)),
            None => Err(self.unexpected("a closing quote")),
        }
    }

    /// Takes an escape; the backslash is next.
    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.pos;
        let bad = || Fault::new(JsonErrorKind::BadEscape, start);
        self.pos += 2;
        Ok(match self.text.as_bytes().get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex4().ok_or_else(bad)?;
                if let Some(c) = char::from_u32(first) {
                    return Ok(c);
                }
                // What is no character is half of a surrogate pair.
                let is_high = (0xd800..0xdc00).contains(&first);
                if !is_high || !self.text[self.pos..].starts_with("\\u") {
                    return Err(bad());
                }
                self.pos += 2;
                let second = self.hex4().ok_or_else(bad)?;
                let low = second
                    .checked_sub(0xdc00)
                    .filter(|&low| low < 0x400)
                    .ok_or_else(bad)?;
                char::from_u32(0x1_0000 + ((first - 0xd800) << 10 | low)).ok_or_else(bad)?
            }
            Some(_) => return Err(bad()),
            None => {
                return Err(Fault::new(
                    JsonErrorKind::CutOff {
                        expected: "an escape",
                    },
                    start,
                ));
            }
        })
    }

    /// Takes four hexadecimal digits.
    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.pos..self.pos + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.pos += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}
