//! What is asked of recorded jobs from outside while a host has their store.

use super::Hub;
use crate::dispatch::recorder::now_ms;
use crate::job::JobId;
use crate::store::{Batch, Broken, Change, Changed, State, StoreError};

impl Hub {
    /// Does it to these jobs, whether this host has them or not; what came of each. A job that
    /// is queued again waits for the next host of its stream.
    pub(crate) fn change_recorded(
        &self,
        jobs: &[JobId],
        change: Change,
    ) -> Result<Vec<Changed>, StoreError> {
        let Some(recorder) = &self.recorder else {
            return Ok(vec![Changed::Unknown; jobs.len()]);
        };
        let is_taken = |stream: &str| *recorder.stream == *stream && !recorder.is_acknowledged();
        let mut batch = Batch::default();
        for job in jobs {
            let is_ours = job.host == self.id;
            let known = recorder.ledger.read(|reader| {
                if !is_ours {
                    return Ok(Err(Changed::Unknown));
                }
                if change == Change::Cancel && is_claimed(reader.find(job.number)?) {
                    return Ok(Err(Changed::Done));
                }
                change.writes(reader, job.number, now_ms(), &is_taken)
            })?;
            if change == Change::Cancel && matches!(known, Err(Changed::Done)) {
                // It is this host's, and ends by itself.
                self.cancel_by_id(*job);
            }
            batch.add(known);
        }
        let (writes, found) = batch.end();
        let answers = recorder.ledger.ask(writes);
        let answers = answers.map_err(|Broken(error)| error)?;
        let mut changed = found.answered(&answers, change);
        for (job, changed) in jobs.iter().zip(&mut changed) {
            if change == Change::Cancel && *changed == Changed::NotOver {
                // This host has claimed it meanwhile.
                self.cancel_by_id(*job);
                *changed = Changed::Done;
            }
        }
        Ok(changed)
    }
}

fn is_claimed(entry: Option<crate::store::Entry>) -> bool {
    entry.is_some_and(|entry| matches!(entry.state, State::Claimed(_)))
}
