//! A job from the program's side: put together, submitted, awaited.

use crate::dispatch::{Hub, Sink, Submission, Why, Worker};
use crate::job::JobId;
use crate::task::{EventSender, JobEvents, JobOptions, OptionsError, Outcome, Reason, job_events};
use crate::value::Value;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// Why a job was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// No worker has this name.
    #[error("no worker is called `{0}`")]
    UnknownWorker(String),
    /// The host was stopped.
    #[error("the host takes no more jobs")]
    Closed,
    /// The options do not fit, or name a worker that is not there.
    #[error(transparent)]
    Options(#[from] OptionsError),
}

/// A job that is being put together; see [`crate::Host::job`].
///
/// ```
/// # use wodehost::{Host, PluginSource, Runtime, RuntimeConfig, Value};
/// # use wodehost::task::Retries;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let guests = std::env::var("WODEHOST_GUESTS")
/// #     .unwrap_or("../../target/wasm32-wasip2/guest".into());
/// # let runtime = Runtime::new(RuntimeConfig::default())?;
/// # let double = runtime.load(PluginSource::file(format!("{guests}/double.wasm")))?;
/// # let host = Host::builder(&runtime).worker(double).build()?;
/// let job = host.job("double")?.arguments([Value::from(4), Value::from(5)]);
/// let job = job.with(|options| {
///     options.spread.parallel = true;
///     options.retry.retries = Retries::Of(1);
/// });
/// let outcome = job.submit()?.await;
/// assert_eq!(outcome.data.to::<Vec<i64>>()?, [8, 10]);
/// assert_eq!(outcome.items.len(), 2);
/// # Ok(()) })
/// # }
/// ```
#[must_use = "a job does nothing until it is submitted"]
pub struct Job<'h> {
    hub: &'h Arc<Hub>,
    worker: &'h Worker,
    arguments: Vec<Value>,
    options: Arc<JobOptions>,
    /// Whether the options are the job's own.
    is_changed: bool,
    events: Option<EventSender>,
}

/// A submitted job: await it for its outcome. Dropping it does not cancel the job.
pub struct JobHandle {
    id: JobId,
    worker: Arc<str>,
    hub: Weak<Hub>,
    outcome: oneshot::Receiver<Outcome>,
}

impl<'h> Job<'h> {
    pub(crate) fn new(hub: &'h Arc<Hub>, worker: &'h Worker) -> Job<'h> {
        Job {
            hub,
            worker,
            arguments: Vec::new(),
            options: worker.options.clone(),
            is_changed: false,
            events: None,
        }
    }

    /// Adds an argument.
    pub fn argument(mut self, argument: Value) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Adds arguments.
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = Value>) -> Self {
        self.arguments.extend(arguments);
        self
    }

    /// Takes these options instead of the worker's.
    pub fn options(mut self, options: impl Into<Arc<JobOptions>>) -> Self {
        self.options = options.into();
        self.is_changed = true;
        self
    }

    /// Changes the options; at first they are the worker's.
    pub fn with(mut self, change: impl FnOnce(&mut JobOptions)) -> Self {
        change(Arc::make_mut(&mut self.options));
        self.is_changed = true;
        self
    }

    /// What will happen to the job, from its first moment. A second call takes the
    /// place of the first.
    pub fn events(&mut self) -> JobEvents {
        let (sender, events) = job_events();
        self.events = Some(sender);
        events
    }

    /// Submits it; it waits for a slot by itself.
    pub fn submit(self) -> Result<JobHandle, SubmitError> {
        if self.hub.is_stopping() {
            return Err(SubmitError::Closed);
        }
        if self.is_changed {
            self.options.check()?;
            self.hub.check_names(&self.options)?;
        }
        let (sender, outcome) = oneshot::channel();
        let submission = Submission {
            worker: self.worker,
            arguments: Ok(self.arguments),
            each_checked: false,
            options: self.options,
            events: self.events,
        };
        let id = self.hub.admit(submission, Sink::Handle(sender));
        Ok(JobHandle {
            id,
            worker: self.worker.plugin.shared_name().clone(),
            hub: Arc::downgrade(self.hub),
            outcome,
        })
    }
}

impl JobHandle {
    /// The job's id.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Ends the job now, wherever it is: its outcome is `cancelled`, unless it is over
    /// already. A parallel job ends with all its items.
    pub fn cancel(&self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.cancel_job(self.id.number, Why::Cancelled);
        }
    }
}

/// A handle that is done already, with a success: for whoever has to give a job where
/// there is nothing to do.
#[must_use]
pub fn task_return_value(data: Value) -> JobHandle {
    let (sender, outcome) = oneshot::channel();
    let done = Outcome::success(data);
    let (id, worker) = (done.id, done.worker.clone());
    // The receiver is in our hands, so this cannot fail.
    let _ = sender.send(done);
    JobHandle {
        id,
        worker,
        hub: Weak::new(),
        outcome,
    }
}

impl Future for JobHandle {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.outcome).poll(cx).map(|received| {
            received.unwrap_or_else(|_| {
                let message = Some("the host was closed".to_owned());
                let worker = self.worker.clone();
                Outcome::without_attempt(self.id, worker, Reason::Cancelled, message)
            })
        })
    }
}

impl fmt::Debug for JobHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
