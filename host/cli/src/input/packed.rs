//! A stream of `MessagePack` values, one behind the other.
//!
//! Only a value itself says where it ends. Where one is damaged, nothing behind it
//! can be found: that record is a refusal and the last. One that is sound but over
//! the limit fails alone.

use super::{Place, Record, Refusal, unreadable};
use crate::error::Error;
use std::io::BufRead;
use wodehost::Value;
use wodehost::value::{Progress, ScanLimits, Scanner};

/// Sound values up to this size are passed over when they are too large for a job.
const PASSED_OVER_MAX: usize = 64 << 20;

/// See the module.
pub(crate) struct Packed<R> {
    reader: R,
    limits: ScanLimits,
    buffer: Vec<u8>,
    /// How much of the buffer has been taken.
    taken: usize,
    /// Where the next value begins in the input.
    start: u64,
    number: u64,
    done: bool,
}

impl<R: BufRead> Packed<R> {
    /// Reads values within these limits.
    pub(crate) fn new(reader: R, limits: ScanLimits) -> Packed<R> {
        Packed {
            reader,
            limits,
            buffer: Vec::new(),
            taken: 0,
            start: 0,
            number: 0,
            done: false,
        }
    }

    fn advance(&mut self) -> Result<Option<Record>, Error> {
        let mut scanner = Scanner::new(ScanLimits {
            bytes_max: self.limits.bytes_max.max(PASSED_OVER_MAX),
            ..self.limits
        });
        loop {
            let rest = &self.buffer[self.taken..];
            if !rest.is_empty() {
                match scanner.resume(rest) {
                    Ok(Progress::Complete { bytes }) => return Ok(Some(self.take(bytes))),
                    Ok(Progress::Incomplete { .. }) => (),
                    Err(error) => {
                        return Ok(Some(self.damaged(&Refusal::packed(&error, self.start))));
                    }
                }
            }
            if !self.fill()? {
                self.done = true;
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                let end = self.start + self.buffer.len() as u64;
                let cut = Refusal::bad(format!("the input ends inside the value, at byte {end}"));
                return Ok(Some(self.record(Err(cut))));
            }
        }
    }

    /// Takes more into the buffer; false at the end of the input.
    fn fill(&mut self) -> Result<bool, Error> {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        loop {
            match self.reader.fill_buf() {
                Ok(more) => {
                    let bytes = more.len();
                    self.buffer.extend_from_slice(more);
                    self.reader.consume(bytes);
                    return Ok(bytes > 0);
                }
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => (),
                Err(e) => return Err(unreadable(&e)),
            }
        }
    }

    fn take(&mut self, bytes: usize) -> Record {
        let value = self.buffer[self.taken..self.taken + bytes].to_vec();
        let value = Value::check(value, &self.limits).map_err(|e| Refusal::packed(&e, self.start));
        self.taken += bytes;
        self.start += bytes as u64;
        self.record(value)
    }

    fn damaged(&mut self, refusal: &Refusal) -> Record {
        self.done = true;
        let message = format!("{}; what follows cannot be read", refusal.message);
        let reason = refusal.reason;
        self.record(Err(Refusal { reason, message }))
    }

    fn record(&mut self, value: Result<Value, Refusal>) -> Record {
        self.number += 1;
        Record {
            place: Place::Item(self.number),
            value,
        }
    }
}

impl<R: BufRead> Iterator for Packed<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.advance();
        self.done |= next.is_err();
        next.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<String> {
        let reader = std::io::BufReader::with_capacity(2, bytes);
        let limits = ScanLimits {
            bytes_max: 8,
            depth_max: 64,
        };
        Packed::new(reader, limits)
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
    fn values_come_one_behind_the_other() {
        assert_eq!(
            read(b"\x01\xa1x\x92\x02\xc0"),
            ["item 1: 1", "item 2: \"x\"", "item 3: [2,null]"]
        );
        assert_eq!(read(b""), Vec::<String>::new());
    }

    #[test]
    fn a_large_value_fails_alone() {
        let found = read(b"\x01\xa9xxxxxxxxx\x02");
        assert_eq!(found[0], "item 1: 1");
        assert!(
            found[1].starts_with("item 2: value-too-large: "),
            "{}",
            found[1]
        );
        assert_eq!(found[2], "item 3: 2");
    }

    #[test]
    fn a_damaged_value_ends_the_stream() {
        let found = read(b"\x01\xc1\x02");
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[1],
            "item 2: bad-value: 0xc1 is not a MessagePack byte, at byte 1 ($); what follows cannot be read"
        );
        let found = read(b"\x01\x92\x02");
        assert_eq!(
            found[1],
            "item 2: bad-value: the input ends inside the value, at byte 3"
        );
    }
}
