//! A JSON array, item by item: one larger than memory is read like any other.

use super::split::Splitter;
use super::{Record, unreadable};
use crate::error::Error;
use std::io::BufRead;
use wodehost::value::ScanLimits;

/// See the module.
pub(crate) struct Array<R> {
    reader: R,
    splitter: Splitter,
}

impl<R: BufRead> Array<R> {
    /// Reads an array of values within these limits.
    pub(crate) fn new(reader: R, limits: ScanLimits) -> Array<R> {
        let splitter = Splitter::new(limits);
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

impl<R: BufRead> Iterator for Array<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.splitter.is_done() {
            match self.advance() {
                Ok(Some(record)) => return Some(Ok(record)),
                // `[]`: what follows it is still to be read.
                Ok(None) => (),
                Err(error) => {
                    self.splitter.give_up();
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
    use wodehost::Value;

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
