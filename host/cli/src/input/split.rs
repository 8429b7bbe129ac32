//! Where the items of a JSON array end.
//!
//! It follows brackets and strings, keeps the text of one item, and leaves it to
//! the reader of values to say what is wrong inside. It knows nothing of where the
//! bytes come from.

use super::{Place, Record, Refusal, text_bytes_max};
use crate::error::Error;
use wodehost::Value;
use wodehost::value::ScanLimits;

/// Where in the array the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the opening bracket.
    Before,
    /// In the array.
    Inside,
    /// Behind the closing bracket.
    After,
    /// Nothing more is to be told.
    Done,
}

/// What is known of the bytes so far.
pub(super) struct Splitter {
    limits: ScanLimits,
    bytes_max: usize,
    state: State,
    /// The text of the item that is being read, as far as it is kept.
    item: Vec<u8>,
    /// How long the item is in all.
    item_bytes: u64,
    /// Where the item begins: line and column, from 1.
    begins: (u64, u64),
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Where the next byte is: line and column, from 1.
    line: u64,
    column: u64,
    /// Items told so far.
    number: u64,
}

/// What a byte ended.
enum Found {
    Nothing,
    Item { is_last: bool },
}

impl Splitter {
    /// Nothing read yet.
    pub(super) fn new(limits: ScanLimits) -> Splitter {
        Splitter {
            limits,
            bytes_max: text_bytes_max(&limits),
            state: State::Before,
            item: Vec::new(),
            item_bytes: 0,
            begins: (1, 1),
            depth: 0,
            in_string: false,
            escaped: false,
            line: 1,
            column: 1,
            number: 0,
        }
    }

    /// Whether nothing more is to be told.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Tells nothing more.
    pub(super) fn give_up(&mut self) {
        self.state = State::Done;
    }

    /// Goes on to the end of an item: how many bytes were read, and when an item
    /// ended there, whether it is the last.
    pub(super) fn until_item(&mut self, bytes: &[u8]) -> Result<(usize, Option<bool>), Error> {
        for (index, byte) in bytes.iter().enumerate() {
            let found = self.byte(*byte)?;
            self.count(*byte);
            if let Found::Item { is_last } = found {
                return Ok((index + 1, Some(is_last)));
            }
        }
        Ok((bytes.len(), None))
    }

    fn count(&mut self, byte: u8) {
        if byte == b'\n' {
            self.line += 1;
            self.column = 1;
        } else if byte & 0xc0 != 0x80 {
            self.column += 1;
        }
    }

    fn byte(&mut self, byte: u8) -> Result<Found, Error> {
        match self.state {
            State::Before => match byte {
                b' ' | b'\t' | b'\r' | b'\n' => (),
                // The mark that some programs put in front of UTF-8.
                0xef | 0xbb | 0xbf if self.line == 1 && self.column <= 2 => (),
                b'[' => self.state = State::Inside,
                _ => return Err(self.no_array()),
            },
            State::Inside => return Ok(self.inside(byte)),
            State::After | State::Done => {
                if !byte.is_ascii_whitespace() {
                    return Err(Error::usage("the input goes on behind the JSON array")
                        .because(format!("at line {}, column {}", self.line, self.column))
                        .hint("values one behind the other, a line each, are `--from ndjson`"));
                }
            }
        }
        Ok(Found::Nothing)
    }

    fn no_array(&self) -> Error {
        Error::usage("the input is no JSON array")
            .because(format!(
                "`[` expected, at line {}, column {}",
                self.line, self.column
            ))
            .hint("a JSON value on each line is `--from ndjson`")
    }

    fn inside(&mut self, byte: u8) -> Found {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
            }
        } else {
            match byte {
                b',' if self.depth == 0 => return Found::Item { is_last: false },
                b']' if self.depth == 0 => return Found::Item { is_last: true },
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                b'"' => self.in_string = true,
                _ => (),
            }
        }
        self.keep(byte);
        Found::Nothing
    }

    fn keep(&mut self, byte: u8) {
        if self.item_bytes == 0 {
            if byte.is_ascii_whitespace() {
                return;
            }
            self.begins = (self.line, self.column);
        }
        self.item_bytes += 1;
        if self.item.len() < self.bytes_max {
            self.item.push(byte);
        }
    }

    /// The item that has just ended; `None` for what is between the brackets of `[]`.
    pub(super) fn complete(&mut self, is_last: bool) -> Option<Record> {
        if is_last {
            self.state = State::After;
            if self.number == 0 && self.item_bytes == 0 {
                return None;
            }
        }
        if self.item_bytes == 0 {
            // The comma or bracket that was found where a value should be.
            self.begins = (self.line, self.column.saturating_sub(1).max(1));
        }
        let (line, column) = self.begins;
        let value = if self.item_bytes > self.item.len() as u64 {
            Err(Refusal::too_long(self.item_bytes, self.limits.bytes_max))
        } else {
            Value::from_json_slice(self.item.trim_ascii_end(), &self.limits)
                .map_err(|e| Refusal::json(&e, line, column))
        };
        Some(self.record(value))
    }

    fn record(&mut self, value: Result<Value, Refusal>) -> Record {
        self.number += 1;
        self.item.clear();
        self.item_bytes = 0;
        self.depth = 0;
        Record {
            place: Place::Item(self.number),
            value,
        }
    }

    /// The input ended.
    pub(super) fn end(&mut self) -> Result<Option<Record>, Error> {
        let state = std::mem::replace(&mut self.state, State::Done);
        match state {
            State::After | State::Done => Ok(None),
            State::Before if self.line == 1 && self.column == 1 => Ok(None),
            State::Before => Err(self.no_array()),
            State::Inside => {
                let message = format!(
                    "the text ends too early: `]` expected, at line {}, column {}",
                    self.line, self.column
                );
                Ok(Some(self.record(Err(Refusal::bad(message)))))
            }
        }
    }
}
