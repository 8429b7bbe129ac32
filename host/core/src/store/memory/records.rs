//! The records of a store in memory, and what each write does to them.
//!
//! Whatever changes a job goes through [`Records::change`], which takes the job out of all
//! indexes before and puts it back into them after: an index cannot say anything else than
//! the jobs do.

use super::index::{Held, Index};
use crate::job::{HostId, JobId};
use crate::plugin::Digest;
use crate::store::{
    Answer, Claims, Conditions, Done, Entry, Expiry, Key, NewJob, PastAttempt, Refused, Session,
    SessionId, State, Write,
};
use crate::task::{Outcome, Reason, Receipts};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All that a store keeps.
#[derive(Debug)]
pub(super) struct Records {
    id: HostId,
    /// The first number that never was anybody's.
    pub(super) next_number: u64,
    /// When the latest job ended.
    ended_ms: u64,
    pub(super) jobs: BTreeMap<u64, Held>,
    pub(super) index: Index,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) cursors: BTreeMap<Arc<str>, Value>,
    pub(super) conditions: BTreeMap<Digest, Value>,
    pub(super) plugins: BTreeMap<Digest, Arc<[u8]>>,
}

impl Records {
    pub(super) fn new(id: HostId) -> Records {
        Records {
            id,
            next_number: 1,
            ended_ms: 0,
            jobs: BTreeMap::new(),
            index: Index::default(),
            sessions: BTreeMap::new(),
            cursors: BTreeMap::new(),
            conditions: BTreeMap::new(),
            plugins: BTreeMap::new(),
        }
    }

    pub(super) fn id(&self) -> HostId {
        self.id
    }

    /// Does what a write says, or nothing.
    pub(super) fn apply(&mut self, write: &Write) -> Answer {
        self.try_apply(write).unwrap_or_else(Answer::Refused)
    }

    fn try_apply(&mut self, write: &Write) -> Result<Answer, Refused> {
        match write {
            Write::Begin(session) => return Ok(Answer::Session(self.begin(session))),
            Write::Expire(which) => return Ok(Answer::Expired(self.expire(*which))),
            Write::Claim { session, which } => {
                return Ok(Answer::Claimed(self.claim(*session, which)));
            }
            Write::Renew { session, until_ms } => {
                let session = self.sessions.get_mut(session).ok_or(Refused::Unknown)?;
                session.until_ms = *until_ms;
            }
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
                self.job(*number)?.is_claimed(*fence)?;
                self.change(*number, |held| held.entry.carried = Some(state.clone()));
            }
            Write::Again {
                number,
                fence,
                past,
            } => self.again(*number, *fence, past)?,
            Write::Release { number, fence } => {
                self.job(*number)?.is_claimed(*fence)?;
                self.change(*number, |held| held.entry.state = State::Queued);
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
                self.may_finish(*number, *fence)?;
                self.ended_ms = self.ended_ms.max(*now_ms);
                self.finish(*number, kept(outcome), *is_delivered);
                if *ends_children {
                    self.end_children(*number);
                }
            }
            Write::Deliver { number, frees_key } => self.deliver(*number, *frees_key)?,
            Write::Cursor { name, value } => {
                self.cursors.insert(name.clone(), value.clone());
            }
            Write::Retry {
                number,
                resets_state,
            } => self.retry(*number, *resets_state)?,
            Write::Drop { number, fence } => {
                let held = self.job(*number)?;
                match fence {
                    Some(fence) => drop(held.is_claimed(*fence)?),
                    None if held.entry.done().is_some() => {}
                    None => held.is_queued()?,
                }
                self.forget(*number);
            }
            Write::Rename { number } => {
                let is_child = self.job(*number)?.entry.job.parent.is_some();
                if !is_child {
                    return Err(Refused::Over);
                }
                self.change(*number, |held| held.has_name = false);
            }
            Write::Plugin { digest, bytes } => {
                let kept = self.plugins.entry(*digest);
                kept.or_insert_with(|| bytes.clone());
            }
        }
        Ok(Answer::Done)
    }

    fn begin(&mut self, session: &Session) -> SessionId {
        let latest = self
            .sessions
            .keys()
            .next_back()
            .map_or(0, |latest| latest.0);
        let id = SessionId(latest + 1);
        self.sessions.insert(id, session.clone());
        id
    }

    fn expire(&mut self, which: Expiry) -> u64 {
        let is_void = |session: SessionId| match which {
            Expiry::AllBut(other) => session != other,
            Expiry::At(now_ms) => {
                let session = self.sessions.get(&session);
                session.is_some_and(|session| session.until_ms < now_ms)
            }
        };
        let open = self.index.open.iter().copied();
        let void: Vec<u64> = open
            .filter(
                |number| match self.jobs.get(number).map(|held| &held.entry.state) {
                    Some(State::Claimed(session)) => is_void(*session),
                    Some(State::Queued | State::Done(_)) | None => false,
                },
            )
            .collect();
        for number in &void {
            self.change(*number, |held| held.entry.state = State::Queued);
        }
        void.len() as u64
    }

    fn submit(&mut self, job: &NewJob) -> Result<(), Refused> {
        let mut job = job.clone();
        let has_key = |key: &Key| {
            let key = (job.stream.clone(), key.clone());
            self.index.keys.contains_key(&key)
        };
        let is_taken = self.jobs.contains_key(&job.number)
            || job.key.as_ref().is_some_and(has_key)
            || job.parent.as_ref().is_some_and(|parent| {
                let name = (parent.number, parent.name.clone());
                self.index.names.contains_key(&name)
            });
        if is_taken {
            return Err(Refused::Exists);
        }
        self.next_number = self.next_number.max(job.number.saturating_add(job.span));
        self.keep_conditions(&job.conditions);
        let claim = job.claim.take();
        let held = Held {
            entry: Entry {
                fence: u32::from(claim.is_some()),
                attempts: 0,
                lost: 0,
                is_suspect: false,
                carried: None,
                state: claim.map_or(State::Queued, State::Claimed),
                job,
            },
            past: Vec::new(),
            has_name: true,
        };
        self.index.insert(&held);
        self.jobs.insert(held.entry.job.number, held);
        Ok(())
    }

    fn claim(&mut self, session: SessionId, which: &Claims) -> Vec<Entry> {
        let numbers: Vec<u64> = match which {
            Claims::Next { stream, most } => {
                let queue = self.index.queue.get(stream);
                queue.into_iter().flatten().copied().take(*most).collect()
            }
            Claims::One(number) => {
                let held = self.jobs.get(number);
                let is_queued = held.is_some_and(|held| held.is_queued().is_ok());
                is_queued.then_some(*number).into_iter().collect()
            }
        };
        let claimed = numbers.into_iter().filter_map(|number| {
            self.change(number, |held| {
                held.entry.fence += 1;
                held.entry.state = State::Claimed(session);
            });
            Some(self.jobs.get(&number)?.entry.clone())
        });
        claimed.collect()
    }

    fn keep_conditions(&mut self, conditions: &Conditions) {
        self.conditions
            .insert(conditions.digest(), conditions.value().clone());
    }

    fn runs_under(
        &mut self,
        number: u64,
        fence: u32,
        conditions: &Arc<Conditions>,
    ) -> Result<(), Refused> {
        let held = self.job(number)?;
        held.is_claimed(fence)?;
        if held.entry.job.conditions == *conditions {
            return Ok(());
        }
        self.keep_conditions(conditions);
        self.change(number, |held| {
            let before = std::mem::replace(&mut held.entry.job.conditions, conditions.clone());
            for past in &mut held.past {
                past.conditions.get_or_insert_with(|| before.clone());
            }
        });
        Ok(())
    }

    fn again(&mut self, number: u64, fence: u32, past: &PastAttempt) -> Result<(), Refused> {
        self.job(number)?.is_claimed(fence)?;
        self.change(number, |held| {
            held.past.push(past.clone());
            let entry = &mut held.entry;
            entry.attempts += 1;
            entry.fence += 1;
            entry.carried.clone_from(&past.state);
            entry.is_suspect = false;
        });
        Ok(())
    }

    fn lost(&mut self, number: u64, past: &PastAttempt) -> Result<(), Refused> {
        self.job(number)?.is_queued()?;
        self.change(number, |held| {
            held.past.push(past.clone());
            let entry = &mut held.entry;
            entry.attempts += 1;
            entry.lost += 1;
            entry.is_suspect = true;
        });
        Ok(())
    }

    fn may_finish(&self, number: u64, fence: Option<u32>) -> Result<(), Refused> {
        let held = self.job(number)?;
        match fence {
            Some(fence) => held.is_claimed(fence).map(drop),
            None => held.is_queued(),
        }
    }

    /// The job is over at the moment at which the latest one was.
    fn finish(&mut self, number: u64, outcome: Outcome, is_delivered: bool) {
        let ended_ms = self.ended_ms;
        self.change(number, |held| {
            let entry = &mut held.entry;
            entry.attempts = outcome.attempts;
            entry.is_suspect = false;
            entry.state = State::Done(Box::new(Done {
                ended_ms,
                outcome,
                is_delivered,
            }));
        });
    }

    /// Children that are not done are cancelled, and theirs. Nobody has to take what they left:
    /// who would have is over.
    fn end_children(&mut self, number: u64) {
        let mut parents = vec![number];
        while let Some(parent) = parents.pop() {
            for child in self.index.children_of(parent) {
                let Some(entry) = self.jobs.get(&child).map(|held| &held.entry) else {
                    continue;
                };
                if entry.done().is_some() {
                    continue;
                }
                let id = JobId {
                    host: self.id,
                    number: child,
                };
                let worker = entry.job.worker.clone();
                let ended = Outcome::without_attempt(id, worker, Reason::ParentEnded, None);
                let outcome = Outcome {
                    attempts: entry.attempts,
                    data: entry.carried.clone().unwrap_or_else(Value::nil),
                    ..ended
                };
                self.finish(child, outcome, true);
                parents.push(child);
            }
        }
    }

    fn deliver(&mut self, number: u64, frees_key: bool) -> Result<(), Refused> {
        if self.job(number)?.is_done()?.is_delivered {
            return Err(Refused::Over);
        }
        self.change(number, |held| {
            if let State::Done(done) = &mut held.entry.state {
                done.is_delivered = true;
            }
            if frees_key {
                held.entry.job.key = None;
            }
        });
        Ok(())
    }

    fn retry(&mut self, number: u64, resets_state: bool) -> Result<(), Refused> {
        if self.job(number)?.is_done()?.outcome.is_success() {
            return Err(Refused::Over);
        }
        self.change(number, |held| {
            let latest = held.entry.latest_attempt(held.past.last());
            held.past.extend(latest);
            let entry = &mut held.entry;
            entry.state = State::Queued;
            entry.lost = 0;
            entry.is_suspect = false;
            if resets_state {
                entry.carried = None;
                if let Some(latest) = held.past.last_mut() {
                    latest.is_reset = true;
                }
            }
        });
        Ok(())
    }

    /// Forgets a job, its children, and theirs. How many.
    fn forget(&mut self, number: u64) -> u64 {
        let mut count = 0;
        let mut left = vec![number];
        while let Some(number) = left.pop() {
            left.extend(self.index.children_of(number));
            if let Some(held) = self.jobs.remove(&number) {
                self.index.remove(&held);
                count += 1;
            }
        }
        count
    }

    /// Children stay as long as their parents: a parent that goes on finds them again.
    pub(super) fn retain(&mut self, before_ms: u64, most: u64) -> u64 {
        let kept = self.jobs.values().filter_map(|held| {
            let job = &held.entry.job;
            let done = held.entry.done()?;
            let is_plain = job.key.is_none() && job.parent.is_none();
            let is_over = done.is_delivered && done.outcome.is_success();
            (is_plain && is_over).then_some((done.ended_ms, job.number))
        });
        let kept: BTreeSet<(u64, u64)> = kept.collect();
        let beyond = (kept.len() as u64).saturating_sub(most);
        let goes = (0..).zip(kept);
        let goes: Vec<u64> = goes
            .take_while(|(place, (ended_ms, _))| *place < beyond || *ended_ms < before_ms)
            .map(|(_, (_, number))| number)
            .collect();
        goes.into_iter().map(|number| self.forget(number)).sum()
    }

    fn job(&self, number: u64) -> Result<&Held, Refused> {
        self.jobs.get(&number).ok_or(Refused::Unknown)
    }

    /// Changes a job, and what the indexes say of it.
    fn change(&mut self, number: u64, how: impl FnOnce(&mut Held)) {
        if let Some(held) = self.jobs.get_mut(&number) {
            self.index.remove(held);
            how(held);
            self.index.insert(held);
        }
    }
}

/// An outcome without what stands with the past attempts.
fn kept(outcome: &Outcome) -> Outcome {
    let mut receipts = Receipts::default();
    if let Some(latest) = outcome.receipts.latest() {
        receipts.push(*latest);
    }
    Outcome {
        earlier: Vec::new(),
        receipts,
        ..outcome.clone()
    }
}
