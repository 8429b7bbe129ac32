//! Which jobs an executor has, and whether it takes more.
//!
//! It keeps no job and no outcome in memory: whose handle is gone and whose end has come
//! is forgotten.

use crate::dispatch::{Awaited, Completion, Hub};
use crate::executor::Shutdown;
use crate::submit::SubmitError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// It is tidied for the first time when it has so many entries.
const TIDY_AT: usize = 64;

/// See the module.
#[derive(Debug)]
pub(crate) struct Roster(Mutex<State>);

#[derive(Debug)]
struct State {
    /// In order of submission; those that are over stay until the next tidying.
    jobs: Vec<Weak<Completion>>,
    tidy_at: usize,
    shutdown: Option<Shutdown>,
}

impl State {
    /// Half of the entries at least are new since the last time, so that it costs each
    /// job the same however many there are.
    fn tidy(&mut self) {
        if self.jobs.len() < self.tidy_at {
            return;
        }
        let is_open =
            |job: &Weak<Completion>| job.upgrade().is_some_and(|job| !job.is(Awaited::Called));
        self.jobs.retain(is_open);
        self.tidy_at = TIDY_AT.max(self.jobs.len() * 2);
    }
}

impl Roster {
    pub(crate) fn new() -> Roster {
        Roster(Mutex::new(State {
            jobs: Vec::new(),
            tidy_at: TIDY_AT,
            shutdown: None,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // It is changed in one step each.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no more jobs are taken.
    pub(crate) fn is_shut(&self) -> bool {
        self.lock().shutdown.is_some()
    }

    /// Takes in a job that is about to be submitted.
    pub(crate) fn enter(&self, job: &Arc<Completion>) -> Result<(), SubmitError> {
        let mut state = self.lock();
        if state.shutdown.is_some() {
            return Err(SubmitError::Closed);
        }
        state.tidy();
        state.jobs.push(Arc::downgrade(job));
        Ok(())
    }

    /// The job has been submitted. A shutdown since [`Roster::enter`] may have missed it.
    pub(crate) fn entered(&self, hub: &Hub, job: &Completion) {
        let shutdown = self.lock().shutdown;
        match shutdown {
            None | Some(Shutdown::Wait) => {}
            Some(Shutdown::CancelPending) => hub.cancel_pending(job),
            Some(Shutdown::Cancel { grace }) => hub.cancel(job, grace),
        }
    }

    /// Takes no more jobs: those that it has.
    pub(crate) fn shut(&self, shutdown: Shutdown) -> Vec<Weak<Completion>> {
        let mut state = self.lock();
        if state
            .shutdown
            .is_none_or(|before| before.step() <= shutdown.step())
        {
            state.shutdown = Some(shutdown);
        }
        state.jobs.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Outcome;
    use crate::value::Value;

    fn job() -> Arc<Completion> {
        Arc::new(Completion::of(Outcome::success(Value::nil())))
    }

    // J32
    #[test]
    fn jobs_that_are_over_or_gone_are_forgotten() {
        let roster = Roster::new();
        let held: Vec<_> = (0..1000).map(|_| job()).collect();
        for job in &held {
            roster.enter(job).expect("it is open");
        }
        assert!(roster.shut(Shutdown::Wait).len() <= TIDY_AT);
        assert_eq!(roster.enter(&held[0]), Err(SubmitError::Closed));
    }

    // J34
    #[test]
    fn a_shutdown_never_goes_back() {
        let roster = Roster::new();
        let cancel = Shutdown::Cancel { grace: None };
        for how in [Shutdown::CancelPending, cancel, Shutdown::Wait] {
            roster.shut(how);
        }
        assert_eq!(roster.lock().shutdown, Some(cancel));
    }
}
