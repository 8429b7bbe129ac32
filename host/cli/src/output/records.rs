//! A stream of values on stdout: JSON lines, a JSON array, or `MessagePack`.

use crate::error::Error;
use crate::printer::DataOut;
use std::time::Instant;
use wodehost::Value;

/// How a stream of values is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Encoding {
    /// A JSON value on each line.
    Jsonl,
    /// One JSON array.
    Json,
    /// `MessagePack` values one behind the other.
    Msgpack,
}

/// Writes values as they come.
pub(crate) struct Records {
    out: DataOut,
    encoding: Encoding,
    is_first: bool,
}

impl Records {
    /// Nothing written yet.
    pub(crate) fn new(encoding: Encoding) -> Records {
        Records {
            out: DataOut::new(),
            encoding,
            is_first: true,
        }
    }

    /// Writes a value.
    pub(crate) fn put(&mut self, value: &Value) -> Result<(), Error> {
        encode(self.encoding, self.is_first, value, self.out.buffer());
        self.is_first = false;
        self.out.gather()
    }

    /// When what was gathered should be written although it is little.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.out.due()
    }

    /// Writes what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.out.flush()
    }

    /// Ends the stream.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        end(self.encoding, self.is_first, self.out.buffer());
        self.out.flush()
    }
}

fn encode(encoding: Encoding, is_first: bool, value: &Value, out: &mut Vec<u8>) {
    match encoding {
        Encoding::Msgpack => out.extend_from_slice(value.as_bytes()),
        Encoding::Jsonl => {
            json(value, out);
            out.push(b'\n');
        }
        Encoding::Json => {
            out.extend_from_slice(if is_first { b"[\n" } else { b",\n" });
            json(value, out);
        }
    }
}

fn json(value: &Value, out: &mut Vec<u8>) {
    // Writing into a vector does not fail.
    let _ = value.write_json(out);
}

fn end(encoding: Encoding, is_empty: bool, out: &mut Vec<u8>) {
    match encoding {
        Encoding::Json if is_empty => out.extend_from_slice(b"[]\n"),
        Encoding::Json => out.extend_from_slice(b"\n]\n"),
        Encoding::Jsonl | Encoding::Msgpack => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(encoding: Encoding, values: &[Value]) -> Vec<u8> {
        let mut out = Vec::new();
        for (index, value) in values.iter().enumerate() {
            encode(encoding, index == 0, value, &mut out);
        }
        end(encoding, values.is_empty(), &mut out);
        out
    }

    #[test]
    fn each_encoding_reads_back() {
        let values = [Value::from(1_u64), Value::from("a\nb")];
        assert_eq!(written(Encoding::Jsonl, &values), b"1\n\"a\\nb\"\n");
        assert_eq!(written(Encoding::Json, &values), b"[\n1,\n\"a\\nb\"\n]\n");
        assert_eq!(written(Encoding::Msgpack, &values), b"\x01\xa3a\nb");
        assert_eq!(written(Encoding::Json, &[]), b"[]\n");
        assert_eq!(written(Encoding::Jsonl, &[]), b"");
    }
}
