//! What happens to the children of a job, and theirs.

use super::{Taken, Writer};
use crate::job::JobId;
use crate::store::sqlite::fault::Result;
use crate::store::sqlite::large;
use crate::store::sqlite::read;
use crate::task::{Outcome, Reason};
use crate::value::Value;

impl Writer<'_> {
    /// Children that are not done are cancelled, and theirs. Nobody has to take what they left:
    /// who would have is over.
    pub(super) fn end_children(&mut self, number: u64) -> Taken<()> {
        let mut parents = vec![number];
        while let Some(parent) = parents.pop() {
            for child in self.children_of(parent)? {
                let held = self.held(child)?;
                if held.run.place.is_over() {
                    continue;
                }
                let Some(entry) = read::find(self.conn, self.rows, child)? else {
                    continue;
                };
                let id = JobId {
                    host: self.rows.host(),
                    number: child,
                };
                let worker = entry.job.worker.clone();
                let ended = Outcome::without_attempt(id, worker, Reason::ParentEnded, None);
                let outcome = Outcome {
                    attempts: entry.attempts,
                    data: entry.carried.unwrap_or_else(Value::nil),
                    ..ended
                };
                self.finish(&held, &outcome, true)?;
                parents.push(child);
            }
        }
        Ok(())
    }

    /// Forgets a job, its children, and theirs. How many.
    pub(in crate::store::sqlite) fn forget(&mut self, number: u64) -> Result<u64> {
        let mut count = 0;
        let mut left = vec![number];
        while let Some(number) = left.pop() {
            left.extend(self.children_of(number)?);
            count += u64::from(self.forget_one(number)?);
        }
        Ok(count)
    }

    fn forget_one(&mut self, number: u64) -> Result<bool> {
        let key = number.cast_signed();
        {
            let mut select = self.conn.prepare_cached(
                "SELECT sum, bulk, said, value, carried, data, more FROM job WHERE number = ?1",
            )?;
            let mut rows = select.query([key])?;
            let Some(row) = rows.next()? else {
                return Ok(false);
            };
            let sums: [i32; 2] = [row.get(0)?, row.get(1)?];
            self.ledger.remove(number, sums.map(i32::cast_unsigned));
            for place in 2..7 {
                large::release(self.conn, row.get_ref(place)?)?;
            }
            let mut select = self
                .conn
                .prepare_cached("SELECT state, more FROM past WHERE number = ?1")?;
            let mut rows = select.query([key])?;
            while let Some(row) = rows.next()? {
                large::release(self.conn, row.get_ref(0)?)?;
                large::release(self.conn, row.get_ref(1)?)?;
            }
        }
        let mut delete = self
            .conn
            .prepare_cached("DELETE FROM job WHERE number = ?1")?;
        delete.execute([key])?;
        Ok(true)
    }

    /// A job's children, those without a name of their own among them, by number.
    fn children_of(&self, parent: u64) -> Result<Vec<u64>> {
        let mut select = self.conn.prepare_cached(read::CHILDREN)?;
        let rows = select.query_map([parent.cast_signed()], |row| row.get::<_, i64>(0))?;
        let numbers = rows.map(|number| number.map(i64::cast_unsigned));
        let mut numbers = numbers.collect::<rusqlite::Result<Vec<u64>>>()?;
        numbers.sort_unstable();
        Ok(numbers)
    }
}
