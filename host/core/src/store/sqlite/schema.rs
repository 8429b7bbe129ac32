//! The tables, and how those of an older version become those of this one.

use super::fault::{Result, Trouble};
use crate::store::Fault;
use rusqlite::{Connection, TransactionBehavior};

/// In the file's header: a ledger of ours (`wode`).
pub(super) const APPLICATION_ID: i64 = 0x776f_6465;

/// What makes each version out of the one before it; the first out of nothing.
pub(super) const VERSIONS: &[&str] = &[include_str!("version_1.sql")];

/// What is in a file: `type`, `name`, `sql`.
type Schema = Vec<(String, String, Option<String>)>;

/// The version of the tables in a file.
pub(super) fn version(conn: &Connection) -> Result<usize> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(version).map_err(|_| Trouble::damaged(format!("its version is {version}")))
}

/// Whether a file says that it is ours.
pub(super) fn check_owner(conn: &Connection) -> Result<()> {
    let id: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id == APPLICATION_ID {
        return Ok(());
    }
    Err(Trouble::new(
        Fault::Foreign,
        "it is the database of another program",
    ))
}

/// Whether a file is ours, and of a version that is known, with just the tables of that.
pub(super) fn check(conn: &Connection, versions: &[&str]) -> Result<()> {
    check_owner(conn)?;
    let version = version(conn)?;
    if version > versions.len() {
        let what = format!(
            "its version is {version}, this program's {}",
            versions.len()
        );
        return Err(Trouble::new(Fault::Newer, what));
    }
    if schema(conn)? != schema_of(&versions[..version])? {
        return Err(Trouble::new(
            Fault::Foreign,
            "its tables are not those of a store",
        ));
    }
    Ok(())
}

/// Makes the tables those of the latest version, all at once.
pub(super) fn migrate(conn: &mut Connection, versions: &[&str]) -> Result<()> {
    let from = version(conn)?;
    let Some(steps) = versions.get(from..).filter(|steps| !steps.is_empty()) else {
        return Ok(());
    };
    let change = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in steps {
        change.execute_batch(step)?;
    }
    let latest = (versions.len() as u64).cast_signed();
    change.pragma_update(None, "user_version", latest)?;
    Ok(change.commit()?)
}

fn schema_of(versions: &[&str]) -> Result<Schema> {
    let mut conn = Connection::open_in_memory()?;
    migrate(&mut conn, versions)?;
    schema(&conn)
}

fn schema(conn: &Connection) -> Result<Schema> {
    let mut all = conn.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name")?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<Schema>>()?)
}
