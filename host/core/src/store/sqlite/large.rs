//! Values that are too large for a row: they stand in a table of their own, each once, with
//! how often it is used.
//!
//! A row is written anew with each change of it; what is large is not. In the row stands the
//! SHA-256 of the value, as a text, which no value that stands there itself is.

use super::fault::{Result, Trouble};
use super::sum::{Part, Sum, stored};
use crate::plugin::Digest;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql};

/// The largest value that stands in its row, bytes. Of values that differ, those of 3,000 bytes are
/// as fast either way, those of 15,000 a third faster elsewhere; equal ones take no room there.
pub(super) const IN_ROW_MAX: usize = 4 << 10;

/// A value as it is stored in a row.
#[derive(Debug, Clone)]
pub(super) enum Column<'a> {
    Bytes(&'a [u8]),
    /// The digest of a value elsewhere.
    Large(String, &'a [u8]),
}

impl<'a> Column<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Column<'a> {
        if bytes.len() <= IN_ROW_MAX {
            Column::Bytes(bytes)
        } else {
            Column::Large(Digest::of(bytes).to_string(), bytes)
        }
    }

    pub(super) fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Column::Bytes(bytes) => ValueRef::Blob(bytes),
            Column::Large(digest, _) => ValueRef::Text(digest.as_bytes()),
        }
    }

    /// A row has it from now on.
    pub(super) fn keep(&self, conn: &Connection) -> Result<()> {
        match self {
            Column::Bytes(_) => Ok(()),
            Column::Large(digest, bytes) => keep(conn, digest, bytes),
        }
    }
}

impl ToSql for Column<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.as_ref()))
    }
}

fn keep(conn: &Connection, digest: &str, bytes: &[u8]) -> Result<()> {
    if let Some(uses) = uses(conn, digest)? {
        return count(conn, digest, uses + 1);
    }
    let mut insert =
        conn.prepare_cached("INSERT INTO large (digest, uses, sum, bytes) VALUES (?1, 1, ?2, ?3)")?;
    insert.execute((digest, sum(digest, 1), bytes))?;
    Ok(())
}

/// A row has what stood in this column no more.
pub(super) fn release(conn: &Connection, column: ValueRef<'_>) -> Result<()> {
    let ValueRef::Text(_) = column else {
        return Ok(());
    };
    let digest = digest(column)?;
    match uses(conn, digest)? {
        Some(uses) if uses > 1 => count(conn, digest, uses - 1),
        Some(_) => {
            let mut delete = conn.prepare_cached("DELETE FROM large WHERE digest = ?1")?;
            delete.execute([digest])?;
            Ok(())
        }
        None => Err(missing()),
    }
}

/// The bytes that a column stands for.
pub(super) fn bytes(conn: &Connection, column: ValueRef<'_>) -> Result<Option<Vec<u8>>> {
    match column {
        ValueRef::Null => Ok(None),
        ValueRef::Blob(bytes) => Ok(Some(bytes.to_vec())),
        ValueRef::Text(_) => {
            let digest = digest(column)?;
            let bytes: Option<Vec<u8>> = conn
                .prepare_cached("SELECT bytes FROM large WHERE digest = ?1")?
                .query_row([digest], |row| row.get(0))
                .optional()?;
            let bytes = bytes.ok_or_else(missing)?;
            if Digest::of(&bytes).to_string() != digest {
                return Err(Trouble::damaged("a large value has come to harm"));
            }
            Ok(Some(bytes))
        }
        ValueRef::Integer(_) | ValueRef::Real(_) => Err(Trouble::damaged("no value")),
    }
}

fn digest(column: ValueRef<'_>) -> Result<&str> {
    let text = column.as_str();
    text.map_err(|_| Trouble::damaged("the digest of a large value has come to harm"))
}

fn uses(conn: &Connection, digest: &str) -> Result<Option<i64>> {
    let found: Option<(i64, i64)> = conn
        .prepare_cached("SELECT uses, sum FROM large WHERE digest = ?1")?
        .query_row([digest], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((uses, found)) if found == sum(digest, uses) => Ok(Some(uses)),
        Some(_) => Err(Trouble::damaged("a large value has come to harm")),
        None => Ok(None),
    }
}

fn count(conn: &Connection, digest: &str, uses: i64) -> Result<()> {
    let mut update =
        conn.prepare_cached("UPDATE large SET uses = ?2, sum = ?3 WHERE digest = ?1")?;
    update.execute((digest, uses, sum(digest, uses)))?;
    Ok(())
}

fn sum(digest: &str, uses: i64) -> i64 {
    stored(
        Sum::of(Part::Large)
            .bytes(digest.as_bytes())
            .int(uses)
            .end(),
    )
}

fn missing() -> Trouble {
    Trouble::damaged("a large value is missing")
}
