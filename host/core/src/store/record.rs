//! What a store keeps of a job.

use crate::plugin::Digest;
use crate::sandbox::Receipt;
use crate::task::{Earlier, Outcome, Recorded};
use crate::value::Value;
use std::sync::Arc;

/// A job that comes in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its number, from 1; never given twice in a store.
    pub number: u64,
    /// How many numbers from its own on are its: more than one for a parallel job, whose
    /// items have those behind it.
    pub span: u64,
    /// What it belongs to, such as `run` or `map/double`: who takes its outcome.
    pub stream: Arc<str>,
    /// What it is known by in its stream, if anything.
    pub key: Option<Key>,
    /// The job that submitted it, or whose item it is.
    pub parent: Option<Parent>,
    /// The worker's name.
    pub worker: Arc<str>,
    /// What its next attempt runs under, and those did of which nothing else is said.
    pub conditions: Arc<Conditions>,
    /// What the worker gets.
    pub value: Value,
    /// How many arguments the value was made of.
    pub arity: u32,
    /// Options of its own, as they were said: a map, or nil for none.
    pub said: Value,
    /// While it is unfinished, no other job with this key is taken.
    pub singleton: Option<Arc<str>>,
    /// Jobs with one group can be stopped together.
    pub group: Option<Arc<str>>,
    /// Milliseconds since 1970.
    pub submitted_ms: u64,
    /// Who has it from the start; none = it is queued.
    pub claim: Option<SessionId>,
}

/// What a job is known by in its stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A place in an input, such as a line's number.
    Place(u64),
    /// What somebody called it.
    Text(Arc<str>),
}

/// Where a job belongs that is part of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parent {
    /// The other job's number.
    pub number: u64,
    /// What it is known by there.
    pub name: ChildName,
}

/// What a child is known by among those of its parent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChildName {
    /// The item of a parallel job with this place, from 0.
    Item(u32),
    /// So many jobs were submitted before it in its parent's attempt.
    Ordinal(u32),
    /// What its parent called it.
    Key(Arc<str>),
}

/// What attempts run under, for whoever wants to run one again: a map. Many jobs share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditions {
    digest: Digest,
    value: Value,
}

impl Conditions {
    /// With the digest that it is found by.
    #[must_use]
    pub fn new(value: Value) -> Conditions {
        Conditions {
            digest: Digest::of(value.as_bytes()),
            value,
        }
    }

    /// The SHA-256 of the value's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The map itself.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// Which host has a job: one for each time that a store was opened for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u32);

/// What is known of a host that opened the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// When, in milliseconds since 1970.
    pub began_ms: u64,
    /// Its process.
    pub pid: u32,
    /// Which start of the machine it was on; empty where that is not known.
    pub boot: String,
    /// Its claims are void after this moment, in milliseconds since 1970, unless it is renewed;
    /// [`u64::MAX`] = never.
    pub until_ms: u64,
}

/// A claim of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Who has it.
    pub session: SessionId,
    /// What its writes have to name.
    pub fence: u32,
}

/// Where a job is.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Nobody has it.
    Queued,
    /// Somebody has it, and may have started an attempt.
    Claimed(SessionId),
    /// It is over.
    Done(Box<Done>),
}

/// The end of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// When, in milliseconds since 1970; never before that of a job that ended earlier.
    pub ended_ms: u64,
    /// How. Its `earlier` and the receipts but the last stand with the past attempts, and are
    /// left out here.
    pub outcome: Outcome,
    /// Whether whoever takes the outcomes of its stream has taken it.
    pub is_delivered: bool,
}

/// A job as the store has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it was when it came in, but for its conditions; `claim` is none.
    pub job: NewJob,
    /// The latest fence; 0 = it was never claimed.
    pub fence: u32,
    /// Attempts that ended, those that were lost with their host among them.
    pub attempts: u32,
    /// How many attempts were lost with their host since the job was submitted or retried.
    pub lost: u32,
    /// Its host died while it ran, and it has not had another attempt since.
    pub is_suspect: bool,
    /// The last carried state; none = the empty map of the start.
    pub carried: Option<Value>,
    /// Where it is.
    pub state: State,
}

/// An attempt that another one followed or may follow, or that was lost with its host.
#[derive(Debug, Clone, PartialEq)]
pub struct PastAttempt {
    /// Its number, why it ended and what it said.
    pub earlier: Earlier,
    /// What it used; none where that was lost with the host.
    pub receipt: Option<Receipt>,
    /// The carried state after it; none = the empty map of the start.
    pub state: Option<Value>,
    /// What it began with, where it was deterministic and that was told.
    pub recorded: Option<Recorded>,
    /// When it ended, in milliseconds since 1970.
    pub ended_ms: u64,
    /// What it ran under, where that is not what the job runs under now.
    pub conditions: Option<Arc<Conditions>>,
    /// The carried state was forgotten after it: the attempt behind it began with the empty map.
    pub is_reset: bool,
}

impl Entry {
    /// How it ended, if it has.
    #[must_use]
    pub fn done(&self) -> Option<&Done> {
        match &self.state {
            State::Done(done) => Some(done),
            State::Queued | State::Claimed(_) => None,
        }
    }

    /// The attempt that its outcome tells of, unless `last` is the same one or a later one. A
    /// parallel job has none: its items have them.
    pub(crate) fn latest_attempt(&self, last: Option<&PastAttempt>) -> Option<PastAttempt> {
        let done = self.done()?;
        let outcome = &done.outcome;
        let known = last.map_or(0, |last| last.earlier.attempt);
        if self.job.span > 1 || outcome.attempts <= known {
            return None;
        }
        Some(PastAttempt {
            earlier: Earlier {
                attempt: outcome.attempts,
                reason: outcome.reason,
                message: outcome.message.clone(),
                stdout: outcome.stdout.clone(),
                stderr: outcome.stderr.clone(),
                log: outcome.log.clone(),
            },
            receipt: outcome.receipts.latest().copied(),
            state: self.carried.clone(),
            recorded: None,
            ended_ms: done.ended_ms,
            conditions: None,
            is_reset: false,
        })
    }
}
