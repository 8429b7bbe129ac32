//! The job's bytes and how far they have been read.

use std::ops::Range;

use bytes::Bytes;

/// What is wrong with the bytes; continues "the job's value …".
pub(crate) type Malformed = &'static str;

pub(crate) const ENDS: Malformed = "ends too early";

pub(crate) struct Cursor {
    pub(crate) job: Bytes,
    /// Where the next byte is, at most the end.
    place: usize,
}

impl Cursor {
    pub(crate) fn new(job: Vec<u8>) -> Self {
        Self {
            job: job.into(),
            place: 0,
        }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.place == self.job.len()
    }

    /// How much room to make for so many items: each has a byte at least, so a
    /// wrong count does not fill the memory.
    pub(crate) fn at_most(&self, count: usize) -> usize {
        count.min(self.job.len() - self.place)
    }

    /// A big-endian count of so many bytes.
    pub(crate) fn length<const WIDTH: usize>(&mut self) -> Result<usize, Malformed> {
        let bytes = self.number::<WIDTH>()?;
        Ok(bytes
            .iter()
            .fold(0, |length, &byte| length << 8 | usize::from(byte)))
    }

    /// The next bytes, for a number.
    pub(crate) fn number<const WIDTH: usize>(&mut self) -> Result<[u8; WIDTH], Malformed> {
        let range = self.take(WIDTH)?;
        self.job[range].try_into().map_err(|_| ENDS)
    }

    /// The place of the next bytes, which is then behind.
    pub(crate) fn take(&mut self, length: usize) -> Result<Range<usize>, Malformed> {
        if length > self.job.len() - self.place {
            return Err(ENDS);
        }
        let start = self.place;
        self.place += length;
        Ok(start..self.place)
    }
}
