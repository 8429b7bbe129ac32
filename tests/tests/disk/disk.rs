//! A disk that can fail, and lose what was not synced.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Something is done to a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act<'a> {
    /// At an offset.
    Write(u64, &'a [u8]),
    /// What of a write that fails gets there.
    Torn(u64, &'a [u8]),
    Truncate(u64),
    Sync,
    Delete,
}

/// What the machine says when it does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    Io,
    Full,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    Nothing,
    /// The act with this number fails, and no other one.
    Fails(u64),
    /// From the act with this number on nothing can be written.
    Full(u64),
    /// From the act with this number on there is no power.
    Dead(u64),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) plan: Plan,
    /// It says that it has synced, and has not.
    pub(super) lies: bool,
    /// Acts so far.
    pub(super) count: u64,
    files: HashMap<PathBuf, File>,
}

#[derive(Debug, Default)]
struct File {
    /// What is there whatever happens.
    synced: Vec<u8>,
    /// What came since.
    since: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

/// Disks write no less at once.
const SECTOR: usize = 512;

impl Disk {
    pub(super) fn new(plan: Plan) -> Disk {
        Disk {
            plan,
            lies: false,
            count: 0,
            files: HashMap::new(),
        }
    }

    /// What is in a file that was not seen before counts as synced.
    pub(super) fn opened(&mut self, path: &Path) {
        let bytes = std::fs::read(path).unwrap_or_default();
        if bytes.is_empty() {
            self.files.remove(path);
        }
        self.files.entry(path.to_owned()).or_insert_with(|| File {
            synced: bytes,
            since: Vec::new(),
        });
    }

    pub(super) fn take(&mut self, path: &Path, act: Act<'_>) -> Result<(), Failure> {
        let fails = match (self.plan, act) {
            (Plan::Dead(at), Act::Torn(..)) if self.count >= at => return Err(Failure::Io),
            (_, Act::Torn(..)) => None,
            (plan, act) => {
                self.count += 1;
                match plan {
                    Plan::Fails(at) if self.count == at => Some(Failure::Io),
                    Plan::Dead(at) if self.count >= at => Some(Failure::Io),
                    Plan::Full(at) if self.count >= at && matches!(act, Act::Write(..)) => {
                        Some(Failure::Full)
                    }
                    Plan::Nothing | Plan::Fails(_) | Plan::Dead(_) | Plan::Full(_) => None,
                }
            }
        };
        if let Some(failure) = fails {
            return Err(failure);
        }
        let file = self.files.entry(path.to_owned()).or_default();
        match act {
            Act::Write(at, bytes) | Act::Torn(at, bytes) => {
                file.since.push(Change::Write(at, bytes.to_owned()));
            }
            Act::Truncate(len) => file.since.push(Change::Truncate(len)),
            Act::Sync if self.lies => {}
            Act::Sync => {
                for change in std::mem::take(&mut file.since) {
                    change.apply(&mut file.synced);
                }
            }
            Act::Delete => {
                self.files.remove(path);
            }
        }
        Ok(())
    }

    /// The power comes back: the files are what was synced, and of what came since, those parts that
    /// `luck` says.
    pub(super) fn cut(self, mut luck: impl FnMut() -> bool) {
        for (path, mut file) in self.files {
            for change in file.since {
                match change {
                    Change::Write(at, bytes) => {
                        for (place, sector) in bytes.chunks(SECTOR).enumerate() {
                            if luck() {
                                let at = at + (place * SECTOR) as u64;
                                Change::Write(at, sector.to_owned()).apply(&mut file.synced);
                            }
                        }
                    }
                    truncate @ Change::Truncate(_) if luck() => truncate.apply(&mut file.synced),
                    Change::Truncate(_) => {}
                }
            }
            if path.exists() {
                std::fs::write(path, file.synced).unwrap();
            }
        }
    }
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>) {
        match self {
            Change::Write(at, written) => {
                let (at, end) = (at as usize, at as usize + written.len());
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[at..end].copy_from_slice(&written);
            }
            Change::Truncate(len) => bytes.resize(len as usize, 0),
        }
    }
}
