//! Jobs submitted by a job. All share the host's slots.
//!
//! This host does not take nested jobs yet: each submit is answered with
//! [`SubmitError::Closed`].

use std::fmt;
use std::time::Duration;

use crate::bindings::wit::{jobs, types};
use crate::clock::whole_ms;
use crate::dispatch::Dispatch;
use crate::outcome::Outcome;

/// Why a submit did not give a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitError {
    /// No slot came free within the timeout.
    NoSlot,
    /// The named admission gate held the job back for the whole timeout.
    Gate(String),
    /// A limit on nesting was reached; the string names it.
    Limit(String),
    /// This host takes no nested jobs, or no more of them.
    Closed,
    /// No worker has this name.
    UnknownWorker(String),
    /// An argument is no valid value; the string says where and why.
    BadValue(String),
    /// The options are not valid; the string says which key and why.
    BadOptions(String),
    /// This plugin may not submit to that worker.
    NotPermitted(String),
}

impl SubmitError {
    /// The name as the contract writes it, for example `no-slot`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoSlot => "no-slot",
            Self::Gate(_) => "gate",
            Self::Limit(_) => "limit",
            Self::Closed => "closed",
            Self::UnknownWorker(_) => "unknown-worker",
            Self::BadValue(_) => "bad-value",
            Self::BadOptions(_) => "bad-options",
            Self::NotPermitted(_) => "not-permitted",
        }
    }

    fn lift(error: types::SubmitError) -> Self {
        match error {
            types::SubmitError::NoSlot => Self::NoSlot,
            types::SubmitError::Gate(gate) => Self::Gate(gate),
            types::SubmitError::Limit(limit) => Self::Limit(limit),
            types::SubmitError::Closed => Self::Closed,
            types::SubmitError::UnknownWorker(worker) => Self::UnknownWorker(worker),
            types::SubmitError::BadValue(why) => Self::BadValue(why),
            types::SubmitError::BadOptions(why) => Self::BadOptions(why),
            types::SubmitError::NotPermitted(what) => Self::NotPermitted(what),
        }
    }
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSlot => f.write_str("no slot came free in time"),
            Self::Gate(gate) => write!(f, "gate `{gate}` held the job back"),
            Self::Limit(limit) => write!(f, "the limit {limit} was reached"),
            Self::Closed => f.write_str("this host takes no nested jobs"),
            Self::UnknownWorker(worker) => write!(f, "no worker is called `{worker}`"),
            Self::BadValue(why) => write!(f, "an argument is no valid value: {why}"),
            Self::BadOptions(why) => write!(f, "the options are not valid: {why}"),
            Self::NotPermitted(what) => write!(f, "not permitted: {what}"),
        }
    }
}

impl std::error::Error for SubmitError {}

/// A nested job. Dropping it does not cancel it; the end of the job that
/// submitted it does.
#[derive(Debug)]
pub struct Job(jobs::Job);

impl Job {
    /// The job's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id()
    }

    /// Whether it ended. Never waits.
    #[must_use]
    pub fn done(&self) -> bool {
        self.0.done()
    }

    /// Waits until it ends, and lends the caller's slot meanwhile.
    ///
    /// None only if the host gives up on the job.
    #[must_use]
    pub fn wait(&self) -> Option<Outcome> {
        self.0.wait(None).map(Outcome::lift)
    }

    /// Waits at most `timeout`. None = not ended yet.
    #[must_use]
    pub fn wait_for(&self, timeout: Duration) -> Option<Outcome> {
        self.0.wait(Some(whole_ms(timeout))).map(Outcome::lift)
    }

    /// Cancels it; with a grace, [`task::stopping`](crate::task::stopping) is
    /// true in it for so long.
    pub fn cancel(&self, grace: Option<Duration>) {
        self.0.cancel(grace.map(whole_ms));
    }

    /// Stops running it; its keepalive and deadline stand still.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Runs it again.
    pub fn resume(&self) {
        self.0.resume();
    }
}

/// Queues a job and returns at once.
///
/// A worker may submit to itself; anything else needs `allow.submit`.
pub fn submit(what: Dispatch) -> Result<Job, SubmitError> {
    lift(jobs::submit(&what.lower(), None))
}

/// Submits a job and returns when it has started. If it has not after
/// `timeout` it is withdrawn, and the error says what held it back.
pub fn submit_within(what: Dispatch, timeout: Duration) -> Result<Job, SubmitError> {
    lift(jobs::submit(&what.lower(), Some(whole_ms(timeout))))
}

/// Waits for one of the jobs to end and gives its index, and lends the caller's
/// slot meanwhile. None = the timeout passed first; no timeout = for ever.
#[must_use]
pub fn wait_any(jobs: &[&Job], timeout: Option<Duration>) -> Option<usize> {
    let jobs: Vec<&jobs::Job> = jobs.iter().map(|job| &job.0).collect();
    jobs::wait_any(&jobs, timeout.map(whole_ms)).map(|index| index as usize)
}

fn lift(answer: Result<jobs::Job, types::SubmitError>) -> Result<Job, SubmitError> {
    answer.map(Job).map_err(SubmitError::lift)
}
