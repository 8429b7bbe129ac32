//! Where a store's file is, and the files beside it.

use super::fault::{Result, Trouble};
use crate::store::Fault;
use std::fmt::Write;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file that belongs to a store and has this ending.
pub(super) fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The whole path: SQLite takes names such as `file:…` and `:memory:` for something else than
/// a file.
pub(super) fn whole(path: &Path) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(Trouble::new(Fault::Open, "the name is empty"));
    }
    let path = std::path::absolute(path)?;
    if path.as_os_str().as_bytes().contains(&0) {
        return Err(Trouble::new(Fault::Open, "the name has a NUL in it"));
    }
    Ok(path)
}

/// Whether there is a file, which then is one: no folder, no link, no pipe.
pub(super) fn is_there(path: &Path) -> Result<bool> {
    let found = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found?,
    };
    let kind = found.file_type();
    let other = if kind.is_dir() {
        "it is a folder"
    } else if kind.is_symlink() {
        "it is a symbolic link; name the file itself"
    } else if !kind.is_file() {
        "it is no file"
    } else {
        return Ok(true);
    };
    Err(Trouble::new(Fault::Open, other))
}

/// Whether the file is there and has something in it.
pub(super) fn has_bytes(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.len() > 0)
}

/// What a store looks like from outside: it is another one, or has changed, where this has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    store: Look,
    /// What was not yet written back.
    log: Option<Look>,
    has_index: bool,
}

/// What a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    device: u64,
    inode: u64,
    len: u64,
    changed: (i64, i64),
}

impl Look {
    fn of(path: &Path) -> Result<Look> {
        let found = path.symlink_metadata()?;
        Ok(Look {
            device: found.dev(),
            inode: found.ino(),
            len: found.len(),
            changed: (found.mtime(), found.mtime_nsec()),
        })
    }
}

impl Seen {
    pub(super) fn of(store: &Path) -> Result<Seen> {
        let log = beside(store, "-wal");
        Ok(Seen {
            store: Look::of(store)?,
            log: Look::of(&log).ok().filter(|log| log.len > 0),
            has_index: beside(store, "-shm").symlink_metadata().is_ok(),
        })
    }

    /// Somebody has the store open, or died with it.
    pub(super) fn is_shared(&self) -> bool {
        self.has_index
    }

    pub(super) fn has_log(&self) -> bool {
        self.log.is_some()
    }
}

/// A file that was made under another name gets its own, for good.
pub(super) fn publish(made: &Path, path: &Path) -> Result<()> {
    File::open(made)?.sync_all()?;
    std::fs::rename(made, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// The name of a file for SQLite, which then only reads it and makes no others beside it.
pub(super) fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri.push_str("?immutable=1");
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_say_more_than_a_name() {
        let path = Path::new("/a b/c?mode=rwc&x#%41");
        assert_eq!(
            immutable(path),
            "file:/a%20b/c%3fmode%3drwc%26x%23%2541?immutable=1"
        );
        let path = whole(Path::new("file:x?mode=memory")).expect("a name");
        assert!(path.is_absolute());
        assert_eq!(path.file_name(), Some("file:x?mode=memory".as_ref()));
    }
}
