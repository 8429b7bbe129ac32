//! What a store in a file is asked.

use super::fault::{Result, Trouble};
use super::ledger::Ledger;
use super::list;
use super::open;
use super::pack;
use super::place::Seen;
use super::row::{ALL, HEAD, PAST, Rows};
use super::{cursor_sum, session};
use crate::job::HostId;
use crate::plugin::Digest;
use crate::store::{
    Entry, Filter, Key, Listed, Page, PastAttempt, Reader, Session, SessionId, StoreError, Summary,
};
use crate::value::Value;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension, Params};
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Told<T> = std::result::Result<T, StoreError>;

/// The numbers of a job's children, those without a name of their own among them.
pub(super) const CHILDREN: &str = "SELECT number FROM job INDEXED BY job_child \
    WHERE parent = ?1 AND parent IS NOT NULL AND renamed = 0 \
    UNION ALL SELECT number FROM job INDEXED BY job_renamed WHERE parent = ?1 AND renamed = 1";

/// How often a question is asked anew because a host began or ended meanwhile.
const ASKED_MAX: usize = 100;

/// Reads a store, each call what was committed before it.
pub(super) struct SqliteReader {
    path: PathBuf,
    conn: Connection,
    rows: Rows,
    /// The file as it was found where no host had it: it is read without a lock, and for as long
    /// as it stays like that.
    quiet: Option<Seen>,
}

impl SqliteReader {
    /// Of a store that this process writes.
    pub(super) fn beside_writer(path: &Path, host: HostId) -> Result<SqliteReader> {
        Ok(SqliteReader {
            path: path.to_owned(),
            conn: open::reading(path)?,
            rows: Rows::new(host),
            quiet: None,
        })
    }

    /// Of a store that may or may not be another host's. Makes nothing and changes nothing.
    pub(super) fn alone(path: &Path) -> Result<SqliteReader> {
        let (conn, quiet) = open::looking(path)?;
        let host = Ledger::read(&conn)?.host;
        Ok(SqliteReader {
            path: path.to_owned(),
            conn,
            rows: Rows::new(host),
            quiet,
        })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.conn
    }

    #[cfg(test)]
    pub(super) fn unchecked(mut self) -> SqliteReader {
        self.rows = Rows::unchecked(self.rows.host());
        self
    }

    /// Asks within one transaction.
    fn ask<T>(&mut self, mut question: impl FnMut(&Connection, &mut Rows) -> Result<T>) -> Told<T> {
        self.try_ask(&mut question)
            .map_err(|trouble| trouble.at(&self.path))
    }

    fn try_ask<T>(
        &mut self,
        question: &mut impl FnMut(&Connection, &mut Rows) -> Result<T>,
    ) -> Result<T> {
        for _ in 0..ASKED_MAX {
            let transaction = self.conn.unchecked_transaction()?;
            let answer = question(&transaction, &mut self.rows);
            drop(transaction);
            match self.quiet {
                Some(seen) if Seen::of(&self.path)? != seen => {
                    (self.conn, self.quiet) = open::looking(&self.path)?;
                    self.rows.names.forget();
                }
                Some(_) | None => return answer,
            }
        }
        Err(Trouble::new(
            crate::store::Fault::InUse,
            "other hosts begin and end all the time",
        ))
    }
}

/// The job with this number.
pub(super) fn find(conn: &Connection, rows: &mut Rows, number: u64) -> Result<Option<Entry>> {
    let number = number.cast_signed();
    Ok(entries(conn, rows, "WHERE number = ?1", [number])?.pop())
}

/// The latest attempt of a job that is past.
pub(super) fn last_past(
    conn: &Connection,
    rows: &mut Rows,
    number: u64,
) -> Result<Option<PastAttempt>> {
    let which = "WHERE number = ?1 ORDER BY id DESC LIMIT 1";
    Ok(pasts(conn, rows, which, number)?.pop())
}

/// The past attempts of a job that this part of a query finds.
fn pasts(conn: &Connection, rows: &mut Rows, which: &str, number: u64) -> Result<Vec<PastAttempt>> {
    let mut select = conn.prepare_cached(&format!("SELECT {PAST} FROM past {which}"))?;
    let mut found = select.query([number.cast_signed()])?;
    let mut past = Vec::new();
    while let Some(row) = found.next()? {
        past.push(rows.past(conn, number, row)?);
    }
    Ok(past)
}

/// The jobs that this part of a query finds.
fn entries(
    conn: &Connection,
    rows: &mut Rows,
    which: &str,
    params: impl Params,
) -> Result<Vec<Entry>> {
    let mut select = conn.prepare_cached(&format!("SELECT {ALL} FROM job {which}"))?;
    let mut found = select.query(params)?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        entries.push(rows.entry(conn, row)?);
    }
    Ok(entries)
}

impl Reader for SqliteReader {
    fn id(&self) -> HostId {
        self.rows.host()
    }

    fn next_number(&mut self) -> Told<u64> {
        self.ask(|conn, _| Ok(Ledger::read(conn)?.next_number))
    }

    fn find(&mut self, number: u64) -> Told<Option<Entry>> {
        self.ask(|conn, rows| find(conn, rows, number))
    }

    fn find_key(&mut self, stream: &str, key: &Key) -> Told<Option<Entry>> {
        self.ask(|conn, rows| {
            let Some(stream) = rows.names.known(conn, stream)? else {
                return Ok(None);
            };
            let which = "INDEXED BY job_key WHERE stream = ?1 AND key = ?2 AND key IS NOT NULL";
            Ok(entries(
                conn,
                rows,
                which,
                (stream, ToSqlOutput::Borrowed(pack::key(Some(key)))),
            )?
            .pop())
        })
    }

    fn children(&mut self, parent: u64) -> Told<Vec<Entry>> {
        let which = "INDEXED BY job_child WHERE parent = ?1 AND parent IS NOT NULL AND renamed = 0 \
             ORDER BY number";
        self.ask(|conn, rows| entries(conn, rows, which, [parent.cast_signed()]))
    }

    fn past(&mut self, number: u64) -> Told<Vec<PastAttempt>> {
        let which = "WHERE number = ?1 ORDER BY id";
        self.ask(|conn, rows| pasts(conn, rows, which, number))
    }

    fn claimed_by_others(&mut self, than: SessionId) -> Told<Vec<Entry>> {
        let which = "INDEXED BY job_open WHERE place < 4 AND place = 2 AND session <> ?1 \
             ORDER BY number";
        self.ask(|conn, rows| entries(conn, rows, which, [than.0]))
    }

    fn suspects(&mut self) -> Told<Vec<Entry>> {
        let which =
            "INDEXED BY job_open WHERE place < 4 AND place = 1 AND suspect = 1 ORDER BY number";
        self.ask(|conn, rows| entries(conn, rows, which, []))
    }

    fn singletons(&mut self) -> Told<Vec<(u64, Arc<str>)>> {
        let which = "INDEXED BY job_open WHERE place < 4 AND place IN (0, 1, 2) \
             AND singleton IS NOT NULL ORDER BY number";
        let sql = format!("SELECT {HEAD} FROM job {which}");
        self.ask(|conn, rows| {
            let mut select = conn.prepare_cached(&sql)?;
            let mut found = select.query([])?;
            let mut keys = Vec::new();
            while let Some(row) = found.next()? {
                keys.extend(rows.singleton(conn, row)?);
            }
            Ok(keys)
        })
    }

    fn undelivered(
        &mut self,
        stream: &str,
        after: Option<(u64, u64)>,
        most: usize,
    ) -> Told<Vec<Entry>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let begin = "INDEXED BY job_open WHERE place < 4 AND place = 3 AND stream = ?1";
        let end = "ORDER BY ended_ms, number LIMIT ?2";
        self.ask(|conn, rows| {
            let Some(stream) = rows.names.known(conn, stream)? else {
                return Ok(Vec::new());
            };
            match after {
                None => entries(conn, rows, &format!("{begin} {end}"), (stream, most)),
                Some((ended_ms, number)) => {
                    let which = format!("{begin} AND (ended_ms, number) > (?3, ?4) {end}");
                    let after = (bound(ended_ms), bound(number));
                    entries(conn, rows, &which, (stream, most, after.0, after.1))
                }
            }
        })
    }

    fn cursor(&mut self, name: &str) -> Told<Option<Value>> {
        self.ask(|conn, _| {
            let mut select =
                conn.prepare_cached("SELECT value, sum FROM cursor WHERE name = ?1")?;
            let found = select.query_row([name], |row| Ok((row.get(0)?, row.get(1)?)));
            let found: Option<(Vec<u8>, i64)> = found.optional()?;
            match found {
                None => Ok(None),
                Some((value, sum)) if sum == cursor_sum(name, &value) => {
                    Ok(Some(Value::trusted(value)))
                }
                Some(_) => Err(Trouble::damaged("a cursor has come to harm")),
            }
        })
    }

    fn conditions(&mut self, digest: Digest) -> Told<Option<Value>> {
        let sql = "SELECT value FROM conditions WHERE digest = ?1";
        let found = self.ask(|conn, _| kept(conn, sql, digest))?;
        Ok(found.map(Value::trusted))
    }

    fn plugin(&mut self, digest: Digest) -> Told<Option<Vec<u8>>> {
        let sql = "SELECT bytes FROM plugin WHERE digest = ?1";
        self.ask(|conn, _| kept(conn, sql, digest))
    }

    fn has_plugin(&mut self, digest: Digest) -> Told<bool> {
        let sql = "SELECT 1 FROM plugin WHERE digest = ?1";
        self.ask(|conn, _| {
            let mut found = conn.prepare_cached(sql)?;
            Ok(found.exists([digest.as_bytes()])?)
        })
    }

    fn session(&mut self) -> Told<Option<(SessionId, Session)>> {
        self.ask(|conn, _| session::latest(conn))
    }

    fn list(&mut self, filter: &Filter, page: Page) -> Told<Vec<Listed>> {
        self.ask(|conn, rows| list::list(conn, rows, filter, page))
    }

    fn summary(&mut self, stream: Option<&str>) -> Told<Summary> {
        self.ask(|conn, rows| list::summary(conn, rows, stream))
    }
}

/// Bytes that are kept by their digest, and still have it.
fn kept(conn: &Connection, sql: &str, digest: Digest) -> Result<Option<Vec<u8>>> {
    let mut select = conn.prepare_cached(sql)?;
    let found = select.query_row([digest.as_bytes()], |row| row.get(0));
    let found: Option<Vec<u8>> = found.optional()?;
    match found {
        Some(bytes) if Digest::of(&bytes) != digest => {
            let what = format!("what is kept as {} has come to harm", digest.short());
            Err(Trouble::damaged(what))
        }
        found => Ok(found),
    }
}

/// A moment or number for comparisons: what is beyond any of ours is the highest.
pub(super) fn bound(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
