//! A job as a row, and what of it has changed.

use super::fault::{Result, Trouble};
use super::large;
use super::names::Names;
use super::pack::{self, Columns};
use super::sum::{self, Part, Sum};
use crate::job::{HostId, JobId};
use crate::store::{
    Conditions, Done, Entry, Key, Listed, NewJob, Parent, PastAttempt, SessionId, Standing, State,
};
use crate::task::{Reason, Recorded};
use crate::value::Value;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use std::sync::Arc;

/// What is small of a job; [`Rows::listed`] reads it.
pub(super) const HEAD: &str = "number, place, fence, attempts, lost, suspect, session, renamed, \
    status, reason, ended_ms, sum, span, stream, key, parent, child, worker, conditions, arity, \
    singleton, grp, submitted_ms, value_bytes";

/// What [`Rows::entry`] reads.
pub(super) const ALL: &str = "number, place, fence, attempts, lost, suspect, session, renamed, \
    status, reason, ended_ms, sum, span, stream, key, parent, child, worker, conditions, arity, \
    singleton, grp, submitted_ms, value_bytes, bulk, said, value, carried, data, receipt, more";

/// What [`Rows::past`] reads.
pub(super) const PAST: &str = "attempt, reason, ended_ms, start_ms, seed, receipt, state, more, sum, reset, \
    conditions";

/// Where a job is; see the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Next = 0,
    Held = 1,
    Claimed = 2,
    Undelivered = 3,
    Done = 4,
}

impl Place {
    fn of(number: i64) -> Result<Place> {
        Ok(match number {
            0 => Place::Next,
            1 => Place::Held,
            2 => Place::Claimed,
            3 => Place::Undelivered,
            4 => Place::Done,
            _ => return Err(Trouble::damaged(format!("{number} is no place of a job"))),
        })
    }

    /// Where a queued job is.
    pub(super) fn queued(is_child: bool, is_suspect: bool) -> Place {
        if is_child || is_suspect {
            Place::Held
        } else {
            Place::Next
        }
    }

    pub(super) fn is_queued(self) -> bool {
        matches!(self, Place::Next | Place::Held)
    }

    pub(super) fn is_over(self) -> bool {
        matches!(self, Place::Undelivered | Place::Done)
    }

    fn standing(self) -> Standing {
        match self {
            Place::Next | Place::Held => Standing::Queued,
            Place::Claimed => Standing::Claimed,
            Place::Undelivered => Standing::Undelivered,
            Place::Done => Standing::Done,
        }
    }
}

/// What changes of a job while it is in the store, but for its key and its values.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) place: Place,
    pub(super) fence: u32,
    pub(super) attempts: u32,
    pub(super) lost: u32,
    pub(super) is_suspect: bool,
    pub(super) session: Option<u32>,
    pub(super) is_renamed: bool,
    pub(super) status: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) ended_ms: Option<u64>,
}

impl Run {
    /// From the columns of [`HEAD`] from `place` on.
    pub(super) fn read(row: &Row<'_>, from: usize) -> Result<Run> {
        let ended_ms: Option<i64> = row.get(from + 9)?;
        Ok(Run {
            place: Place::of(row.get(from)?)?,
            fence: row.get(from + 1)?,
            attempts: row.get(from + 2)?,
            lost: row.get(from + 3)?,
            is_suspect: row.get(from + 4)?,
            session: row.get(from + 5)?,
            is_renamed: row.get(from + 6)?,
            status: row.get(from + 7)?,
            reason: row.get(from + 8)?,
            ended_ms: ended_ms.map(i64::cast_unsigned),
        })
    }

    pub(super) fn sum(&self) -> u32 {
        let numbers = [
            self.place as i64,
            self.fence.into(),
            self.attempts.into(),
            self.lost.into(),
            self.is_suspect.into(),
            self.session.map_or(-1, i64::from),
            self.is_renamed.into(),
            self.status.unwrap_or(-1),
            self.ended_ms.map_or(-1, u64::cast_signed),
        ];
        let reason = self.reason.as_deref().map(str::as_bytes);
        Sum::of(Part::Run).ints(&numbers).maybe(reason).end()
    }

    /// The word of the reason.
    fn word(&self) -> String {
        let word = self.reason.clone();
        word.unwrap_or_else(|| Reason::Returned.to_string())
    }
}

/// The sum of what a job came with, its key and its values left out.
pub(super) fn came(job: &NewJob, value_bytes: u64) -> u32 {
    let numbers = [
        job.number.cast_signed(),
        job.span.cast_signed(),
        job.arity.into(),
        job.submitted_ms.cast_signed(),
        value_bytes.cast_signed(),
        job.parent.as_ref().map_or(-1, |p| p.number.cast_signed()),
    ];
    let sum = Sum::of(Part::Came)
        .ints(&numbers)
        .bytes(job.stream.as_bytes())
        .bytes(job.worker.as_bytes())
        .bytes(job.conditions.digest().as_bytes())
        .maybe(job.singleton.as_deref().map(str::as_bytes))
        .maybe(job.group.as_deref().map(str::as_bytes));
    match &job.parent {
        None => sum.end(),
        Some(parent) => {
            let name = sum::column(Part::Came, pack::child(&parent.name));
            sum.int(name.into()).end()
        }
    }
}

/// The sum of a key.
pub(super) fn key(key: Option<&Key>) -> u32 {
    sum::column(Part::Key, pack::key(key))
}

/// The sum of a past attempt's columns that never change.
pub(super) fn past_sum(number: u64, parts: [u32; 8]) -> u32 {
    let parts = parts.map(i64::from);
    let sum = Sum::of(Part::Past).int(number.cast_signed());
    sum.ints(&parts).end()
}

/// The sum of the conditions of a past attempt that has its own.
pub(super) fn under(conditions: Option<&Conditions>) -> u32 {
    conditions.map_or(0, |conditions| {
        let digest = conditions.digest();
        Sum::of(Part::Under).bytes(digest.as_bytes()).end()
    })
}

/// The sum of what says that the state was forgotten after a past attempt.
pub(super) fn reset(is_reset: bool) -> u32 {
    sum::column(Part::Reset, ValueRef::Integer(is_reset.into()))
}

/// Reads rows.
#[derive(Debug)]
pub(super) struct Rows {
    /// The first part of jobs' ids.
    host: HostId,
    pub(super) names: Names,
    /// Whether sums are looked at; only a test does without.
    checks: bool,
}

/// The columns of [`HEAD`].
struct Head {
    run: Run,
    sum: u32,
    /// Without its values.
    job: NewJob,
    value_bytes: u64,
}

impl Rows {
    pub(super) fn new(host: HostId) -> Rows {
        Rows {
            host,
            names: Names::default(),
            checks: true,
        }
    }

    #[cfg(test)]
    pub(super) fn unchecked(host: HostId) -> Rows {
        Rows {
            checks: false,
            ..Rows::new(host)
        }
    }

    pub(super) fn host(&self) -> HostId {
        self.host
    }

    fn head(&mut self, conn: &Connection, row: &Row<'_>) -> Result<Head> {
        let parent: Option<i64> = row.get(15)?;
        let parent = match parent {
            None => None,
            Some(number) => Some(Parent {
                number: number.cast_unsigned(),
                name: pack::unpack_child(row.get_ref(16)?)?,
            }),
        };
        let group: Option<i64> = row.get(21)?;
        let group = group.map(|group| self.names.text(conn, group));
        let singleton: Option<Arc<str>> = row.get(20)?;
        let unsigned = |place: usize| row.get::<_, i64>(place).map(i64::cast_unsigned);
        Ok(Head {
            run: Run::read(row, 1)?,
            sum: row.get::<_, i32>(11)?.cast_unsigned(),
            job: NewJob {
                number: unsigned(0)?,
                span: unsigned(12)?,
                stream: self.names.text(conn, row.get(13)?)?,
                key: pack::unpack_key(row.get_ref(14)?)?,
                parent,
                worker: self.names.text(conn, row.get(17)?)?,
                conditions: self.names.conditions(conn, row.get(18)?)?,
                value: Value::nil(),
                arity: row.get(19)?,
                said: Value::nil(),
                singleton,
                group: group.transpose()?,
                submitted_ms: unsigned(22)?,
                claim: None,
            },
            value_bytes: unsigned(23)?,
        })
    }

    fn check(&self, head: &Head) -> Result<()> {
        let job = &head.job;
        let sum = came(job, head.value_bytes) ^ key(job.key.as_ref()) ^ head.run.sum();
        self.agree(job.number, sum == head.sum)
    }

    fn agree(&self, number: u64, agrees: bool) -> Result<()> {
        if agrees || !self.checks {
            return Ok(());
        }
        let what = format!("what is kept of job {number} has come to harm");
        Err(Trouble::damaged(what))
    }

    /// A row of [`HEAD`].
    pub(super) fn listed(&mut self, conn: &Connection, row: &Row<'_>) -> Result<Listed> {
        let head = self.head(conn, row)?;
        self.check(&head)?;
        let Head { run, job, .. } = head;
        let ended = match run.status {
            None => None,
            Some(status) => Some((pack::status(status)?, run.word())),
        };
        Ok(Listed {
            number: job.number,
            worker: job.worker,
            stream: job.stream,
            key: job.key,
            standing: run.place.standing(),
            ended,
            attempts: run.attempts,
            submitted_ms: job.submitted_ms,
            ended_ms: run.ended_ms,
            value_bytes: head.value_bytes,
        })
    }

    /// The number and the singleton key of a row of [`HEAD`].
    pub(super) fn singleton(
        &mut self,
        conn: &Connection,
        row: &Row<'_>,
    ) -> Result<Option<(u64, Arc<str>)>> {
        let head = self.head(conn, row)?;
        self.check(&head)?;
        Ok(head.job.singleton.map(|key| (head.job.number, key)))
    }

    /// A row of [`ALL`].
    pub(super) fn entry(&mut self, conn: &Connection, row: &Row<'_>) -> Result<Entry> {
        let head = self.head(conn, row)?;
        self.check(&head)?;
        let parts = [
            Part::Said,
            Part::Value,
            Part::Carried,
            Part::Data,
            Part::Receipt,
            Part::More,
        ];
        let mut bulk = 0;
        for (place, part) in (25..).zip(parts) {
            bulk ^= sum::column(part, row.get_ref(place)?);
        }
        let stored: i32 = row.get(24)?;
        self.agree(head.job.number, bulk == stored.cast_unsigned())?;

        let value = |place: usize| -> Result<Option<Value>> {
            Ok(large::bytes(conn, row.get_ref(place)?)?.map(Value::trusted))
        };
        let Head { run, job, .. } = head;
        let job = NewJob {
            said: value(25)?.unwrap_or_else(Value::nil),
            value: value(26)?.unwrap_or_else(Value::nil),
            ..job
        };
        let state = match (run.place, run.session) {
            (Place::Claimed, Some(session)) => State::Claimed(SessionId(session)),
            (Place::Claimed, None) => return Err(Trouble::damaged("a claim of nobody")),
            (Place::Next | Place::Held, _) => State::Queued,
            (Place::Undelivered | Place::Done, _) => {
                State::Done(Box::new(self.done(conn, row, &run, &job)?))
            }
        };
        Ok(Entry {
            job,
            fence: run.fence,
            attempts: run.attempts,
            lost: run.lost,
            is_suspect: run.is_suspect,
            carried: value(27)?,
            state,
        })
    }

    /// The end of a job, of a row of [`ALL`].
    fn done(&self, conn: &Connection, row: &Row<'_>, run: &Run, job: &NewJob) -> Result<Done> {
        let bytes = |place: usize| large::bytes(conn, row.get_ref(place)?);
        let (data, receipt, more) = (bytes(28)?, bytes(29)?, bytes(30)?);
        let outcome = Columns {
            id: JobId {
                host: self.host,
                number: job.number,
            },
            worker: job.worker.clone(),
            status: run.status.unwrap_or_default(),
            reason: run.reason.as_deref(),
            data: data.map_or_else(Value::nil, Value::trusted),
            attempts: run.attempts,
            receipt: receipt.as_deref(),
            more: more.as_deref(),
        };
        Ok(Done {
            ended_ms: run.ended_ms.unwrap_or_default(),
            outcome: outcome.outcome()?,
            is_delivered: run.place == Place::Done,
        })
    }

    /// A row of [`PAST`].
    pub(super) fn past(
        &mut self,
        conn: &Connection,
        number: u64,
        row: &Row<'_>,
    ) -> Result<PastAttempt> {
        let column = |place: usize| row.get_ref(place);
        let columns = [
            column(0)?,
            column(1)?,
            column(2)?,
            column(3)?,
            column(4)?,
            column(5)?,
            column(6)?,
            column(7)?,
        ];
        let stored: i64 = row.get(8)?;
        let is_reset: bool = row.get(9)?;
        let conditions: Option<i64> = row.get(10)?;
        let conditions = conditions.map(|its| self.names.conditions(conn, its));
        let conditions = conditions.transpose()?;
        let parts = columns.map(|value| sum::column(Part::Past, value));
        let sum = past_sum(number, parts) ^ reset(is_reset) ^ under(conditions.as_deref());
        self.agree(number, stored == sum::stored(sum))?;
        let recorded: (Option<i64>, Option<i64>) = (row.get(3)?, row.get(4)?);
        let recorded = match recorded {
            (Some(start_ms), Some(seed)) => Some(Recorded {
                start_ms: start_ms.cast_unsigned(),
                seed: seed.cast_unsigned(),
            }),
            _ => None,
        };
        let more = large::bytes(conn, columns[7])?;
        let receipt: Option<Vec<u8>> = row.get(5)?;
        let receipt = receipt.map(|bytes| pack::unpack_receipt(&bytes));
        let word: Arc<str> = pack::shared(columns[1])?;
        Ok(PastAttempt {
            earlier: pack::unpack_earlier(row.get(0)?, &word, more.as_deref())?,
            receipt: receipt.transpose()?,
            state: large::bytes(conn, columns[6])?.map(Value::trusted),
            recorded,
            ended_ms: row.get::<_, i64>(2)?.cast_unsigned(),
            conditions,
            is_reset,
        })
    }
}
