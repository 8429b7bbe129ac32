//! Jobs submitted by a job. All share the host's slots.
//!
//! A worker may submit to itself; anything else needs `allow.submit` in the
//! host's configuration.
//!
//! ```no_run
//! use wodehost_guest::{Dispatch, Failure, jobs, worker};
//!
//! /// The sum of 1 to n, by halves.
//! #[worker]
//! fn sum(from: u64, to: u64) -> Result<u64, Failure> {
//!     if to - from < 1000 {
//!         return Ok((from..=to).sum());
//!     }
//!     let middle = from + (to - from) / 2;
//!     let low = jobs::submit(Dispatch::to("sum").arg(&from)?.arg(&middle)?)?;
//!     let high = jobs::submit(Dispatch::to("sum").arg(&(middle + 1))?.arg(&to)?)?;
//!     Ok(low.result::<u64>()? + high.result::<u64>()?)
//! }
//! ```
//!
//! [`map`] does this for many jobs of one worker, a few at a time.
//!
//! # Waiting
//!
//! Who waits for a job lends it the slot it has: with one slot any depth of jobs
//! works. The keepalive stands still meanwhile. [`Job::result`],
//! [`Job::await_outcome`], [`Job::wait`], [`Job::wait_for`], [`wait_any`] and
//! [`submit_within`] wait; [`submit`] and [`Job::done`] never do.
//!
//! # The end of the job, and restarts
//!
//! The end of a job cancels what it submitted and left running. Its restart does not:
//! while the next attempt is on its way the submitted jobs go on, and the attempt that
//! makes the same submits in the same order finds the same jobs again, those
//! that succeeded meanwhile included. The same means the same worker and
//! arguments; what is submitted in place of another job cancels that and starts anew.
//! Where the order is not the same each time, [`Dispatch::key`] says which is which.
//!
//! A submitted job has its own retries. A parent that returns its failure is tried
//! again, too, and so on at each level: [`task::failure`](crate::task::failure) ends
//! that.
//!
//! # Limits
//!
//! A submit beyond a limit is answered with [`SubmitError::Limit`], which names it:
//!
//! | name | limit |
//! |---|---|
//! | `depth` | 64 jobs inside one another |
//! | `children` | 1,000 jobs submitted by one attempt |
//! | `tree` | 10,000 jobs below one that nobody submitted from inside |
//! | `live` | the host has no place for another attempt while all that have one wait |
//!
//! A worker that does itself what it could not submit is stopped by none of them.

mod job_error;
mod map;
mod submit_error;

use std::time::Duration;

use crate::bindings::wit::{jobs, types};
use crate::clock::whole_ms;
use crate::dispatch::Dispatch;
use crate::outcome::Outcome;
use crate::value::FromValue;

pub use job_error::JobError;
pub use map::{Map, Results, map};
pub use submit_error::SubmitError;

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

    /// Waits until it ends and reads its result.
    ///
    /// An end other than success is an error, and so are data that are no `T`. The
    /// error becomes a [`Failure`](crate::Failure) through `?`, with the job's reason
    /// as its code.
    pub fn result<T: for<'v> FromValue<'v>>(&self) -> Result<T, JobError> {
        self.await_outcome()?.into_result()
    }

    /// Waits until it ends, however it ends, and lends the caller's slot meanwhile.
    ///
    /// The only error is `paused`: nobody but the caller could let the job go on, so
    /// that the wait would have no end.
    pub fn await_outcome(&self) -> Result<Outcome, JobError> {
        self.wait().ok_or_else(JobError::paused)
    }

    /// As [`Job::await_outcome`]. None = this attempt paused it.
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

/// Submits a job and returns when it has started, and lends the caller's slot
/// meanwhile. If it has not after `timeout` it is withdrawn, and the error says
/// what held it back.
pub fn submit_within(what: Dispatch, timeout: Duration) -> Result<Job, SubmitError> {
    lift(jobs::submit(&what.lower(), Some(whole_ms(timeout))))
}

/// Waits for one of the jobs to end and gives its index, and lends the caller's
/// slot meanwhile. None = the timeout passed first; no timeout = for ever.
///
/// A job that has ended already is one that ended: take it out of the list before
/// waiting for the next.
#[must_use]
pub fn wait_any(jobs: &[&Job], timeout: Option<Duration>) -> Option<usize> {
    let jobs: Vec<&jobs::Job> = jobs.iter().map(|job| &job.0).collect();
    jobs::wait_any(&jobs, timeout.map(whole_ms)).map(|index| index as usize)
}

fn lift(answer: Result<jobs::Job, types::SubmitError>) -> Result<Job, SubmitError> {
    answer.map(Job).map_err(SubmitError::lift)
}
