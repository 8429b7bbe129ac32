//! Jobs of one worker that are submitted and shut down together, in the way of Python's
//! `concurrent.futures`.

use crate::dispatch::{Awaited, Completion};
use crate::handle::JobHandle;
use crate::host::Host;
use crate::map::Map;
use crate::roster::Roster;
use crate::submit::{Job, SubmitError};
use crate::value::Value;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Jobs of one worker that are submitted and shut down together. A host may have several;
/// they share its slots, and what happens to one leaves the others and the host alone.
///
/// Copies share everything, the host lives as long as they do, and dropping the last one
/// cancels nothing: its jobs go on.
///
/// ```
/// # use wodehost::{Executor, Host, PluginSource, Runtime, RuntimeConfig, Shutdown, Value};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let guests = std::env::var("WODEHOST_GUESTS")
/// #     .unwrap_or("../../target/wasm32-wasip2/guest".into());
/// # let runtime = Runtime::new(RuntimeConfig::default())?;
/// # let double = runtime.load(PluginSource::file(format!("{guests}/double.wasm")))?;
/// # let host = Host::builder(&runtime).worker(double).build()?;
/// let executor = Executor::new(&host, "double")?;
/// let job = executor.submit([Value::from(4)])?;
/// let mut doubled = executor.map((1..=3).map(Value::from));
/// while let Some(outcome) = doubled.next().await {
///     println!("{}", outcome?.data);
/// }
/// executor.shutdown(Shutdown::Wait).await;
/// assert!(job.done() && executor.submit([]).is_err());
/// # Ok(()) })
/// # }
/// ```
#[derive(Clone)]
pub struct Executor {
    host: Host,
    worker: Arc<str>,
    roster: Arc<Roster>,
}

/// What becomes of an executor's jobs when it is shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shutdown {
    /// All of them go on to their end.
    #[default]
    Wait,
    /// Those that have not started are cancelled. A job has started when its first attempt
    /// has, a parallel job when the first of its items has: neither is touched, also not
    /// while it waits for its next attempt.
    CancelPending,
    /// Those that have not started are cancelled; those that run are told to come to their
    /// end and are cancelled after the grace. With none they are cancelled at once.
    Cancel {
        /// How long they may go on.
        grace: Option<Duration>,
    },
}

impl Shutdown {
    /// How far it goes.
    pub(crate) fn step(self) -> u8 {
        match self {
            Shutdown::Wait => 0,
            Shutdown::CancelPending => 1,
            Shutdown::Cancel { .. } => 2,
        }
    }
}

impl Executor {
    /// An executor for jobs of a worker of the host.
    ///
    /// # Errors
    ///
    /// When no worker has this name.
    pub fn new(host: &Host, worker: &str) -> Result<Executor, SubmitError> {
        host.job(worker).map(drop)?;
        Ok(Executor {
            host: host.clone(),
            worker: worker.into(),
            roster: Arc::new(Roster::new()),
        })
    }

    /// Submits a job with its worker's own options, as [`Host::submit`] does.
    ///
    /// # Errors
    ///
    /// [`SubmitError::Closed`] after a shutdown of the executor, or of the host.
    pub fn submit(
        &self,
        arguments: impl IntoIterator<Item = Value>,
    ) -> Result<JobHandle, SubmitError> {
        self.job()?.arguments(arguments).submit()
    }

    /// Begins a job with options of its own.
    ///
    /// # Errors
    ///
    /// As [`Executor::submit`].
    pub fn job(&self) -> Result<Job<'_>, SubmitError> {
        if self.is_shut() {
            return Err(SubmitError::Closed);
        }
        Ok(self.host.job(&self.worker)?.of(Some(&self.roster)))
    }

    /// Makes a job of each item and gives back the outcomes in the order of the items, as
    /// [`Host::map`] does. After a shutdown it takes no more items and says so.
    pub fn map<I>(&self, items: I) -> Map<I::IntoIter>
    where
        I: IntoIterator<Item = Value>,
    {
        let (worker, roster) = (self.worker.clone(), Some(self.roster.clone()));
        Map::of(&self.host, worker, items.into_iter(), roster)
    }

    /// Whether it was shut down.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.roster.is_shut()
    }

    /// Takes no more jobs, and comes back when those that it has are over and their
    /// callbacks have been called. The host and its other jobs go on.
    ///
    /// What is to be cancelled is cancelled by the first poll; whoever does not wait for
    /// the end leaves that as it is. A later shutdown may go further than an earlier one.
    pub async fn shutdown(&self, how: Shutdown) {
        let jobs = self.roster.shut(how);
        self.cancel(how, &jobs);
        for job in jobs {
            // One after the other: outcomes that nobody wants are gone meanwhile.
            if let Some(job) = job.upgrade() {
                job.wait(Awaited::Called, None).await;
            }
        }
    }

    fn cancel(&self, how: Shutdown, jobs: &[Weak<Completion>]) {
        let hub = self.host.hub();
        let open = jobs.iter().filter_map(Weak::upgrade);
        let open = open.filter(|job| !job.is(Awaited::End));
        let grace = match how {
            Shutdown::Wait => return,
            Shutdown::CancelPending => return open.for_each(|job| hub.cancel_pending(&job)),
            Shutdown::Cancel { grace } => grace.filter(|grace| !grace.is_zero()),
        };
        // First what has not started, so that none of it starts in place of another.
        let open: Vec<_> = open.collect();
        for job in &open {
            hub.cancel_pending(job);
        }
        let running = open.into_iter().filter(|job| !job.is(Awaited::End));
        let Some(grace) = grace else {
            return running.for_each(|job| hub.cancel(&job, None));
        };
        let mut asked = Vec::new();
        for job in running {
            hub.ask_to_end(&job);
            asked.push(Arc::downgrade(&job));
        }
        hub.act_later(grace, move |hub| {
            let left = asked.iter().filter_map(Weak::upgrade);
            left.for_each(|job| hub.cancel(&job, None));
        });
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor")
            .field("host", &self.host)
            .field("worker", &self.worker)
            .finish_non_exhaustive()
    }
}
