//! What a store is: a row for each job, and nothing else to find it by.
//!
//! Written from the rules, with neither an index nor a shortcut: slow, and short.

use crate::Outcome;
use crate::job::{HostId, JobId};
use crate::plugin::Digest;
use crate::store::{
    Answer, Claims, Done, Entry, Expiry, Key, NewJob, PastAttempt, Refused, Session, SessionId,
    State, Write,
};
use crate::task::{Earlier, Reason, Receipts};
use crate::value::Value;
use std::sync::Arc;

pub(super) struct Model {
    pub(super) host: HostId,
    /// In the order in which they came.
    pub(super) rows: Vec<Row>,
    pub(super) next: u64,
    last_end_ms: u64,
    pub(super) sessions: Vec<(SessionId, Session)>,
    pub(super) cursors: Vec<(Arc<str>, Value)>,
    pub(super) plugins: Vec<Digest>,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) entry: Entry,
    pub(super) past: Vec<PastAttempt>,
    pub(super) has_key: bool,
    pub(super) has_name: bool,
}

impl Row {
    pub(super) fn number(&self) -> u64 {
        self.entry.job.number
    }

    pub(super) fn parent(&self) -> Option<u64> {
        self.entry.job.parent.as_ref().map(|parent| parent.number)
    }

    pub(super) fn is_queued(&self) -> bool {
        matches!(self.entry.state, State::Queued)
    }

    pub(super) fn is_claimed(&self) -> bool {
        matches!(self.entry.state, State::Claimed(_))
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.entry.state, State::Done(_))
    }

    pub(super) fn session(&self) -> Option<SessionId> {
        match self.entry.state {
            State::Claimed(session) => Some(session),
            State::Queued | State::Done(_) => None,
        }
    }

    pub(super) fn is_undelivered(&self) -> bool {
        self.entry.done().is_some_and(|done| !done.is_delivered)
    }

    pub(super) fn is_success(&self) -> bool {
        let done = self.entry.done();
        done.is_some_and(|done| done.outcome.is_success())
    }

    /// What it is known by in its stream.
    pub(super) fn is_known_by(&self, stream: &str, key: &Key) -> bool {
        let job = &self.entry.job;
        self.has_key && *job.stream == *stream && job.key.as_ref() == Some(key)
    }

    fn claim(&mut self, session: SessionId) {
        self.entry.fence += 1;
        self.entry.state = State::Claimed(session);
    }

    fn end(&mut self, ended_ms: u64, outcome: Outcome, is_delivered: bool) {
        self.entry.attempts = outcome.attempts;
        let done = Done {
            ended_ms,
            outcome,
            is_delivered,
        };
        self.entry.state = State::Done(Box::new(done));
    }

    /// What a job is known to have done is not forgotten because it is tried again.
    fn keep_attempt(&mut self) {
        let State::Done(done) = &self.entry.state else {
            return;
        };
        let (outcome, ended_ms) = (&done.outcome, done.ended_ms);
        let is_parallel = self.entry.job.span != 1;
        let numbers = self.past.iter().map(|past| past.earlier.attempt);
        let is_there = numbers.last().unwrap_or(0) >= outcome.attempts;
        if is_parallel || is_there {
            return;
        }
        let earlier = Earlier {
            attempt: outcome.attempts,
            reason: outcome.reason,
            message: outcome.message.clone(),
            stdout: outcome.stdout.clone(),
            stderr: outcome.stderr.clone(),
            log: outcome.log.clone(),
        };
        self.past.push(PastAttempt {
            earlier,
            receipt: outcome.receipts.iter().last().copied(),
            state: self.entry.carried.clone(),
            recorded: None,
            ended_ms,
            conditions: None,
            is_reset: false,
        });
    }
}

impl Model {
    pub(super) fn new(host: HostId) -> Model {
        Model {
            host,
            rows: Vec::new(),
            next: 1,
            last_end_ms: 0,
            sessions: Vec::new(),
            cursors: Vec::new(),
            plugins: Vec::new(),
        }
    }

    pub(super) fn row(&self, number: u64) -> Option<&Row> {
        self.rows.iter().find(|row| row.number() == number)
    }

    fn row_mut(&mut self, number: u64) -> &mut Row {
        let row = self.rows.iter_mut().find(|row| row.number() == number);
        row.expect("it was looked for before")
    }

    pub(super) fn begins(&mut self, id: SessionId, session: Session) {
        let latest = self.sessions.last();
        assert!(latest.is_none_or(|(latest, _)| *latest < id), "a new one");
        self.sessions.push((id, session));
    }

    /// The session that writes.
    pub(super) fn current(&self) -> SessionId {
        self.sessions[self.sessions.len() - 1].0
    }

    /// Whether a job is where a write with this fence needs it: claimed with just that, or
    /// queued.
    fn demand(&self, number: u64, fence: Option<u32>) -> Result<(), Refused> {
        let row = self.row(number).ok_or(Refused::Unknown)?;
        let fits = match fence {
            Some(fence) => row.is_claimed() && row.entry.fence == fence,
            None => row.is_queued(),
        };
        match fits {
            true => Ok(()),
            false if row.is_done() => Err(Refused::Over),
            false => Err(Refused::Fenced),
        }
    }

    pub(super) fn apply(&mut self, write: &Write) -> Answer {
        match self.applied(write) {
            Ok(answer) => answer,
            Err(refused) => Answer::Refused(refused),
        }
    }

    fn applied(&mut self, write: &Write) -> Result<Answer, Refused> {
        match write {
            Write::Begin(_) => panic!("sessions begin by themselves"),
            Write::Plugin { digest, .. } => self.plugins.push(*digest),
            Write::Renew { session, until_ms } => {
                for (id, known) in &mut self.sessions {
                    if id == session {
                        known.until_ms = *until_ms;
                    }
                }
            }
            Write::Expire(which) => return Ok(Answer::Expired(self.expire(*which))),
            Write::Claim { session, which } => {
                return Ok(Answer::Claimed(self.claim(*session, which)));
            }
            Write::Submit(job) => self.submit(job)?,
            Write::Conditions {
                number,
                fence,
                conditions,
            } => {
                self.demand(*number, Some(*fence))?;
                let row = self.row_mut(*number);
                let before = row.entry.job.conditions.clone();
                if before.digest() != conditions.digest() {
                    row.entry.job.conditions = conditions.clone();
                    let unsaid = row.past.iter_mut().filter(|past| past.conditions.is_none());
                    unsaid.for_each(|past| past.conditions = Some(before.clone()));
                }
            }
            Write::Checkpoint {
                number,
                fence,
                state,
            } => {
                self.demand(*number, Some(*fence))?;
                self.row_mut(*number).entry.carried = Some(state.clone());
            }
            Write::Again {
                number,
                fence,
                past,
            } => {
                self.demand(*number, Some(*fence))?;
                let row = self.row_mut(*number);
                row.entry.fence += 1;
                row.entry.attempts += 1;
                row.entry.is_suspect = false;
                row.entry.carried = past.state.clone();
                row.past.push((**past).clone());
            }
            Write::Release { number, fence } => {
                self.demand(*number, Some(*fence))?;
                self.row_mut(*number).entry.state = State::Queued;
            }
            Write::Lost { number, past } => {
                self.demand(*number, None)?;
                let row = self.row_mut(*number);
                row.entry.attempts += 1;
                row.entry.lost += 1;
                row.entry.is_suspect = true;
                row.past.push((**past).clone());
            }
            Write::Finish {
                number,
                fence,
                outcome,
                is_delivered,
                ends_children,
                now_ms,
            } => {
                self.demand(*number, *fence)?;
                self.last_end_ms = self.last_end_ms.max(*now_ms);
                let (ended_ms, outcome) = (self.last_end_ms, kept(outcome));
                self.row_mut(*number).end(ended_ms, outcome, *is_delivered);
                if *ends_children {
                    self.end_children(*number);
                }
            }
            Write::Deliver { number, frees_key } => self.deliver(*number, *frees_key)?,
            Write::Cursor { name, value } => {
                self.cursors.retain(|(other, _)| other != name);
                self.cursors.push((name.clone(), value.clone()));
            }
            Write::Retry {
                number,
                resets_state,
            } => self.retry(*number, *resets_state)?,
            Write::Drop { number, fence } => {
                let is_over = self.row(*number).is_some_and(Row::is_done);
                if !(is_over && fence.is_none()) {
                    self.demand(*number, *fence)?;
                }
                self.forget(*number);
            }
            Write::Rename { number } => {
                self.row(*number).ok_or(Refused::Unknown)?;
                self.row_mut(*number).has_name = false;
            }
        }
        Ok(Answer::Done)
    }

    fn expire(&mut self, which: Expiry) -> u64 {
        let sessions = self.sessions.iter();
        let void: Vec<SessionId> = sessions
            .filter(|(id, session)| match which {
                Expiry::AllBut(one) => *id != one,
                Expiry::At(now_ms) => now_ms > session.until_ms,
            })
            .map(|(id, _)| *id)
            .collect();
        let mut count = 0;
        for row in &mut self.rows {
            if row.session().is_some_and(|session| void.contains(&session)) {
                row.entry.state = State::Queued;
                count += 1;
            }
        }
        count
    }

    fn submit(&mut self, job: &NewJob) -> Result<(), Refused> {
        for row in &self.rows {
            let other = &row.entry.job;
            let key = job.key.as_ref();
            if other.number == job.number
                || key.is_some_and(|key| row.is_known_by(&job.stream, key))
                || (job.parent.is_some() && row.has_name && other.parent == job.parent)
            {
                return Err(Refused::Exists);
            }
        }
        self.next = self.next.max(job.number + job.span);
        let mut row = Row {
            entry: Entry {
                job: NewJob {
                    claim: None,
                    ..job.clone()
                },
                fence: 0,
                attempts: 0,
                lost: 0,
                is_suspect: false,
                carried: None,
                state: State::Queued,
            },
            past: Vec::new(),
            has_key: true,
            has_name: true,
        };
        if let Some(session) = job.claim {
            row.claim(session);
        }
        self.rows.push(row);
        Ok(())
    }

    fn claim(&mut self, session: SessionId, which: &Claims) -> Vec<Entry> {
        let queued = self.rows.iter().filter(|row| row.is_queued());
        let mut numbers: Vec<u64> = match which {
            Claims::One(number) => queued
                .map(Row::number)
                .filter(|other| other == number)
                .collect(),
            Claims::Next { stream, .. } => queued
                .filter(|row| !row.entry.is_suspect && row.parent().is_none())
                .filter(|row| row.entry.job.stream == *stream)
                .map(Row::number)
                .collect(),
        };
        numbers.sort_unstable();
        if let Claims::Next { most, .. } = which {
            numbers.truncate(*most);
        }
        let claimed = numbers.into_iter().map(|number| {
            let row = self.row_mut(number);
            row.claim(session);
            row.entry.clone()
        });
        claimed.collect()
    }

    fn deliver(&mut self, number: u64, frees_key: bool) -> Result<(), Refused> {
        let row = self.row(number).ok_or(Refused::Unknown)?;
        if !row.is_undelivered() {
            return Err(Refused::Over);
        }
        let row = self.row_mut(number);
        row.has_key &= !frees_key;
        if let State::Done(done) = &mut row.entry.state {
            done.is_delivered = true;
        }
        Ok(())
    }

    fn retry(&mut self, number: u64, resets_state: bool) -> Result<(), Refused> {
        let row = self.row(number).ok_or(Refused::Unknown)?;
        if !row.is_done() || row.is_success() {
            return Err(Refused::Over);
        }
        let row = self.row_mut(number);
        row.keep_attempt();
        let entry = &mut row.entry;
        entry.state = State::Queued;
        (entry.lost, entry.is_suspect) = (0, false);
        if resets_state {
            entry.carried = None;
            if let [.., latest] = row.past.as_mut_slice() {
                latest.is_reset = true;
            }
        }
        Ok(())
    }

    fn end_children(&mut self, number: u64) {
        let ended_ms = self.last_end_ms;
        let open = self.rows.iter().filter(|row| !row.is_done());
        let children: Vec<u64> = open
            .filter(|row| row.parent() == Some(number))
            .map(Row::number)
            .collect();
        for child in children {
            let id = JobId {
                host: self.host,
                number: child,
            };
            let row = self.row_mut(child);
            let worker = row.entry.job.worker.clone();
            let outcome = Outcome {
                attempts: row.entry.attempts,
                ..Outcome::without_attempt(id, worker, Reason::ParentEnded, None)
            };
            row.end(ended_ms, outcome, true);
            self.end_children(child);
        }
    }

    fn forget(&mut self, number: u64) {
        self.rows.retain(|row| row.number() != number);
        let children = self.rows.iter().filter(|row| row.parent() == Some(number));
        let children: Vec<u64> = children.map(Row::number).collect();
        for child in children {
            self.forget(child);
        }
    }
}

/// Past attempts stand by themselves.
fn kept(outcome: &Outcome) -> Outcome {
    let mut outcome = outcome.clone();
    outcome.earlier.clear();
    let latest = outcome.receipts.latest().copied();
    outcome.receipts = Receipts::default();
    if let Some(latest) = latest {
        outcome.receipts.push(latest);
    }
    outcome
}
