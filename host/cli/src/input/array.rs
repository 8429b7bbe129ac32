//! A JSON array, item by item: one larger than memory is read like any other.
//!
//! This splits only. It follows brackets and strings to find where an item ends,
//! and leaves it to the reader of values to say what is wrong inside.

use super::{Place, Record, Refusal, text_bytes_max, unreadable};
use crate::error::Error;
use std::io::BufRead;
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

/// See the module.
pub(crate) struct Array<R> {
    reader: R,
    splitter: Splitter,
}

/// What is known of the bytes so far; knows nothing of where they come from.
struct Splitter {
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

impl<R: BufRead> Array<R> {
    /// Reads an array of values within these limits.
    pub(crate) fn new(reader: R, limits: ScanLimits) -> Array<R> {
        let splitter = Splitter {
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
        };
        Array { reader, splitter }
    }

    /// Reads until an item is complete.
    fn advance(&mut self) -> Result<Option<Record>, Error> {
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(unreadable(&e)),
            };
            if buffer.is_empty() {
                return self.splitter.end();
            }
            let (read, is_last) = self.splitter.until_item(buffer)?;
            self.reader.consume(read);
            if let Some(is_last) = is_last {
                return Ok(self.splitter.complete(is_last));
            }
        }
    }
}

impl Splitter {
    /// Goes on to the end of an item: how many bytes were read, and when an item
    /// ended there, whether it is the last.
    fn until_item(&mut self, bytes: &[u8]) -> Result<(usize, Option<bool>), Error> {
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
    fn complete(&mut self, is_last: bool) -> Option<Record> {
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
    fn end(&mut self) -> Result<Option<Record>, Error> {
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

impl<R: BufRead> Iterator for Array<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.splitter.state != State::Done {
            match self.advance() {
                Ok(Some(record)) => return Some(Ok(record)),
                // `[]`: what follows it is still to be read.
                Ok(None) => (),
                Err(error) => {
                    self.splitter.state = State::Done;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        // A small buffer, so that items are torn apart.
        let reader = std::io::BufReader::with_capacity(3, text.as_bytes());
        let limits = ScanLimits {
            bytes_max: 32,
            depth_max: 64,
        };
        Array::new(reader, limits)
            .map(|record| match record {
                Ok(Record {
                    place,
                    value: Ok(value),
                }) => format!("{place}: {}", value.to_json()),
                Ok(Record {
                    place,
                    value: Err(why),
                }) => format!("{place}: {}", why.message),
                Err(error) => error.one_line(),
            })
            .collect()
    }

    #[test]
    fn items_are_values() {
        assert_eq!(
            read("[1, [2, {\"a\": \"],\\\"\"}],\n \"x\" ]\n"),
            [
                "item 1: 1",
                "item 2: [2,{\"a\":\"],\\\"\"}]",
                "item 3: \"x\""
            ]
        );
        assert_eq!(read("[]"), Vec::<String>::new());
        assert_eq!(read(" [ \n ] \n"), Vec::<String>::new());
        assert_eq!(read(""), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_item_fails_alone_with_its_place() {
        assert_eq!(
            read("[1,\n  x2,\n 3]"),
            [
                "item 1: 1",
                "item 2: a value expected, at line 2, column 3 ($)",
                "item 3: 3"
            ]
        );
        assert_eq!(
            read("[1,,2,]"),
            [
                "item 1: 1",
                "item 2: the text ends too early: a value expected, at line 1, column 4 ($)",
                "item 3: 2",
                "item 4: the text ends too early: a value expected, at line 1, column 7 ($)"
            ]
        );
        assert_eq!(read("[{\"a\": ], 2]")[1], "item 2: 2");
    }

    #[test]
    fn an_item_over_the_limit_is_not_kept() {
        let text = format!("[\"{}\", 2]", "x".repeat(50_000));
        assert_eq!(
            read(&text),
            [
                "item 1: it has 48.8 KiB; a value may have 32 bytes",
                "item 2: 2"
            ]
        );
    }

    #[test]
    fn what_is_no_array_is_told_at_once() {
        assert_eq!(
            read("{\"a\": 1}"),
            ["the input is no JSON array: `[` expected, at line 1, column 1"]
        );
        assert_eq!(
            read("[1"),
            ["item 1: the text ends too early: `]` expected, at line 1, column 3"]
        );
        assert_eq!(
            read("[1] 2"),
            [
                "item 1: 1",
                "the input goes on behind the JSON array: at line 1, column 5"
            ]
        );
    }

    #[test]
    fn an_array_is_read_like_its_items() {
        use proptest::prelude::*;
        proptest!(|(texts in proptest::collection::vec("[a-z\"\\\\\\[\\]{},: ]{0,8}", 0..20))| {
            let items: Vec<Value> = texts.iter().map(|t| Value::from(t.as_str())).collect();
            let json = Value::array(&items).to_json_pretty();
            let reader = std::io::BufReader::with_capacity(7, json.as_bytes());
            let read: Vec<Value> = Array::new(reader, ScanLimits::default())
                .map(|r| r.expect("readable").value.expect("a value"))
                .collect();
            prop_assert_eq!(read, items);
        });
    }
}
