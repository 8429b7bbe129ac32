//! What SQLite says went wrong, as a [`Fault`] and a sentence.

use crate::store::{Fault, StoreError};
use rusqlite::ErrorCode;
use rusqlite::ffi;
use std::io;
use std::path::Path;

/// An error of a store whose path is added later.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) fault: Fault,
    pub(super) what: String,
}

pub(super) type Result<T> = std::result::Result<T, Trouble>;

impl Trouble {
    pub(super) fn new(fault: Fault, what: impl Into<String>) -> Trouble {
        Trouble {
            fault,
            what: what.into(),
        }
    }

    /// The file says something that was never written.
    pub(super) fn damaged(what: impl Into<String>) -> Trouble {
        Trouble::new(Fault::Corrupt, what)
    }

    pub(super) fn at(self, path: &Path) -> StoreError {
        StoreError {
            path: path.to_owned(),
            fault: self.fault,
            what: self.what,
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Trouble {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "all the others are about how we call it"
        )]
        let fault = match &error {
            rusqlite::Error::SqliteFailure(failure, _) => fault_of(*failure),
            // A column has something else than what is written into it.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Fault::Corrupt,
            _ => Fault::Internal,
        };
        Trouble::new(fault, error.to_string())
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all the others are about how we call it"
)]
fn fault_of(failure: ffi::Error) -> Fault {
    match failure.code {
        ErrorCode::DiskFull => Fault::Full,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Fault::Corrupt,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Fault::ReadOnly,
        ErrorCode::CannotOpen => Fault::Open,
        // Only programs that do not know our lock get as far as that.
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => Fault::InUse,
        ErrorCode::SystemIoFailure => match failure.extended_code {
            ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_DATA => {
                Fault::Corrupt
            }
            _ => Fault::Io,
        },
        _ => Fault::Internal,
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "most of them are about networks"
        )]
        let fault = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::Full,
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Fault::Open,
            _ => Fault::Io,
        };
        Trouble::new(fault, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqlite_says_has_its_fault() {
        let table = [
            (ffi::SQLITE_FULL, Fault::Full),
            (ffi::SQLITE_CORRUPT_INDEX, Fault::Corrupt),
            (ffi::SQLITE_NOTADB, Fault::Corrupt),
            (ffi::SQLITE_READONLY_DIRECTORY, Fault::ReadOnly),
            (ffi::SQLITE_CANTOPEN, Fault::Open),
            (ffi::SQLITE_BUSY, Fault::InUse),
            (ffi::SQLITE_IOERR_SHORT_READ, Fault::Corrupt),
            (ffi::SQLITE_IOERR_FSYNC, Fault::Io),
            (ffi::SQLITE_MISUSE, Fault::Internal),
        ];
        for (code, fault) in table {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(Trouble::from(error).fault, fault, "{code}");
        }
    }

    #[test]
    fn what_the_system_says_has_its_fault() {
        let table = [
            (io::ErrorKind::PermissionDenied, Fault::ReadOnly),
            (io::ErrorKind::ReadOnlyFilesystem, Fault::ReadOnly),
            (io::ErrorKind::StorageFull, Fault::Full),
            (io::ErrorKind::NotFound, Fault::Open),
            (io::ErrorKind::TimedOut, Fault::Io),
        ];
        for (kind, fault) in table {
            assert_eq!(Trouble::from(io::Error::from(kind)).fault, fault, "{kind}");
        }
    }
}
