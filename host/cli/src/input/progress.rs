//! How far an input was read, for whoever watches.

use super::Record;
use crate::error::Error;
use std::fs::File;
use std::io::{BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use wodehost::board::Source;

/// See the module. Counted by the reader, read by anybody.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// What there is in all, bytes; 0 = nobody knows.
    size: AtomicU64,
    bytes: AtomicU64,
    records: AtomicU64,
    refused: AtomicU64,
    has_ended: AtomicBool,
}

impl Progress {
    /// Notes how much there is, where it is a regular file.
    pub(super) fn measure(&self, file: &File) {
        let about = file.metadata();
        let size = about.map_or(0, |about| if about.is_file() { about.len() } else { 0 });
        self.size.store(size, Ordering::Relaxed);
    }

    fn take(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Counts what a reader gave; none = there is no more.
    pub(super) fn count(&self, next: Option<&Result<Record, Error>>) {
        match next {
            Some(Ok(record)) => {
                self.records.fetch_add(1, Ordering::Relaxed);
                let is_refused = record.value.is_err();
                self.refused.fetch_add(is_refused.into(), Ordering::Relaxed);
            }
            // The input is broken: the command says so.
            Some(Err(_)) => {}
            None => self.has_ended.store(true, Ordering::Relaxed),
        }
    }

    /// How far it is.
    pub(crate) fn source(&self) -> Source {
        let size = self.size.load(Ordering::Relaxed);
        let bytes = self.bytes.load(Ordering::Relaxed);
        Source {
            jobs: self.records.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            fraction: (size > 0).then(|| (bytes as f64 / size as f64).min(1.0)),
            has_ended: self.has_ended.load(Ordering::Relaxed),
        }
    }
}

/// A reader whose bytes are counted as they are taken out of its buffer: what is only
/// buffered is no record yet.
pub(super) struct Counted<R> {
    pub(super) reader: R,
    pub(super) progress: Arc<Progress>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.progress.take(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
        self.progress.take(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_how_much_of_it_was_read() {
        let mut file = tempfile::tempfile().expect("a file");
        std::io::Write::write_all(&mut file, b"1\n2\n3\n4\n").expect("room");
        let progress = Arc::new(Progress::default());
        progress.measure(&file);
        let mut reader = Counted {
            reader: &b"1\n2\n3\n4\n"[..],
            progress: progress.clone(),
        };
        reader.fill_buf().expect("it can be read");
        assert_eq!(progress.source().fraction, Some(0.0));
        let mut text = String::new();
        reader.read_line(&mut text).expect("a line");
        reader.read_exact(&mut [0; 2]).expect("another one");
        let refusal = crate::input::Refusal {
            reason: wodehost::Reason::BadValue,
            message: String::new(),
        };
        progress.count(Some(&Ok(Record {
            place: crate::input::Place::Line(1),
            value: Err(refusal),
        })));
        let source = Source {
            jobs: 1,
            refused: 1,
            fraction: Some(0.5),
            has_ended: false,
        };
        assert_eq!(progress.source(), source);
        progress.count(None);
        assert!(progress.source().has_ended);
        assert_eq!(Progress::default().source().fraction, None);
    }
}
