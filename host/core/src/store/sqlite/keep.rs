//! What keeps a store small, and copies of it.

use super::fault::{Result, Trouble};
use super::place;
use super::read;
use super::write::Writer;
use crate::plugin::Digest;
use crate::store::Fault;
use rusqlite::Connection;
use std::path::Path;

/// Jobs that are dropped in one transaction.
pub(super) const DROPPED_MAX: u64 = 10_000;

/// Done and delivered successes without a key, which are nobody's children.
const PLAIN: &str = "FROM job WHERE place = 4 AND status = 1 AND key IS NULL AND parent IS NULL";

/// How many jobs retention drops, their children not counted.
pub(super) fn too_many(conn: &Connection, before_ms: u64, most: u64) -> Result<u64> {
    let sql = format!("SELECT count(*), count(ended_ms < ?1 OR NULL) {PLAIN}");
    let before_ms = read::bound(before_ms);
    let (all, old): (i64, i64) =
        conn.query_row(&sql, [before_ms], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(all
        .cast_unsigned()
        .saturating_sub(most)
        .max(old.cast_unsigned()))
}

/// Drops so many of them, the oldest first, with their children. How many that were.
pub(super) fn drop_oldest(writer: &mut Writer<'_>, count: u64) -> Result<u64> {
    let sql = format!("SELECT number {PLAIN} ORDER BY ended_ms, number LIMIT ?1");
    let numbers: Vec<i64> = {
        let mut select = writer.conn.prepare(&sql)?;
        let rows = select.query_map([read::bound(count)], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut dropped = 0;
    for number in numbers {
        dropped += writer.forget(number.cast_unsigned())?;
    }
    Ok(dropped)
}

/// Whether more than half of the file is room for others.
pub(super) fn is_hollow(conn: &Connection) -> Result<bool> {
    let pragma = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(pragma("freelist_count")? * 2 > pragma("page_count")?)
}

/// Forgets names, conditions and plugins that no job needs. A plugin is needed by a job that is not
/// done, or that may be tried again, and in whose conditions, or those of its past attempts, its
/// digest stands.
pub(super) fn forget_unused(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "DELETE FROM conditions WHERE id NOT IN (SELECT conditions FROM job UNION \
         SELECT conditions FROM past WHERE conditions IS NOT NULL);
         DELETE FROM name WHERE id NOT IN (SELECT stream FROM job UNION SELECT worker FROM job \
         UNION SELECT grp FROM job WHERE grp IS NOT NULL);",
    )?;
    let needed: Vec<Vec<u8>> = {
        let mut select = conn.prepare(
            "WITH needed (number, conditions) AS (SELECT number, conditions FROM job \
             INDEXED BY job_open WHERE place < 4 UNION SELECT number, conditions FROM job \
             INDEXED BY job_dead WHERE status <> 1) \
             SELECT value FROM conditions WHERE id IN (SELECT conditions FROM needed UNION \
             SELECT past.conditions FROM past JOIN needed USING (number))",
        )?;
        let rows = select.query_map([], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let plugins: Vec<Digest> = {
        let mut select = conn.prepare("SELECT digest FROM plugin")?;
        let rows = select.query_map([], |row| row.get(0).map(Digest::from_bytes))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    for digest in plugins {
        if !needed.iter().any(|value| names(value, &digest)) {
            let mut delete = conn.prepare_cached("DELETE FROM plugin WHERE digest = ?1")?;
            delete.execute([digest.as_bytes()])?;
        }
    }
    Ok(())
}

/// Whether a digest stands in these bytes, as it is or as a text.
fn names(value: &[u8], digest: &Digest) -> bool {
    let text = digest.to_string();
    [&digest.as_bytes()[..], text.as_bytes()]
        .into_iter()
        .any(|wanted| value.windows(wanted.len()).any(|part| part == wanted))
}

/// Makes the file as small as what is in it, and the log empty.
pub(super) fn shrink(conn: &Connection) -> Result<()> {
    conn.execute_batch("VACUUM")?;
    empty_log(conn)
}

/// Writes the log back, as far as no reader stands in the way.
pub(super) fn empty_log(conn: &Connection) -> Result<()> {
    Ok(conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

/// Copies what was committed into a new file, while others write. It gets its name when it is
/// whole.
pub(super) fn copy(conn: &Connection, to: &Path) -> Result<()> {
    if to.symlink_metadata().is_ok() {
        let what = format!("{} is there already", to.display());
        return Err(Trouble::new(Fault::Open, what));
    }
    let new = place::beside(to, "-new");
    if place::is_there(&new)? {
        std::fs::remove_file(&new)?;
    }
    let name = new.to_str();
    let name = name.ok_or_else(|| Trouble::new(Fault::Open, "the name is not UTF-8"))?;
    // The other file is meant to be written.
    conn.pragma_update(None, "query_only", false)?;
    let made = conn.execute("VACUUM INTO ?1", [name]);
    let made = made.map_err(Trouble::from);
    let made = made.and_then(|_| place::publish(&new, to));
    if made.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    made
}
