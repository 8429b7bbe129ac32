//! What each write does to the rows.
//!
//! Whatever may refuse a write is looked at before its first change, or is the one statement that
//! it consists of: so a refused write has changed nothing, and needs no savepoint.

mod conditions;
mod family;
mod finish;

use super::fault::{Result, Trouble};
use super::large::{self, Column};
use super::ledger::Ledger;
use super::pack;
use super::row::{self, Place, Rows, Run};
use super::sum::{self, Part, stored};
use crate::store::{
    Answer, Claims, Entry, Expiry, Fault, NewJob, PastAttempt, Refused, Session, SessionId, Write,
};
use crate::value::Value;
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// Applies writes within one transaction.
pub(super) struct Writer<'a> {
    pub(super) conn: &'a Connection,
    pub(super) rows: &'a mut Rows,
    /// Written when the batch is through.
    pub(super) ledger: &'a mut Ledger,
}

/// Why a write went no further.
enum Stop {
    Refused(Refused),
    Trouble(Trouble),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Stop {
        Stop::Trouble(trouble)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Stop {
        Stop::Trouble(error.into())
    }
}

type Taken<T> = std::result::Result<T, Stop>;

/// What of a job decides whether a write is taken.
struct Held {
    number: u64,
    run: Run,
    sums: [u32; 2],
    is_child: bool,
    /// The number of the worker's name.
    worker: i64,
}

impl Held {
    /// Whether it is claimed with just this fence.
    fn is_claimed(&self, fence: u32) -> Taken<()> {
        match self.run.place {
            Place::Claimed if self.run.fence == fence => Ok(()),
            Place::Claimed | Place::Next | Place::Held => Err(Stop::Refused(Refused::Fenced)),
            Place::Undelivered | Place::Done => Err(Stop::Refused(Refused::Over)),
        }
    }

    fn is_queued(&self) -> Taken<()> {
        match self.run.place {
            Place::Next | Place::Held => Ok(()),
            Place::Claimed => Err(Stop::Refused(Refused::Fenced)),
            Place::Undelivered | Place::Done => Err(Stop::Refused(Refused::Over)),
        }
    }

    fn may_finish(&self, fence: Option<u32>) -> Taken<()> {
        match fence {
            Some(fence) => self.is_claimed(fence),
            None => self.is_queued(),
        }
    }

    fn is_over(&self) -> Taken<()> {
        if self.run.place.is_over() {
            Ok(())
        } else {
            Err(Stop::Refused(Refused::Over))
        }
    }

    /// What it is when nobody has it.
    fn queued(&self) -> Run {
        Run {
            place: Place::queued(self.is_child, self.run.is_suspect),
            session: None,
            ..self.run.clone()
        }
    }
}

impl Writer<'_> {
    /// Does what a write says, or nothing.
    pub(super) fn apply(&mut self, write: &Write) -> Result<Answer> {
        match self.try_apply(write) {
            Ok(answer) => Ok(answer),
            Err(Stop::Refused(why)) => Ok(Answer::Refused(why)),
            Err(Stop::Trouble(trouble)) => Err(trouble),
        }
    }

    fn try_apply(&mut self, write: &Write) -> Taken<Answer> {
        match write {
            Write::Begin(session) => return Ok(Answer::Session(self.begin(session)?)),
            Write::Expire(which) => return Ok(Answer::Expired(self.expire(*which)?)),
            Write::Claim { session, which } => {
                return Ok(Answer::Claimed(self.claim(*session, which)?));
            }
            Write::Renew { session, until_ms } => self.renew(*session, *until_ms)?,
            Write::Submit(job) => self.submit(job)?,
            Write::Conditions {
                number,
                fence,
                conditions,
            } => self.runs_under(*number, *fence, conditions)?,
            Write::Checkpoint {
                number,
                fence,
                state,
            } => {
                let held = self.held(*number)?;
                held.is_claimed(*fence)?;
                self.carry(&held, Some(state))?;
            }
            Write::Again {
                number,
                fence,
                past,
            } => self.again(*number, *fence, past)?,
            Write::Release { number, fence } => {
                let held = self.held(*number)?;
                held.is_claimed(*fence)?;
                self.run(&held, &held.queued())?;
            }
            Write::Lost { number, past } => self.lost(*number, past)?,
            Write::Finish {
                number,
                fence,
                outcome,
                is_delivered,
                ends_children,
                now_ms,
            } => {
                let held = self.held(*number)?;
                held.may_finish(*fence)?;
                self.ledger.ended_ms = self.ledger.ended_ms.max(*now_ms);
                self.finish(&held, outcome, *is_delivered)?;
                if *ends_children {
                    self.end_children(*number)?;
                }
            }
            Write::Deliver { number, frees_key } => self.deliver(*number, *frees_key)?,
            Write::Cursor { name, value } => self.cursor(name, value)?,
            Write::Retry {
                number,
                resets_state,
            } => self.retry(*number, *resets_state)?,
            Write::Drop { number, fence } => {
                let held = self.held(*number)?;
                if fence.is_some() || !held.run.place.is_over() {
                    held.may_finish(*fence)?;
                }
                self.forget(*number)?;
            }
            Write::Rename { number } => self.rename(*number)?,
            Write::Plugin { digest, bytes } => {
                let mut insert = self.conn.prepare_cached(
                    "INSERT INTO plugin (digest, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?;
                insert.execute((digest.as_bytes(), &**bytes))?;
            }
        }
        Ok(Answer::Done)
    }

    fn held(&self, number: u64) -> Taken<Held> {
        let mut select = self.conn.prepare_cached(
            "SELECT sum, bulk, parent IS NOT NULL, worker, place, fence, attempts, lost, suspect, \
             session, renamed, status, reason, ended_ms FROM job WHERE number = ?1",
        )?;
        let mut rows = select.query([number.cast_signed()])?;
        let Some(row) = rows.next()? else {
            return Err(Stop::Refused(Refused::Unknown));
        };
        let sums: [i32; 2] = [row.get(0)?, row.get(1)?];
        Ok(Held {
            number,
            run: Run::read(row, 4)?,
            sums: sums.map(i32::cast_unsigned),
            is_child: row.get(2)?,
            worker: row.get(3)?,
        })
    }

    /// The job is claimed, queued, or a suspect from now on.
    fn run(&mut self, held: &Held, run: &Run) -> Result<()> {
        let [sum, bulk] = held.sums;
        let sum = sum ^ held.run.sum() ^ run.sum();
        let mut update = self.conn.prepare_cached(
            "UPDATE job SET place = ?2, fence = ?3, attempts = ?4, lost = ?5, suspect = ?6, \
             session = ?7, sum = ?8 WHERE number = ?1",
        )?;
        update.execute((
            held.number.cast_signed(),
            run.place as i64,
            run.fence,
            run.attempts,
            run.lost,
            run.is_suspect,
            run.session,
            stored(sum),
        ))?;
        self.ledger.change(held.sums, [sum, bulk]);
        Ok(())
    }

    /// Changes the carried state, and gives the sums that the job has then.
    fn carry(&mut self, held: &Held, state: Option<&Value>) -> Result<[u32; 2]> {
        let column = state.map(|state| Column::of(state.as_bytes()));
        let old = {
            let mut select = self
                .conn
                .prepare_cached("SELECT carried FROM job WHERE number = ?1")?;
            let mut rows = select.query([held.number.cast_signed()])?;
            let row = rows.next()?.ok_or_else(gone)?;
            let old = row.get_ref(0)?;
            large::release(self.conn, old)?;
            sum::column(Part::Carried, old)
        };
        if let Some(column) = &column {
            column.keep(self.conn)?;
        }
        let new = column.as_ref().map_or(ValueRef::Null, Column::as_ref);
        let [sum, bulk] = held.sums;
        let bulk = bulk ^ old ^ sum::column(Part::Carried, new);
        let mut update = self
            .conn
            .prepare_cached("UPDATE job SET carried = ?2, bulk = ?3 WHERE number = ?1")?;
        update.execute((held.number.cast_signed(), &column, stored(bulk)))?;
        self.ledger.change(held.sums, [sum, bulk]);
        Ok([sum, bulk])
    }

    fn submit(&mut self, job: &NewJob) -> Taken<()> {
        if i64::try_from(job.number.saturating_add(job.span)).is_err() {
            let what = format!("{} is too high for a number", job.number);
            return Err(Trouble::new(Fault::Internal, what).into());
        }
        let value = Column::of(job.value.as_bytes());
        let said = Column::of(job.said.as_bytes());
        let said = (!is_nil(&job.said)).then_some(said);
        let run = Run {
            place: match job.claim {
                Some(_) => Place::Claimed,
                None => Place::queued(job.parent.is_some(), false),
            },
            fence: job.claim.is_some().into(),
            attempts: 0,
            lost: 0,
            is_suspect: false,
            session: job.claim.map(|session| session.0),
            is_renamed: false,
            status: None,
            reason: None,
            ended_ms: None,
        };
        let value_bytes = job.value.len() as u64;
        let said_sum = said
            .as_ref()
            .map_or(0, |said| sum::column(Part::Said, said.as_ref()));
        let sums = [
            row::came(job, value_bytes) ^ row::key(job.key.as_ref()) ^ run.sum(),
            said_sum ^ sum::column(Part::Value, value.as_ref()),
        ];
        let names = &mut self.rows.names;
        let group = job.group.as_ref();
        let group = group
            .map(|group| names.number(self.conn, group))
            .transpose()?;
        let mut insert = self.conn.prepare_cached(
            "INSERT INTO job (number, place, fence, session, sum, bulk, span, stream, key, parent, \
             child, worker, conditions, arity, singleton, grp, submitted_ms, value_bytes, said, \
             value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
             ?17, ?18, ?19, ?20) ON CONFLICT DO NOTHING",
        )?;
        let parent = job.parent.as_ref();
        let inserted = insert.execute(rusqlite::params![
            job.number.cast_signed(),
            run.place as i64,
            run.fence,
            run.session,
            stored(sums[0]),
            stored(sums[1]),
            job.span.cast_signed(),
            names.number(self.conn, &job.stream)?,
            ToSqlOutput::Borrowed(pack::key(job.key.as_ref())),
            parent.map(|parent| parent.number.cast_signed()),
            parent.map(|parent| ToSqlOutput::Borrowed(pack::child(&parent.name))),
            names.number(self.conn, &job.worker)?,
            names.conditions_number(self.conn, &job.conditions)?,
            job.arity,
            job.singleton.as_deref(),
            group,
            job.submitted_ms.cast_signed(),
            value_bytes.cast_signed(),
            &said,
            &value,
        ])?;
        if inserted == 0 {
            return Err(Stop::Refused(Refused::Exists));
        }
        value.keep(self.conn)?;
        if let Some(said) = said {
            said.keep(self.conn)?;
        }
        self.ledger.add(job.number, sums);
        let next = job.number.saturating_add(job.span);
        self.ledger.next_number = self.ledger.next_number.max(next);
        Ok(())
    }

    fn begin(&mut self, session: &Session) -> Result<SessionId> {
        let latest: Option<u32> =
            self.conn
                .query_row("SELECT max(id) FROM session", [], |row| row.get(0))?;
        let id = SessionId(latest.unwrap_or(0) + 1);
        let mut insert = self.conn.prepare_cached(
            "INSERT INTO session (id, began_ms, pid, boot, until_ms, sum) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        insert.execute((
            id.0,
            session.began_ms.cast_signed(),
            session.pid,
            &session.boot,
            session.until_ms.cast_signed(),
            super::session::sum(id, session),
        ))?;
        Ok(id)
    }

    fn renew(&mut self, id: SessionId, until_ms: u64) -> Taken<()> {
        let session = super::session::find(self.conn, id)?;
        let session = session.ok_or(Stop::Refused(Refused::Unknown))?;
        let session = Session {
            until_ms,
            ..session
        };
        let mut update = self
            .conn
            .prepare_cached("UPDATE session SET until_ms = ?2, sum = ?3 WHERE id = ?1")?;
        let sum = super::session::sum(id, &session);
        update.execute((id.0, until_ms.cast_signed(), sum))?;
        Ok(())
    }

    fn expire(&mut self, which: Expiry) -> Taken<u64> {
        let claimed: Vec<(i64, Option<u32>)> = {
            let mut select = self.conn.prepare_cached(
                "SELECT number, session FROM job INDEXED BY job_open \
                 WHERE place < 4 AND place = 2",
            )?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let mut void = 0;
        for (number, session) in claimed {
            let session = SessionId(session.unwrap_or_default());
            let is_void = match which {
                Expiry::AllBut(other) => session != other,
                Expiry::At(now_ms) => {
                    let session = super::session::find(self.conn, session)?;
                    session.is_some_and(|session| session.until_ms < now_ms)
                }
            };
            if is_void {
                let held = self.held(number.cast_unsigned())?;
                self.run(&held, &held.queued())?;
                void += 1;
            }
        }
        Ok(void)
    }

    fn claim(&mut self, session: SessionId, which: &Claims) -> Taken<Vec<Entry>> {
        let numbers: Vec<u64> = match which {
            Claims::Next { stream, most } => self.next(stream, *most)?,
            Claims::One(number) => vec![*number],
        };
        let mut claimed = Vec::with_capacity(numbers.len());
        for number in numbers {
            let held = match self.held(number) {
                Ok(held) if held.run.place.is_queued() => held,
                Ok(_) | Err(Stop::Refused(_)) => continue,
                Err(stop) => return Err(stop),
            };
            let run = Run {
                place: Place::Claimed,
                session: Some(session.0),
                fence: held.run.fence + 1,
                ..held.run.clone()
            };
            self.run(&held, &run)?;
            claimed.extend(super::read::find(self.conn, self.rows, number)?);
        }
        Ok(claimed)
    }

    fn next(&mut self, stream: &str, most: usize) -> Result<Vec<u64>> {
        let Some(stream) = self.rows.names.known(self.conn, stream)? else {
            return Ok(Vec::new());
        };
        let mut select = self.conn.prepare_cached(
            "SELECT number FROM job INDEXED BY job_open WHERE place < 4 AND place = 0 \
             AND stream = ?1 AND ended_ms IS NULL ORDER BY number LIMIT ?2",
        )?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = select.query_map((stream, most), |row| row.get::<_, i64>(0))?;
        let numbers = rows.map(|number| number.map(i64::cast_unsigned));
        Ok(numbers.collect::<rusqlite::Result<_>>()?)
    }

    fn again(&mut self, number: u64, fence: u32, past: &PastAttempt) -> Taken<()> {
        let mut held = self.held(number)?;
        held.is_claimed(fence)?;
        self.past(number, past)?;
        held.sums = self.carry(&held, past.state.as_ref())?;
        let run = Run {
            fence: fence + 1,
            attempts: held.run.attempts + 1,
            is_suspect: false,
            ..held.run.clone()
        };
        self.run(&held, &run)?;
        Ok(())
    }

    fn lost(&mut self, number: u64, past: &PastAttempt) -> Taken<()> {
        let held = self.held(number)?;
        held.is_queued()?;
        self.past(number, past)?;
        let run = Run {
            place: Place::Held,
            attempts: held.run.attempts + 1,
            lost: held.run.lost + 1,
            is_suspect: true,
            ..held.run.clone()
        };
        self.run(&held, &run)?;
        Ok(())
    }

    /// Keeps an attempt that is past.
    fn past(&mut self, number: u64, past: &PastAttempt) -> Result<()> {
        let more = pack::pack_earlier(&past.earlier)?;
        let more = more.as_deref().map(Column::of);
        let state = past
            .state
            .as_ref()
            .map(|state| Column::of(state.as_bytes()));
        for column in [&more, &state].into_iter().flatten() {
            column.keep(self.conn)?;
        }
        let receipt = past.receipt.as_ref().map(pack::receipt);
        let reason = past.earlier.reason.to_string();
        let recorded = past.recorded;
        let start_ms = recorded.map(|recorded| recorded.start_ms.cast_signed());
        let seed = recorded.map(|recorded| recorded.seed.cast_signed());
        let ended_ms = past.ended_ms.cast_signed();
        let maybe = |number: Option<i64>| number.map_or(ValueRef::Null, ValueRef::Integer);
        let column = |column: &Option<Column<'_>>| match column {
            None => 0,
            Some(column) => sum::column(Part::Past, column.as_ref()),
        };
        let parts = [
            sum::column(Part::Past, ValueRef::Integer(past.earlier.attempt.into())),
            sum::column(Part::Past, ValueRef::Text(reason.as_bytes())),
            sum::column(Part::Past, ValueRef::Integer(ended_ms)),
            sum::column(Part::Past, maybe(start_ms)),
            sum::column(Part::Past, maybe(seed)),
            sum::column(Part::Past, receipt.as_deref().into()),
            column(&state),
            column(&more),
        ];
        let own = past.conditions.as_deref();
        let sum = row::past_sum(number, parts) ^ row::reset(past.is_reset) ^ row::under(own);
        let names = &mut self.rows.names;
        let conditions = own.map(|own| names.conditions_number(self.conn, own));
        let mut insert = self.conn.prepare_cached(
            "INSERT INTO past (number, attempt, reason, ended_ms, start_ms, seed, receipt, state, \
             more, conditions, reset, sum) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        insert.execute((
            number.cast_signed(),
            past.earlier.attempt,
            &reason,
            ended_ms,
            start_ms,
            seed,
            &receipt,
            &state,
            &more,
            conditions.transpose()?,
            past.is_reset,
            stored(sum),
        ))?;
        Ok(())
    }

    fn cursor(&mut self, name: &str, value: &Value) -> Result<()> {
        let mut upsert = self.conn.prepare_cached(
            "INSERT INTO cursor (name, value, sum) VALUES (?1, ?2, ?3) \
             ON CONFLICT (name) DO UPDATE SET value = ?2, sum = ?3",
        )?;
        let sum = super::cursor_sum(name, value.as_bytes());
        upsert.execute((name, value.as_bytes(), sum))?;
        Ok(())
    }

    fn rename(&mut self, number: u64) -> Taken<()> {
        let held = self.held(number)?;
        if !held.is_child {
            return Err(Stop::Refused(Refused::Over));
        }
        let run = Run {
            is_renamed: true,
            ..held.run.clone()
        };
        let [sum, bulk] = held.sums;
        let sum = sum ^ held.run.sum() ^ run.sum();
        let mut update = self
            .conn
            .prepare_cached("UPDATE job SET renamed = 1, sum = ?2 WHERE number = ?1")?;
        update.execute((number.cast_signed(), stored(sum)))?;
        self.ledger.change(held.sums, [sum, bulk]);
        Ok(())
    }
}

fn is_nil(value: &Value) -> bool {
    value.as_bytes() == Value::nil().as_bytes()
}

/// A row that was there a moment ago.
fn gone() -> Trouble {
    Trouble::damaged("a job is there and is not")
}
