//! The end of a job, and what comes after it.

use super::{Held, Stop, Taken, Writer, gone};
use crate::store::Refused;
use crate::store::sqlite::fault::Result;
use crate::store::sqlite::large::{self, Column};
use crate::store::sqlite::pack::{self, Packed};
use crate::store::sqlite::read;
use crate::store::sqlite::row::{self, Place, Run};
use crate::store::sqlite::sum::{self, Part, stored};
use crate::task::Outcome;
use rusqlite::OptionalExtension;
use rusqlite::types::ValueRef;

impl Writer<'_> {
    /// The job is over at the moment at which the latest one was.
    pub(super) fn finish(
        &mut self,
        held: &Held,
        outcome: &Outcome,
        is_delivered: bool,
    ) -> Result<()> {
        let worker = self.rows.names.text(self.conn, held.worker)?;
        let packed = Packed::of(outcome, &worker, self.rows.host())?;
        let data = Column::of(outcome.data.as_bytes());
        let more = packed.more.as_deref().map(Column::of);
        data.keep(self.conn)?;
        if let Some(more) = &more {
            more.keep(self.conn)?;
        }
        let run = Run {
            place: if is_delivered {
                Place::Done
            } else {
                Place::Undelivered
            },
            attempts: outcome.attempts,
            is_suspect: false,
            session: None,
            status: Some(packed.status),
            reason: packed.reason,
            ended_ms: Some(self.ledger.ended_ms),
            ..held.run.clone()
        };
        let more_ref = more.as_ref().map_or(ValueRef::Null, Column::as_ref);
        let [sum, bulk] = held.sums;
        let sums = [
            sum ^ held.run.sum() ^ run.sum(),
            bulk ^ sum::column(Part::Data, data.as_ref())
                ^ sum::column(Part::Receipt, packed.receipt.as_deref().into())
                ^ sum::column(Part::More, more_ref),
        ];
        let mut update = self.conn.prepare_cached(
            "UPDATE job SET place = ?2, attempts = ?3, suspect = 0, session = NULL, status = ?4, \
             reason = ?5, ended_ms = ?6, sum = ?7, bulk = ?8, data = ?9, receipt = ?10, more = ?11 \
             WHERE number = ?1",
        )?;
        update.execute((
            held.number.cast_signed(),
            run.place as i64,
            run.attempts,
            run.status,
            &run.reason,
            self.ledger.ended_ms.cast_signed(),
            stored(sums[0]),
            stored(sums[1]),
            &data,
            &packed.receipt,
            &more,
        ))?;
        self.ledger.change(held.sums, sums);
        Ok(())
    }

    pub(super) fn deliver(&mut self, number: u64, frees_key: bool) -> Taken<()> {
        let held = self.held(number)?;
        if held.run.place != Place::Undelivered {
            return Err(Stop::Refused(Refused::Over));
        }
        let run = Run {
            place: Place::Done,
            ..held.run.clone()
        };
        let [sum, bulk] = held.sums;
        let mut sum = sum ^ held.run.sum() ^ run.sum();
        if frees_key {
            sum ^= self.free_key(number)?;
        }
        let mut update = self
            .conn
            .prepare_cached("UPDATE job SET place = 4, sum = ?2 WHERE number = ?1")?;
        update.execute((number.cast_signed(), stored(sum)))?;
        self.ledger.change(held.sums, [sum, bulk]);
        Ok(())
    }

    /// Takes the key away; what that changes of the sum.
    fn free_key(&mut self, number: u64) -> Result<u32> {
        let key = {
            let mut select = self
                .conn
                .prepare_cached("SELECT key FROM job WHERE number = ?1")?;
            let mut rows = select.query([number.cast_signed()])?;
            pack::unpack_key(rows.next()?.ok_or_else(gone)?.get_ref(0)?)?
        };
        let mut update = self
            .conn
            .prepare_cached("UPDATE job SET key = NULL WHERE number = ?1")?;
        update.execute([number.cast_signed()])?;
        Ok(row::key(key.as_ref()) ^ row::key(None))
    }

    pub(super) fn retry(&mut self, number: u64, resets_state: bool) -> Taken<()> {
        let mut held = self.held(number)?;
        held.is_over()?;
        if held.run.status == Some(SUCCESS) {
            return Err(Stop::Refused(Refused::Over));
        }
        self.keep_latest(number)?;
        if resets_state {
            self.reset_latest(number)?;
            held.sums = self.carry(&held, None)?;
        }
        let left = {
            let mut select = self
                .conn
                .prepare_cached("SELECT data, receipt, more FROM job WHERE number = ?1")?;
            let mut rows = select.query([number.cast_signed()])?;
            let row = rows.next()?.ok_or_else(gone)?;
            let (data, receipt, more) = (row.get_ref(0)?, row.get_ref(1)?, row.get_ref(2)?);
            large::release(self.conn, data)?;
            large::release(self.conn, more)?;
            sum::column(Part::Data, data)
                ^ sum::column(Part::Receipt, receipt)
                ^ sum::column(Part::More, more)
        };
        let run = Run {
            place: Place::queued(held.is_child, false),
            lost: 0,
            is_suspect: false,
            status: None,
            reason: None,
            ended_ms: None,
            ..held.run.clone()
        };
        let [sum, bulk] = held.sums;
        let sums = [sum ^ held.run.sum() ^ run.sum(), bulk ^ left];
        let mut update = self.conn.prepare_cached(
            "UPDATE job SET place = ?2, lost = 0, suspect = 0, status = NULL, reason = NULL, \
             ended_ms = NULL, data = NULL, receipt = NULL, more = NULL, sum = ?3, bulk = ?4 \
             WHERE number = ?1",
        )?;
        update.execute((
            number.cast_signed(),
            run.place as i64,
            stored(sums[0]),
            stored(sums[1]),
        ))?;
        self.ledger.change(held.sums, sums);
        Ok(())
    }

    /// The attempt that the outcome of a job tells of is past.
    fn keep_latest(&mut self, number: u64) -> Result<()> {
        let entry = read::find(self.conn, self.rows, number)?.ok_or_else(gone)?;
        let last = read::last_past(self.conn, self.rows, number)?;
        match entry.latest_attempt(last.as_ref()) {
            Some(latest) => self.past(number, &latest),
            None => Ok(()),
        }
    }

    /// The state is forgotten after the latest attempt that is past.
    fn reset_latest(&mut self, number: u64) -> Result<()> {
        let found: Option<(i64, i32, bool)> = self
            .conn
            .prepare_cached(
                "SELECT id, sum, reset FROM past WHERE number = ?1 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([number.cast_signed()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((id, sum, was_reset)) = found else {
            return Ok(());
        };
        let sum = sum.cast_unsigned() ^ row::reset(was_reset) ^ row::reset(true);
        let mut update = self
            .conn
            .prepare_cached("UPDATE past SET reset = 1, sum = ?2 WHERE id = ?1")?;
        update.execute((id, stored(sum)))?;
        Ok(())
    }
}

/// The number of the status that is success.
const SUCCESS: i64 = 1;
