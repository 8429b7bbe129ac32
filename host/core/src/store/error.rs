//! Why a store cannot be used.

use std::path::PathBuf;

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be opened or made: no such folder, no permission.
    Open,
    /// The file may not be written, or stands in a folder that may not.
    ReadOnly,
    /// Another host has it.
    InUse,
    /// The file is something else.
    Foreign,
    /// A newer version of this program made it.
    Newer,
    /// It is damaged.
    Corrupt,
    /// There is no more room; what is tried again later may work.
    Full,
    /// The machine failed to read or write.
    Io,
    /// The library that keeps it is not the one that was tested.
    Library,
    /// Our own fault.
    Internal,
}

/// Why a store cannot be used, or did not take a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct StoreError {
    /// The store's file; empty for one in memory.
    pub path: PathBuf,
    /// What sort of error it is.
    pub fault: Fault,
    /// The sentence for people.
    pub what: String,
}

impl Fault {
    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            Fault::Open => "name a file in a folder that exists and that you may write to",
            Fault::ReadOnly => "name a file in a folder that you may write to",
            Fault::InUse => "wait for the other one, or name another file",
            Fault::Foreign => "name a file that wodehost made, or one that does not exist yet",
            Fault::Newer => "use the version of wodehost that made it, or a later one",
            Fault::Corrupt => {
                "the file was left as it is: go back to a backup (`wodehost jobs backup`), or name \
                 another file"
            }
            Fault::Full => "make room on the disk; nothing that was recorded is lost",
            Fault::Io => "look at the disk; nothing that was recorded was changed",
            Fault::Library | Fault::Internal => "this is a fault of wodehost; please report it",
        })
    }
}
