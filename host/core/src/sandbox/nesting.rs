//! What an attempt may ask of whoever dispatches: to run other jobs for it, and to hand on
//! the values that it emits.
//!
//! The sandbox knows nothing of queues and slots; a dispatcher implements the trait.

use super::contract::types::{Dispatch, SubmitError};
use crate::job::JobId;
use crate::plugin::Plugin;
use crate::task::{JobOptions, Outcome, Recorded};
use crate::value::Value;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// An answer that takes its time.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A job that an attempt submits.
pub(crate) struct Asked<'a> {
    /// The attempt's job.
    pub(crate) parent: JobId,
    pub(crate) plugin: &'a Plugin,
    pub(crate) options: &'a JobOptions,
    /// How many jobs the attempt has submitted before this one.
    pub(crate) ordinal: u32,
    /// What it begins with where attempts are deterministic.
    pub(crate) recorded: Option<Recorded>,
    pub(crate) dispatch: Dispatch,
    /// How long it waits for the job's start; `None` = not at all.
    pub(crate) timeout: Option<Duration>,
}

/// A job that was submitted by an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Nested {
    pub(crate) id: JobId,
    /// There once it is over.
    pub(crate) outcome: Arc<OnceLock<Outcome>>,
}

/// A value that an attempt emitted.
#[derive(Debug)]
pub(crate) struct Emitted {
    pub(crate) job: JobId,
    pub(crate) attempt: u32,
    /// Its number in the attempt, from 1.
    pub(crate) seq: u64,
    pub(crate) value: Value,
}

/// See the module. All answers concern the attempt that this was made for; those that
/// take their time lend its slot meanwhile. By default nobody runs anything for it, and what it
/// hands on is dropped.
pub(crate) trait Nesting: Send + Sync {
    /// Whether a shutdown's grace runs.
    fn is_stopping(&self) -> bool {
        false
    }

    /// Submits a job.
    fn submit<'a>(&'a self, asked: Asked<'a>) -> Answer<'a, Result<Nested, SubmitError>>;

    /// Waits until one of its jobs is over, or as long as it says; less where waiting
    /// would never end.
    fn wait<'a>(&'a self, _jobs: &'a [u64], _at_most: Option<Duration>) -> Answer<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Ends one of its jobs, after a grace where there is one.
    fn cancel(&self, _job: u64, _grace: Option<Duration>) {}

    /// Lets one of its jobs stand still, or go on.
    fn pause(&self, _job: u64, _is_paused: bool) {}

    /// Hands a value on to the consumer of the run, where that takes such values; it comes
    /// back where too many wait.
    fn hand_on(&self, _emitted: Emitted) -> Result<(), Emitted> {
        Ok(())
    }

    /// Waits until fewer values wait for the consumer. The slot is not lent.
    fn room(&self) -> Answer<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Keeps the carried state of a job, where there is a store; the answer comes when it is
    /// kept, and is an error where it is not.
    fn keep(
        &self,
        _job: JobId,
        _fence: u32,
        _state: Value,
    ) -> Option<Answer<'_, Result<(), String>>> {
        None
    }
}

/// Who is there for a plugin that may submit nothing.
pub(crate) struct Nobody;

impl Nesting for Nobody {
    fn submit<'a>(&'a self, _: Asked<'a>) -> Answer<'a, Result<Nested, SubmitError>> {
        Box::pin(std::future::ready(Err(SubmitError::Closed)))
    }
}
