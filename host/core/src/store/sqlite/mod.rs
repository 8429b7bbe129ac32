//! The ledger in a file, kept by SQLite.
//!
//! What has been answered is on the disk: there is a log (WAL) beside the file, and each batch is
//! one transaction that ends with the log synced. One host has a store at a time
//! ([`lock`]); readers see what is committed, also those of other processes.
//!
//! - [`place`], [`open`], [`schema`]: from a path to a store that is known to be in order;
//! - [`write`](mod@write), [`row`], [`pack`], [`names`], [`large`]: how writes become rows;
//! - [`sum`], [`ledger`]: what is read is what was written, or is noticed;
//! - [`read`], [`list`]: questions; [`keep`]: retention, compaction, copies.
//!
//! # What a finished job costs
//!
//! One row, about 120 bytes besides its value and its result. It is written when the job comes,
//! when it ends and when its outcome is delivered; of the indexes it stays in one, by worker.

mod fault;
mod keep;
mod large;
mod ledger;
mod list;
mod lock;
mod names;
mod open;
mod pack;
mod place;
mod read;
mod row;
mod schema;
mod session;
mod sum;
mod write;

#[cfg(test)]
mod tests;

use crate::job::HostId;
use crate::store::{Answer, Reader, Store, StoreError, Write};
use fault::{Result, Trouble};
use ledger::Ledger;
use lock::Lock;
use read::SqliteReader;
use row::Rows;
use rusqlite::{Connection, TransactionBehavior};
use std::fs::File;
use std::path::{Path, PathBuf};
use sum::{Part, Sum};
use write::Writer;

/// Keeps records of jobs in a file.
#[derive(Debug)]
pub struct SqliteStore {
    // Closed before the lock is given up: fields go in this order.
    conn: Connection,
    rows: Rows,
    ledger: Ledger,
    path: PathBuf,
    _ahead: File,
    _lock: Lock,
}

impl SqliteStore {
    /// Opens a store, to have it alone; makes it where there is none.
    ///
    /// The whole file is looked through. A file that is no store, or is damaged, is left as it is.
    pub fn open(path: impl Into<PathBuf>) -> std::result::Result<SqliteStore, StoreError> {
        let path = path.into();
        SqliteStore::open_as(&path, schema::VERSIONS).map_err(|trouble| trouble.at(&path))
    }

    fn open_as(path: &Path, versions: &[&str]) -> Result<SqliteStore> {
        open::check_library(rusqlite::version_number())?;
        let path = place::whole(path)?;
        // Before the lock is taken, which makes a file beside it.
        place::is_there(&path)?;
        let lock = Lock::take(&path)?;
        match SqliteStore::connect(&path, versions) {
            Ok((conn, ledger, ahead)) => Ok(SqliteStore {
                conn,
                rows: Rows::new(ledger.host),
                ledger,
                path,
                _ahead: ahead,
                _lock: lock,
            }),
            Err(trouble) => {
                lock.withdraw();
                Err(trouble)
            }
        }
    }

    fn connect(path: &Path, versions: &[&str]) -> Result<(Connection, Ledger, File)> {
        let is_new = !place::is_there(path)?;
        if is_new {
            open::create(path, versions)?;
        }
        let ahead = open::read_ahead(path)?;
        if !is_new {
            open::check(path, versions)?;
        }
        let conn = open::writing(path, versions)?;
        let ledger = Ledger::read(&conn)?;
        Ok((conn, ledger, ahead))
    }

    /// A reader of a store that another host may have at the same time. Takes no lock; makes
    /// and changes nothing.
    pub fn read_only(path: impl Into<PathBuf>) -> std::result::Result<Box<dyn Reader>, StoreError> {
        let path = path.into();
        match SqliteStore::look(&path) {
            Ok(reader) => Ok(Box::new(reader)),
            Err(trouble) => Err(trouble.at(&path)),
        }
    }

    fn look(path: &Path) -> Result<SqliteReader> {
        open::check_library(rusqlite::version_number())?;
        let path = place::whole(path)?;
        if !place::is_there(&path)? {
            let what = "there is no such file";
            return Err(Trouble::new(crate::store::Fault::Open, what));
        }
        SqliteReader::alone(&path)
    }

    /// The process that had a store last; where it is in use, the one that uses it.
    #[must_use]
    pub fn last_user(path: &Path) -> Option<u32> {
        lock::signed_by(path)
    }

    /// Copies a store into a new file, while a host may write it. What is committed when it
    /// begins is in the copy.
    pub fn backup(from: &Path, to: &Path) -> std::result::Result<(), StoreError> {
        let copy = || {
            let to = place::whole(to)?;
            let reader = SqliteStore::look(from)?;
            keep::copy(reader.connection(), &to)
        };
        copy().map_err(|trouble| trouble.at(from))
    }

    /// What one transaction does: all of it, or nothing.
    fn change<T>(&mut self, what: impl FnOnce(&mut Writer<'_>) -> Result<T>) -> Result<T> {
        let behavior = TransactionBehavior::Immediate;
        let mut ledger = self.ledger.clone();
        let changed = (|| {
            let transaction = self.conn.transaction_with_behavior(behavior)?;
            let mut writer = Writer {
                conn: &transaction,
                rows: &mut self.rows,
                ledger: &mut ledger,
            };
            let told = what(&mut writer)?;
            if ledger != self.ledger {
                ledger.write(&transaction)?;
            }
            transaction.commit()?;
            Ok(told)
        })();
        match changed {
            Ok(told) => {
                self.ledger = ledger;
                Ok(told)
            }
            Err(trouble) => {
                self.rows.names.forget();
                Err(trouble)
            }
        }
    }

    fn try_retain(&mut self, before_ms: u64, most: u64) -> Result<u64> {
        let mut left = keep::too_many(&self.conn, before_ms, most)?;
        let mut dropped = 0;
        while left > 0 {
            let count = left.min(keep::DROPPED_MAX);
            dropped += self.change(|writer| keep::drop_oldest(writer, count))?;
            left -= count;
        }
        if keep::is_hollow(&self.conn)? {
            keep::shrink(&self.conn)?;
        }
        Ok(dropped)
    }

    fn try_compact(&mut self) -> Result<()> {
        self.change(|writer| keep::forget_unused(writer.conn))?;
        self.rows.names.forget();
        keep::shrink(&self.conn)
    }
}

impl Store for SqliteStore {
    fn id(&self) -> HostId {
        self.ledger.host
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn commit(&mut self, batch: &[Write]) -> std::result::Result<Vec<Answer>, StoreError> {
        let answers = self.change(|writer| batch.iter().map(|write| writer.apply(write)).collect());
        answers.map_err(|trouble| trouble.at(&self.path))
    }

    fn reader(&self) -> std::result::Result<Box<dyn Reader>, StoreError> {
        match SqliteReader::beside_writer(&self.path, self.ledger.host) {
            Ok(reader) => Ok(Box::new(reader)),
            Err(trouble) => Err(trouble.at(&self.path)),
        }
    }

    fn retain(&mut self, before_ms: u64, most: u64) -> std::result::Result<u64, StoreError> {
        let dropped = self.try_retain(before_ms, most);
        dropped.map_err(|trouble| trouble.at(&self.path))
    }

    fn compact(&mut self) -> std::result::Result<(), StoreError> {
        let done = self.try_compact();
        done.map_err(|trouble| trouble.at(&self.path))
    }
}

/// The sum of a cursor's row.
fn cursor_sum(name: &str, value: &[u8]) -> i64 {
    let sum = Sum::of(Part::Cursor).bytes(name.as_bytes());
    sum::stored(sum.bytes(value).end())
}
