//! Changes of a store that it takes for its own: with the checksums that it would have
//! written.

use rusqlite::Connection;

/// A row of the table of sessions.
pub(crate) struct Session {
    pub(crate) began_ms: i64,
    pub(crate) boot: String,
}

/// What the sum of a session begins with.
const OF_SESSION: u8 = 11;

/// Changes the latest session of a store.
pub(crate) fn change_session(conn: &Connection, change: impl FnOnce(&mut Session)) {
    let sql = "SELECT id, began_ms, pid, boot, until_ms, sum FROM session ORDER BY id DESC LIMIT 1";
    let row = conn.query_row(sql, [], |row| {
        let session = Session {
            began_ms: row.get(1)?,
            boot: row.get(3)?,
        };
        let numbers: (i64, i64, i64, i64) = (row.get(0)?, row.get(2)?, row.get(4)?, row.get(5)?);
        Ok((session, numbers))
    });
    let (mut session, (id, pid, until_ms, sum)) = row.unwrap();
    let sum_of = |session: &Session| {
        let numbers = [
            id,
            session.began_ms,
            pid,
            until_ms,
            (session.boot.len() as u64).cast_signed(),
        ];
        let mut bytes = vec![OF_SESSION];
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(session.boot.as_bytes());
        i64::from(crc32(&bytes).cast_signed())
    };
    assert_eq!(sum_of(&session), sum, "sums are made in another way");
    change(&mut session);
    let sql = "UPDATE session SET began_ms = ?2, boot = ?3, sum = ?4 WHERE id = ?1";
    let sum = sum_of(&session);
    conn.execute(sql, (id, session.began_ms, session.boot, sum))
        .unwrap();
}

/// The sum that zip and PNG have, too.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 * (sum & 1));
        }
    }
    !sum
}
