//! Checksums of rows: what is read is what was written.
//!
//! A row of a job has two. `sum` is for what is small, and is all that a list reads; `bulk` is
//! for values. Each is the exclusive or of the sums of its parts, so that a change of one part
//! needs neither to read nor to trust the others: what was wrong before stays wrong, and is
//! noticed by whoever reads it.

use rusqlite::types::ValueRef;

/// Whose bytes are added up: two parts that are equal do not cancel each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Came = 1,
    Key,
    Run,
    Said,
    Value,
    Carried,
    Data,
    Receipt,
    More,
    Past,
    Session,
    Cursor,
    Large,
    Meta,
    Reset,
    Under,
}

/// Adds up one part.
#[derive(Debug)]
pub(super) struct Sum(Vec<u8>);

impl Sum {
    pub(super) fn of(part: Part) -> Sum {
        let mut bytes = Vec::with_capacity(192);
        bytes.push(part as u8);
        Sum(bytes)
    }

    pub(super) fn int(mut self, number: i64) -> Sum {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(super) fn ints(self, numbers: &[i64]) -> Sum {
        numbers.iter().fold(self, |sum, number| sum.int(*number))
    }

    pub(super) fn bytes(self, bytes: &[u8]) -> Sum {
        let mut sum = self.int((bytes.len() as u64).cast_signed());
        sum.0.extend_from_slice(bytes);
        sum
    }

    pub(super) fn maybe(self, bytes: Option<&[u8]>) -> Sum {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.int(-1),
        }
    }

    pub(super) fn end(&self) -> u32 {
        crc32fast::hash(&self.0)
    }
}

/// The sum of a column as it is stored; 0 where there is nothing.
pub(super) fn column(part: Part, value: ValueRef<'_>) -> u32 {
    let (kind, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => return 0,
        ValueRef::Integer(number) => return Sum::of(part).int(number).end(),
        ValueRef::Real(number) => return Sum::of(part).int(number.to_bits().cast_signed()).end(),
        ValueRef::Text(bytes) => (b't', bytes),
        ValueRef::Blob(bytes) => (b'b', bytes),
    };
    let mut hash = crc32fast::Hasher::new();
    hash.update(&[part as u8, kind]);
    hash.update(bytes);
    hash.finalize()
}

/// A sum as SQLite keeps it in four bytes.
pub(super) fn stored(sum: u32) -> i64 {
    i64::from(sum.cast_signed())
}
