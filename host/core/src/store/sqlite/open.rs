//! Opening a store's file, and making it.
//!
//! Nothing of a file is changed before it is known to be a store of ours that is in order,
//! and nobody else's at the moment: until then it is read with no lock and nothing made beside
//! it, or, where a host died and left a log beside it, in such a way that the log stays.

use super::fault::{Result, Trouble};
use super::ledger::Ledger;
use super::place::{self, Seen, beside};
use super::schema::{self, APPLICATION_ID};
use crate::job::HostId;
use crate::store::Fault;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// Before this one a store in our mode could be damaged.
const SQLITE_MIN: i32 = 3_051_003;

/// Bytes of a page. Pages of 2 and 8 KiB make no difference that could be told from chance.
const PAGE_BYTES: u32 = 4096;

/// Pages in the log after which it is written back, 16 MiB: a fifth more jobs a second than with
/// SQLite's 1,000, and no fewer than with 16,000.
const LOG_PAGES: u32 = 4000;

/// How long somebody else's lock is waited for, such as that of a backup.
const BUSY: Duration = Duration::from_secs(5);

const READ: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Refuses a library that was not tested.
pub(super) fn check_library(version: i32) -> Result<()> {
    if version >= SQLITE_MIN {
        return Ok(());
    }
    let what = format!("SQLite is {version}, and has to be {SQLITE_MIN} or later");
    Err(Trouble::new(Fault::Library, what))
}

/// Makes a store where there is none. It gets its name when it is whole.
pub(super) fn create(path: &Path, versions: &[&str]) -> Result<()> {
    for ending in ["-wal", "-journal"] {
        let left = beside(path, ending);
        if left.symlink_metadata().is_ok() {
            let what = format!(
                "the store itself is missing; its {} is there",
                left.display()
            );
            return Err(Trouble::damaged(what));
        }
    }
    let new = beside(path, "-new");
    // What a host left that died while it made the store: it never had its name.
    if place::is_there(&new)? {
        std::fs::remove_file(&new)?;
    }
    let made = fill(&new, versions).and_then(|()| place::publish(&new, path));
    if made.is_err() {
        // There is nothing in it.
        let _ = std::fs::remove_file(&new);
    }
    made
}

fn fill(path: &Path, versions: &[&str]) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags)?;
    conn.pragma_update(None, "page_size", PAGE_BYTES)?;
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    schema::migrate(&mut conn, versions)?;
    Ledger::new(HostId::draw()).write(&conn)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.close().map_err(|(_, error)| error.into())
}

/// Bytes of a file that are read ahead of the look through it.
const AHEAD_MAX: u64 = 1 << 30;

/// Reads a file in one go: SQLite reads it page by page in the order of its trees, which takes three
/// times as long where the machine has not got it in memory.
///
/// The system gives up this process's locks of a file when any of its handles is closed, so this
/// one has to stay open for as long as the store is.
pub(super) fn read_ahead(path: &Path) -> Result<File> {
    let file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let mut ahead = (&file).take(AHEAD_MAX);
    while ahead.read(&mut buffer)? > 0 {}
    Ok(file)
}

/// Looks through the whole file of a store, and changes nothing.
pub(super) fn check(path: &Path, versions: &[&str]) -> Result<()> {
    if !place::has_bytes(path) {
        let what = "the file is empty; remove it, or name one that does not exist yet";
        return Err(Trouble::new(Fault::Foreign, what));
    }
    // We have the lock: a log is what a dead host left, whatever else it left. It may have died
    // while it wrote the log back, so that the file makes no sense without it.
    let conn = if place::has_bytes(&beside(path, "-wal")) {
        looking_at_left(path)?
    } else {
        let at_rest = looking_at_rest(path)?;
        schema::check_owner(&at_rest).map_err(not_a_store)?;
        is_whole(&at_rest, path).map_err(not_a_store)?;
        at_rest
    };
    check_all(&conn, versions).map_err(not_a_store)
}

/// A file that was cut off within a page, or at one that is free, is in order for SQLite.
fn is_whole(conn: &Connection, path: &Path) -> Result<()> {
    let pragma = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (pages, bytes) = (pragma("page_count")?, pragma("page_size")?);
    let found = path.metadata()?.len().cast_signed();
    if found >= pages * bytes && found % bytes == 0 {
        return Ok(());
    }
    let what = format!(
        "it is cut off: {found} bytes, and should be {}",
        pages * bytes
    );
    Err(Trouble::damaged(what))
}

fn check_all(conn: &Connection, versions: &[&str]) -> Result<()> {
    schema::check(conn, versions)?;
    let mut said = conn.prepare("PRAGMA integrity_check(3)")?;
    let said = said.query_map([], |row| row.get::<_, String>(0))?;
    let said = said.collect::<rusqlite::Result<Vec<String>>>()?;
    if said != ["ok"] {
        return Err(Trouble::damaged(format!(
            "it is damaged: {}",
            said.join("; ")
        )));
    }
    if schema::version(conn)? == versions.len() {
        Ledger::read(conn)?.check(conn)?;
    }
    Ok(())
}

/// What it means that nothing can be read at all: the questions are always the same, and good.
fn not_a_store(trouble: Trouble) -> Trouble {
    if trouble.what.contains("file is not a database") {
        return Trouble::new(Fault::Foreign, "it is no store");
    }
    if trouble.fault == Fault::Internal {
        return Trouble::damaged(trouble.what);
    }
    trouble
}

/// Opens a store that was checked, to write it.
pub(super) fn writing(path: &Path, versions: &[&str]) -> Result<Connection> {
    let mut conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if conn.is_readonly("main")? {
        return Err(Trouble::new(Fault::ReadOnly, "the file may not be written"));
    }
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        let what = format!("it cannot be kept with a log: its mode is {mode}");
        return Err(Trouble::new(Fault::Open, what));
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    schema::migrate(&mut conn, versions)?;
    Ok(conn)
}

/// Opens a store that this process writes, to read it.
pub(super) fn reading(path: &Path) -> Result<Connection> {
    let conn = open(path, READ)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

/// Opens a store to look at it, be it another host's or nobody's; in the latter case with what
/// its files look like, for nobody is kept from changing them.
pub(super) fn looking(path: &Path) -> Result<(Connection, Option<Seen>)> {
    let seen = Seen::of(path)?;
    let (conn, quiet) = if seen.is_shared() {
        (reading(path)?, None)
    } else if seen.has_log() {
        (looking_at_left(path)?, Some(seen))
    } else {
        (looking_at_rest(path)?, Some(seen))
    };
    schema::check(&conn, schema::VERSIONS).map_err(not_a_store)?;
    Ok((conn, quiet))
}

/// Looks at a file without locks and without a log.
fn looking_at_rest(path: &Path) -> Result<Connection> {
    let flags = READ | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(place::immutable(path), flags)?;
    prepare(&conn)?;
    Ok(conn)
}

/// Looks at a file with a log that nobody has, without locks, and with the index of the log in
/// memory, where otherwise it would be a file.
fn looking_at_left(path: &Path) -> Result<Connection> {
    let conn = Connection::open_with_flags_and_vfs(path, READ, "unix-none")?;
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    prepare(&conn)?;
    Ok(conn)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    prepare(&conn)?;
    Ok(conn)
}

/// What holds for all connections.
fn prepare(conn: &Connection) -> Result<()> {
    conn.set_prepared_statement_cache_capacity(100);
    conn.busy_timeout(BUSY)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    // A disk that fails would end the process instead of a call.
    conn.pragma_update(None, "mmap_size", 0)?;
    Ok(())
}
