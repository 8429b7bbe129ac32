//! What a job runs under from now on, where that is something else than before.

use super::{Taken, Writer, gone};
use crate::store::Conditions;
use crate::store::sqlite::fault::Result;
use crate::store::sqlite::read;
use crate::store::sqlite::row;
use crate::store::sqlite::sum::stored;

impl Writer<'_> {
    pub(super) fn runs_under(
        &mut self,
        number: u64,
        fence: u32,
        conditions: &Conditions,
    ) -> Taken<()> {
        let held = self.held(number)?;
        held.is_claimed(fence)?;
        let entry = read::find(self.conn, self.rows, number)?.ok_or_else(gone)?;
        let mut job = entry.job;
        if job.conditions.digest() == conditions.digest() {
            return Ok(());
        }
        self.past_ran_under(number, &job.conditions)?;
        let value_bytes = job.value.len() as u64;
        let before = row::came(&job, value_bytes);
        job.conditions = conditions.clone().into();
        let [sum, bulk] = held.sums;
        let sum = sum ^ before ^ row::came(&job, value_bytes);
        let conditions = self.rows.names.conditions_number(self.conn, conditions)?;
        let mut update = self
            .conn
            .prepare_cached("UPDATE job SET conditions = ?2, sum = ?3 WHERE number = ?1")?;
        update.execute((number.cast_signed(), conditions, stored(sum)))?;
        self.ledger.change(held.sums, [sum, bulk]);
        Ok(())
    }

    /// Past attempts that ran under what the job ran under until now say so themselves.
    fn past_ran_under(&mut self, number: u64, before: &Conditions) -> Result<()> {
        let past: Vec<(i64, i32)> = {
            let mut select = self.conn.prepare_cached(
                "SELECT id, sum FROM past WHERE number = ?1 AND conditions IS NULL",
            )?;
            let rows =
                select.query_map([number.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let conditions = self.rows.names.conditions_number(self.conn, before)?;
        let mut update = self
            .conn
            .prepare_cached("UPDATE past SET conditions = ?2, sum = ?3 WHERE id = ?1")?;
        for (id, sum) in past {
            let sum = sum.cast_unsigned() ^ row::under(None) ^ row::under(Some(before));
            update.execute((id, conditions, stored(sum)))?;
        }
        Ok(())
    }
}
