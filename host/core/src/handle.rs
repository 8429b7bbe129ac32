//! A submitted job: awaited, asked, stopped.

use crate::dispatch::{Awaited, Callback, CallbackRaised, Completion, Hub};
use crate::job::JobId;
use crate::task::Outcome;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

/// A submitted job. Awaiting it gives its outcome. It can be cloned and sent to other
/// threads; dropping it does not cancel the job.
///
/// ```
/// # use wodehost::{Host, PluginSource, Runtime, RuntimeConfig, Value};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let guests = std::env::var("WODEHOST_GUESTS")
/// #     .unwrap_or("../../target/wasm32-wasip2/guest".into());
/// # let runtime = Runtime::new(RuntimeConfig::default())?;
/// # let double = runtime.load(PluginSource::file(format!("{guests}/double.wasm")))?;
/// # let host = Host::builder(&runtime).worker(double).build()?;
/// let job = host.submit("double", [Value::from(4)])?;
/// job.when_done(|outcome| {
///     println!("{}", outcome.status);
///     Ok(())
/// });
/// let outcome = job.result(None).await?;
/// assert!(job.done());
/// assert_eq!(outcome.data.to::<i64>()?, 8);
/// # Ok(()) })
/// # }
/// ```
#[derive(Clone)]
pub struct JobHandle {
    pub(crate) hub: Weak<Hub>,
    pub(crate) completion: Arc<Completion>,
}

/// Why there is no outcome to give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResultError {
    /// The job has not ended, or its callbacks have not been called, in time.
    #[error("the job has not ended in time")]
    Blocked,
    /// A callback of the job failed. It is told once; the outcome comes with a later call.
    #[error(transparent)]
    CallbackRaised(#[from] CallbackRaised),
}

impl JobHandle {
    /// The job's id.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.completion.id
    }

    /// Whether the job has ended. Never blocks.
    #[must_use]
    pub fn done(&self) -> bool {
        self.completion.is(Awaited::End)
    }

    /// Waits until the job has ended, no longer than `at_most`: whether it has. With no
    /// time it waits for ever.
    pub async fn wait(&self, at_most: impl Into<Option<Duration>>) -> bool {
        self.completion.wait(Awaited::End, at_most.into()).await
    }

    /// The same on this thread, which it blocks; not for a thread that runs futures.
    #[must_use]
    pub fn blocking_wait(&self, at_most: impl Into<Option<Duration>>) -> bool {
        self.completion.block(Awaited::End, at_most.into())
    }

    /// The outcome, once the job has ended and the callbacks that were registered have
    /// been called. In a callback it does not wait for callbacks.
    ///
    /// # Errors
    ///
    /// [`ResultError::Blocked`] when that takes longer than `at_most`;
    /// [`ResultError::CallbackRaised`] for each callback that failed, once.
    pub async fn result(
        &self,
        at_most: impl Into<Option<Duration>>,
    ) -> Result<Outcome, ResultError> {
        let in_time = self.completion.wait(Awaited::Called, at_most.into()).await;
        self.taken(in_time)
    }

    /// The same on this thread, which it blocks; not for a thread that runs futures.
    ///
    /// # Errors
    ///
    /// As [`JobHandle::result`].
    pub fn blocking_result(
        &self,
        at_most: impl Into<Option<Duration>>,
    ) -> Result<Outcome, ResultError> {
        let in_time = self.completion.block(Awaited::Called, at_most.into());
        self.taken(in_time)
    }

    fn taken(&self, in_time: bool) -> Result<Outcome, ResultError> {
        if let (true, Some(raised)) = (in_time, self.completion.raised()) {
            return Err(raised.into());
        }
        let outcome = self.completion.outcome().filter(|_| in_time);
        outcome.ok_or(ResultError::Blocked)
    }

    /// Calls `callback` when the job has ended, at once when it has: its number among the
    /// callbacks of the job, in whose order they are called.
    ///
    /// Callbacks run one after the other on a thread of the host of their own, so that
    /// one may submit, register and wait, with the blocking calls. The job's slot is free
    /// by then. What one fails with, by an error or a panic, is told once, by
    /// [`JobHandle::result`] or [`Host::shutdown`](crate::Host::shutdown); the others are
    /// called all the same.
    pub fn when_done(
        &self,
        callback: impl FnOnce(&Outcome) -> Result<(), Box<dyn Error + Send + Sync>> + Send + 'static,
    ) -> u64 {
        self.completion.when_done(Callback(Box::new(callback)))
    }

    /// Ends the job now, wherever it is: its outcome is `cancelled`, unless it is over
    /// already. A parallel job ends with all its items, a job that submitted others with
    /// those, a job in a chunk with the whole chunk.
    pub fn cancel(&self) {
        self.cancel_after(None);
    }

    /// Ends the job when the grace is over. Until then the guest sees that it is to come
    /// to its end; what it returns counts, but it is not started again.
    pub fn cancel_after(&self, grace: impl Into<Option<Duration>>) {
        if let Some(hub) = self.hub.upgrade() {
            hub.cancel(&self.completion, grace.into());
        }
    }

    /// Lets the job stand still, wherever it is: a running guest is not run any further,
    /// and its slot is free for others. Its keepalive and deadline stop, its clocks do
    /// not.
    pub fn pause(&self) {
        self.set_paused(true);
    }

    /// Lets a paused job go on.
    pub fn resume(&self) {
        self.set_paused(false);
    }

    fn set_paused(&self, is_paused: bool) {
        if let Some(hub) = self.hub.upgrade() {
            hub.pause(&self.completion, is_paused);
        }
    }
}

/// A handle that is done already, with a success: for whoever has to give a job where
/// there is nothing to do.
#[must_use]
pub fn task_return_value(data: crate::Value) -> JobHandle {
    JobHandle {
        hub: Weak::new(),
        completion: Arc::new(Completion::of(Outcome::success(data))),
    }
}

impl Future for JobHandle {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        self.completion.poll_outcome(cx)
    }
}

impl fmt::Debug for JobHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
