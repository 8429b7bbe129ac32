//! Which attempts have really started: what tells the jobs that may have killed their host from
//! those that only waited beside them.
//!
//! Jobs are claimed in batches, long before they start, so that the claims of a host that died
//! say little. When an attempt starts, its job is written into a small file beside the store,
//! one place for each loop. It is never waited for: it is there for the death of a process, after
//! which the system still has what was written, and not for that of the machine, which no job
//! has on its conscience.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The bytes of one place: number, attempt, flags, check.
const PLACE: usize = 8 + 4 + 4 + 8;

/// That it ran alone.
const ALONE: u32 = 1;

/// See the module.
#[derive(Debug)]
pub(crate) struct Marks {
    file: File,
}

/// An attempt that had started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The job's number.
    pub(crate) number: u64,
    /// Which attempt.
    pub(crate) attempt: u32,
    /// Whether nothing else could run beside it.
    pub(crate) is_alone: bool,
}

/// Where the marks of a store are.
pub(crate) fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push("-running");
    PathBuf::from(name)
}

impl Marks {
    /// Begins anew.
    pub(crate) fn create(path: &Path) -> io::Result<Marks> {
        Ok(Marks {
            file: File::create(path)?,
        })
    }

    /// What the last host has left; none where it left nothing that can be read.
    pub(crate) fn read(path: &Path) -> Option<Vec<Mark>> {
        let bytes = std::fs::read(path).ok()?;
        let places = bytes.chunks_exact(PLACE);
        Some(places.filter_map(Mark::of_bytes).collect())
    }

    /// An attempt starts in this place; what stood there is over.
    pub(crate) fn put(&self, place: usize, mark: Mark) {
        // Without it more jobs than need be are suspects, should this process die.
        let _ = self
            .file
            .write_all_at(&mark.to_bytes(), (place * PLACE) as u64);
    }

    /// Nothing runs any more.
    pub(crate) fn clear(&self) {
        let _ = self.file.set_len(0);
    }
}

impl Mark {
    fn to_bytes(self) -> [u8; PLACE] {
        let flags = if self.is_alone { ALONE } else { 0 };
        let mut bytes = [0; PLACE];
        bytes[..8].copy_from_slice(&self.number.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.attempt.to_le_bytes());
        bytes[12..16].copy_from_slice(&flags.to_le_bytes());
        bytes[16..].copy_from_slice(&self.check().to_le_bytes());
        bytes
    }

    /// None for a place that was never used, or half written.
    fn of_bytes(bytes: &[u8]) -> Option<Mark> {
        let (number, rest) = bytes.split_first_chunk::<8>()?;
        let (attempt, rest) = rest.split_first_chunk::<4>()?;
        let (flags, check) = rest.split_first_chunk::<4>()?;
        let is_alone = match u32::from_le_bytes(*flags) {
            0 => false,
            ALONE => true,
            _ => return None,
        };
        let mark = Mark {
            number: u64::from_le_bytes(*number),
            attempt: u32::from_le_bytes(*attempt),
            is_alone,
        };
        let check: [u8; 8] = check.try_into().ok()?;
        (u64::from_le_bytes(check) == mark.check()).then_some(mark)
    }

    /// Tells a place that was written in part.
    fn check(self) -> u64 {
        let mixed = self.number ^ (u64::from(self.attempt) << 32) ^ u64::from(self.is_alone);
        // The odd number is 2^64 divided by the golden ratio: neighbours get far apart.
        !mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_started_last_in_each_place_is_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = beside(&folder.path().join("jobs.db"));
        assert!(path.ends_with("jobs.db-running"));
        assert_eq!(Marks::read(&path), None);
        let marks = Marks::create(&path).expect("writable");
        let mark = |number, is_alone| Mark {
            number,
            attempt: 2,
            is_alone,
        };
        marks.put(0, mark(7, false));
        marks.put(3, mark(u64::MAX, true));
        marks.put(0, mark(8, false));
        let found = Marks::read(&path);
        assert_eq!(found, Some(vec![mark(8, false), mark(u64::MAX, true)]));
        marks.clear();
        assert_eq!(Marks::read(&path), Some(Vec::new()));
    }

    #[test]
    fn a_place_that_was_half_written_says_nothing() {
        let whole = Mark {
            number: 1000,
            attempt: 1,
            is_alone: true,
        };
        for byte in 0..PLACE {
            let mut bytes = whole.to_bytes();
            bytes[byte] ^= 1;
            let read = Mark::of_bytes(&bytes);
            assert_ne!(read, Some(whole), "byte {byte}");
            assert_eq!(read, None, "byte {byte}");
        }
    }
}
