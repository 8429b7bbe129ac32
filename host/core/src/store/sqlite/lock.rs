//! The lock beside a store's file: one host at a time writes.
//!
//! The lock is the kernel's and goes with the process, however that ends. The file stays; in
//! it stands who has the lock and since when, for the one who is refused.

use super::fault::{Result, Trouble};
use super::place::beside;
use crate::store::Fault;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The lock, as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    /// The file was not there before.
    is_new: bool,
}

/// The process that signed last: the one that has the lock, if anybody has.
pub(super) fn signed_by(store: &Path) -> Option<u32> {
    let path = beside(store, "-lock");
    // To open a pipe would wait for somebody who writes to it.
    let found = path.symlink_metadata().ok().filter(Metadata::is_file);
    found.and_then(|_| signature(&File::open(path).ok()?))
}

fn signature(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(100).read_to_string(&mut text).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

impl Lock {
    /// Takes the lock of this store.
    pub(super) fn take(store: &Path) -> Result<Lock> {
        let path = beside(store, "-lock");
        let is_new = match path.symlink_metadata() {
            Ok(found) if !found.is_file() => {
                let what = format!("{} is no file", path.display());
                return Err(Trouble::new(Fault::Open, what));
            }
            found => found.is_err(),
        };
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let mut lock = Lock { file, path, is_new };
        match lock.file.try_lock() {
            Ok(()) => lock.sign()?,
            Err(TryLockError::WouldBlock) => {
                return Err(Trouble::new(Fault::InUse, lock.holder()));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(lock)
    }

    fn sign(&mut self) -> Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_ms = now.unwrap_or_default().as_millis();
        self.file.set_len(0)?;
        self.file.rewind()?;
        let signature = format!("{} {now_ms}\n", std::process::id());
        Ok(self.file.write_all(signature.as_bytes())?)
    }

    /// Who has it, as a sentence.
    fn holder(&self) -> String {
        match signature(&self.file) {
            Some(pid) => format!("process {pid} uses it"),
            // It has not signed yet.
            None => "another process uses it".to_owned(),
        }
    }

    /// Gives it up where nothing came of it, and leaves nothing beside a file that is not ours.
    pub(super) fn withdraw(self) {
        if self.is_new {
            // Whoever waits for nothing is not harmed: the lock file of no store.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_is_first() {
        let folder = tempfile::tempdir().expect("folder");
        let store = folder.path().join("jobs");
        let first = Lock::take(&store).expect("free");
        let second = Lock::take(&store).expect_err("taken");
        assert_eq!(second.fault, Fault::InUse);
        let pid = std::process::id();
        assert_eq!(second.what, format!("process {pid} uses it"));
        drop(first);
        Lock::take(&store).expect("free again");
        let text = std::fs::read_to_string(folder.path().join("jobs-lock")).expect("stays");
        assert!(text.starts_with(&format!("{pid} ")), "{text}");
    }
}
