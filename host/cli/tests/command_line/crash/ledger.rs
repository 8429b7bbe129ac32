//! What stands in a store's file, read with SQL of our own: nothing here is the store's.

use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use wodehost::Value;
use wodehost::value::ScanLimits;

/// The places of a job; see the store's tables.
const UNDELIVERED: i64 = 3;
const DELIVERED: i64 = 4;

/// The number of a success.
const SUCCESS: i64 = 1;

/// A store.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    pub(super) jobs: BTreeMap<u64, Job>,
    /// What producers and consumers go on from, as JSON.
    pub(super) cursors: BTreeMap<String, String>,
    /// The first part of its jobs' ids.
    pub(super) host: String,
}

/// A job in a store. Values are JSON.
#[derive(Debug, Clone)]
pub(super) struct Job {
    place: i64,
    status: Option<i64>,
    pub(super) fence: u32,
    pub(super) attempts: u32,
    pub(super) lost: u32,
    pub(super) reason: Option<String>,
    pub(super) parent: Option<u64>,
    pub(super) value: String,
    pub(super) carried: Option<String>,
    pub(super) data: Option<String>,
}

impl Job {
    pub(super) fn is_over(&self) -> bool {
        self.place >= UNDELIVERED
    }

    pub(super) fn is_delivered(&self) -> bool {
        self.place == DELIVERED
    }

    pub(super) fn is_success(&self) -> bool {
        self.is_over() && self.status == Some(SUCCESS)
    }

    /// Its hosts were killed too often while it ran: nothing that it could do about.
    pub(super) fn is_given_up(&self) -> bool {
        let reason = self.reason.as_deref();
        let ended = match reason {
            Some("quarantined") => self.lost >= 2,
            Some("lost") => self.lost >= 4,
            _ => false,
        };
        self.is_over() && ended
    }

    /// All that was said about its end.
    pub(super) fn end(&self) -> (Option<i64>, &Option<String>, &Option<String>) {
        (self.status, &self.reason, &self.data)
    }
}

impl Ledger {
    /// Reads a store that nobody has open, and leaves it as it is, with what a host that died left
    /// beside it. None where there is none yet.
    pub(super) fn read(store: &Path) -> Option<Ledger> {
        if !store.exists() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        std::fs::copy(store, &copy).unwrap();
        let log = store.with_extension("db-wal");
        if log.exists() {
            std::fs::copy(log, folder.path().join("copy-wal")).unwrap();
        }
        let conn = Connection::open(copy).unwrap();
        let text = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0));
        assert_eq!(text("PRAGMA integrity_check").unwrap(), "ok");
        let mut select = conn.prepare("SELECT name, value FROM cursor").unwrap();
        let cursors = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let cursors = cursors.unwrap().map(|cursor| {
            let (name, value): (String, Vec<u8>) = cursor.unwrap();
            (name, json(value))
        });
        Some(Ledger {
            jobs: jobs(&conn),
            cursors: cursors.collect(),
            host: text("SELECT host FROM meta").unwrap(),
        })
    }

    /// The jobs that no other one submitted.
    pub(super) fn roots(&self) -> impl Iterator<Item = (u64, &Job)> {
        let jobs = self.jobs.iter().map(|(number, job)| (*number, job));
        jobs.filter(|(_, job)| job.parent.is_none())
    }

    /// The children of a job.
    pub(super) fn children(&self, parent: u64) -> impl Iterator<Item = (u64, &Job)> {
        let jobs = self.jobs.iter().map(|(number, job)| (*number, job));
        jobs.filter(move |(_, job)| job.parent == Some(parent))
    }

    /// The number of an id, which must be one of this store's.
    pub(super) fn number(&self, id: &str) -> Result<u64, String> {
        let number = id.strip_prefix(&self.host);
        let number = number.and_then(|rest| rest.strip_prefix('-')?.parse().ok());
        number.ok_or_else(|| format!("`{id}` is no id of {}", self.host))
    }
}

fn jobs(conn: &Connection) -> BTreeMap<u64, Job> {
    let sql = "SELECT number, place, status, fence, attempts, lost, reason, parent, value, carried, \
        data FROM job";
    let mut select = conn.prepare(sql).unwrap();
    let jobs = select.query_map([], |row| {
        let maybe =
            |place| Ok::<_, rusqlite::Error>(row.get::<_, Option<Vec<u8>>>(place)?.map(json));
        let job = Job {
            place: row.get(1)?,
            status: row.get(2)?,
            fence: row.get(3)?,
            attempts: row.get(4)?,
            lost: row.get(5)?,
            reason: row.get(6)?,
            parent: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
            value: json(row.get(8)?),
            carried: maybe(9)?,
            data: maybe(10)?,
        };
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), job))
    });
    jobs.unwrap().map(Result::unwrap).collect()
}

fn json(bytes: Vec<u8>) -> String {
    let value = Value::check(bytes, &ScanLimits::default()).unwrap();
    value.to_json()
}
