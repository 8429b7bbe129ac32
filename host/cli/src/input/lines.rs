//! NDJSON: a JSON value on each line. Empty lines are skipped, `\r\n` is a line's
//! end too, and the last line needs none.

use super::{Place, Record, Refusal, text_bytes_max, unreadable};
use crate::error::Error;
use std::io::{BufRead, Read};
use wodehost::Value;
use wodehost::value::ScanLimits;

/// See the module.
pub(crate) struct Lines<R> {
    reader: R,
    limits: ScanLimits,
    /// The line that is being read; kept, so that its memory is.
    line: Vec<u8>,
    /// Lines read so far.
    number: u64,
    /// The longest line that is kept.
    bytes_max: usize,
}

/// The mark that some programs put in front of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl<R: BufRead> Lines<R> {
    /// Reads lines of values within these limits.
    pub(crate) fn new(reader: R, limits: ScanLimits) -> Lines<R> {
        Lines {
            reader,
            limits,
            line: Vec::new(),
            number: 0,
            bytes_max: text_bytes_max(&limits),
        }
    }

    /// Reads a line; `None` at the end, otherwise how many of its bytes were not kept.
    fn read_line(&mut self) -> std::io::Result<Option<u64>> {
        self.line.clear();
        let kept_max = self.bytes_max as u64 + 1;
        let mut some = self.reader.by_ref().take(kept_max);
        if some.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.line.last() == Some(&b'\n') || self.line.len() as u64 <= self.bytes_max as u64 {
            return Ok(Some(0));
        }
        // No value can be that long: the rest is passed over.
        Ok(Some(self.reader.skip_until(b'\n')? as u64))
    }

    fn record(&self, passed_over: u64) -> Option<Record> {
        let text = match self.number {
            1 => self.line.strip_prefix(MARK).unwrap_or(&self.line),
            _ => &self.line,
        };
        let long = text.len() > self.bytes_max;
        let value = if long {
            let bytes = text.len() as u64 + passed_over;
            Err(Refusal::too_long(bytes, self.limits.bytes_max))
        } else {
            let text = text.trim_ascii_end();
            if text.trim_ascii_start().is_empty() {
                return None;
            }
            Value::from_json_slice(text, &self.limits)
                .map_err(|e| Refusal::json(&e, self.number, 1))
        };
        Some(Record {
            place: Place::Line(self.number),
            value,
        })
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read_line() {
                Ok(None) => return None,
                Ok(Some(passed_over)) => {
                    if let Some(record) = self.record(passed_over) {
                        return Some(Ok(record));
                    }
                }
                Err(error) => return Some(Err(unreadable(&error))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: ScanLimits = ScanLimits {
        bytes_max: 16,
        depth_max: 64,
    };

    /// Each record as its place and its JSON, or its place and why not.
    fn read(text: &[u8]) -> Vec<String> {
        Lines::new(text, SMALL)
            .map(|record| {
                let Record { place, value } = record.expect("readable");
                match value {
                    Ok(value) => format!("{place}: {}", value.to_json()),
                    Err(refusal) => format!("{place}: {}: {}", refusal.reason, refusal.message),
                }
            })
            .collect()
    }

    #[test]
    fn lines_are_values() {
        assert_eq!(
            read(b"1\r\n\n  \n[2]\n\"x\""),
            ["line 1: 1", "line 4: [2]", "line 5: \"x\""]
        );
        assert_eq!(read(b""), Vec::<String>::new());
        assert_eq!(read(b"\xef\xbb\xbf7\n"), ["line 1: 7"]);
    }

    #[test]
    fn a_wrong_line_fails_alone_with_its_place() {
        assert_eq!(
            read(b"1\n[1,,2]\n3\n"),
            [
                "line 1: 1",
                "line 2: bad-value: a value expected, at line 2, column 4 ($[1])",
                "line 3: 3"
            ]
        );
    }

    #[test]
    fn a_line_over_the_limit_fails_alone_and_is_not_kept() {
        let mut text = vec![b'"'];
        text.extend(std::iter::repeat_n(b'x', 100_000));
        text.extend(b"\"\n2\n\"aaaaaaaaaaaaaaaaaaaaaaaaaa\"\n");
        let mut lines = Lines::new(text.as_slice(), SMALL);
        let first = lines.next().expect("there").expect("readable");
        assert_eq!(
            first.value.expect_err("too long").message,
            "it has 97.7 KiB; a value may have 16 bytes"
        );
        assert!(lines.line.capacity() < 50_000);
        let rest: Vec<bool> = lines.map(|r| r.expect("readable").value.is_ok()).collect();
        assert_eq!(rest, [true, false]);
    }

    #[test]
    fn lines_come_out_as_they_went_in() {
        use proptest::prelude::*;
        proptest!(|(numbers in proptest::collection::vec(any::<i64>(), 0..50), crlf in any::<bool>())| {
            let end = if crlf { "\r\n" } else { "\n" };
            let lines: Vec<String> = numbers.iter().map(i64::to_string).collect();
            let text = lines.join(end);
            let read: Vec<i64> = Lines::new(text.as_bytes(), ScanLimits::default())
                .map(|r| r.expect("readable").value.expect("a number").as_i64().expect("signed"))
                .collect();
            prop_assert_eq!(read, numbers);
        });
    }
}
