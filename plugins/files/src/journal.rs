//! What a consumer was given, one JSON line each, in a file of its own folder.
//!
//! A consumer that traps is restarted with nothing in memory, and what it had
//! taken before is not delivered again. A checkpoint would carry that over, but
//! holds 256 KiB at most, which a thousand entries exceed. So each delivery is
//! appended here, and the checkpoint only says that the run has begun: whoever
//! finds no checkpoint starts an empty journal, everyone else goes on with it.
//!
//! The delivery that met the trap comes twice. Readers therefore let a later
//! record stand for an earlier one with the same key. The journal does not know
//! keys; a line that was cut off by the trap is passed over.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// Begins an empty journal, whatever stood there.
    pub fn begin(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::create(path)?,
        })
    }

    /// Goes on with the journal of before the restart.
    pub fn resume(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        if file.seek(SeekFrom::End(0))? > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                // Closes the line that the trap cut off.
                file.write_all(b"\n")?;
            }
        }
        Ok(Self { file })
    }

    /// Adds one record, in one write.
    pub fn append<T: Serialize>(&mut self, record: &T) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}

/// The records of the journal at `path`, in order.
pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<impl Iterator<Item = io::Result<T>>> {
    let lines = BufReader::new(File::open(path)?).split(b'\n');
    Ok(lines.filter_map(|line| match line {
        Ok(line) => serde_json::from_slice(&line).ok().map(Ok),
        Err(error) => Some(Err(error)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(path: &Path) -> Vec<u32> {
        read(path).unwrap().map(|record| record.unwrap()).collect()
    }

    #[test]
    fn a_journal_outlives_its_writer_and_ends_with_the_next_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::begin(&path).unwrap();
        journal.append(&1).unwrap();
        let mut journal = Journal::resume(&path).unwrap();
        journal.append(&2).unwrap();
        assert_eq!(records(&path), [1, 2]);
        Journal::begin(&path).unwrap();
        assert_eq!(records(&path), [] as [u32; 0]);
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "1\n[2, ").unwrap();
        Journal::resume(&path).unwrap().append(&3).unwrap();
        assert_eq!(records(&path), [1, 3]);
    }

    #[test]
    fn a_journal_that_was_never_written_can_be_resumed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        Journal::resume(&path).unwrap().append(&1).unwrap();
        assert_eq!(records(&path), [1]);
    }
}
