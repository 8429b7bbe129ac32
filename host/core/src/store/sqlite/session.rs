//! The hosts that opened the store.

use super::fault::{Result, Trouble};
use super::sum::{Part, Sum, stored};
use crate::store::{Session, SessionId};
use rusqlite::{Connection, Params};

pub(super) fn find(conn: &Connection, id: SessionId) -> Result<Option<Session>> {
    let sql = "SELECT id, began_ms, pid, boot, until_ms, sum FROM session WHERE id = ?1";
    Ok(one(conn, sql, [id.0])?.map(|(_, session)| session))
}

pub(super) fn latest(conn: &Connection) -> Result<Option<(SessionId, Session)>> {
    let sql = "SELECT id, began_ms, pid, boot, until_ms, sum FROM session ORDER BY id DESC LIMIT 1";
    one(conn, sql, [])
}

fn one(conn: &Connection, sql: &str, params: impl Params) -> Result<Option<(SessionId, Session)>> {
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(params)?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let id = SessionId(row.get(0)?);
    let session = Session {
        began_ms: row.get::<_, i64>(1)?.cast_unsigned(),
        pid: row.get(2)?,
        boot: row.get(3)?,
        until_ms: row.get::<_, i64>(4)?.cast_unsigned(),
    };
    if row.get::<_, i64>(5)? != sum(id, &session) {
        return Err(Trouble::damaged(format!(
            "session {} has come to harm",
            id.0
        )));
    }
    Ok(Some((id, session)))
}

/// The sum of a session's row.
pub(super) fn sum(id: SessionId, session: &Session) -> i64 {
    let numbers = [
        id.0.into(),
        session.began_ms.cast_signed(),
        session.pid.into(),
        session.until_ms.cast_signed(),
    ];
    let sum = Sum::of(Part::Session).ints(&numbers);
    stored(sum.bytes(session.boot.as_bytes()).end())
}
