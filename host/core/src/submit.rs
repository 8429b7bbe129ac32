//! A job from the program's side: put together, submitted, awaited.

use crate::dispatch::{
    Awaited, ChunkSubmission, Completion, Draft, Hub, Promise, Recorder, Sink, Submission, Worker,
    check_chunk,
};
use crate::handle::JobHandle;
use crate::job::JobId;
use crate::roster::Roster;
use crate::store::{Key, StoreError};
use crate::task::{EventSender, JobEvents, JobOptions, OptionsError, Recorded, job_events};
use crate::value::Value;
use std::sync::Arc;
use std::time::Duration;

/// Why a job was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// No worker has this name.
    #[error("no worker is called `{0}`")]
    UnknownWorker(String),
    /// The host was stopped, or the executor was shut down.
    #[error("no more jobs are taken")]
    Closed,
    /// It did not start in time, and was taken back.
    #[error("blocked: {0}")]
    Blocked(Blocked),
    /// The options do not fit, or name a worker that is not there.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The key is that of a job for another worker, or with other arguments.
    #[error("the key belongs to another job, {0}")]
    KeyTaken(JobId),
    /// The host's store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What held a job back that did not start in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// Every slot was taken.
    #[error("no slot came free in time")]
    NoSlot,
    /// The named gate did not let it start.
    #[error("the gate `{0}` did not let it start in time")]
    Gate(String),
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
    /// That of the executor whose job it is.
    roster: Option<&'h Roster>,
    key: Option<Key>,
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
            roster: None,
            key: None,
        }
    }

    /// Makes it a job of an executor.
    pub(crate) fn of(mut self, roster: Option<&'h Roster>) -> Self {
        self.roster = roster;
        self
    }

    /// Takes options that were checked.
    pub(crate) fn checked_options(mut self, options: Arc<JobOptions>) -> Self {
        self.options = options;
        self
    }

    /// Whether the options fit.
    pub(crate) fn check(&self) -> Result<(), SubmitError> {
        self.options.check()?;
        self.hub.check_names(&self.options)?;
        Ok(())
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

    /// What a deterministic job begins with: its moment and its seed. In a runtime of
    /// another profile it means nothing.
    pub fn recorded(self, recorded: Recorded) -> Self {
        self.with(|options| options.recorded = Some(recorded))
    }

    /// Sends what will happen to the job into a stream that other jobs may have, too; see
    /// [`job_events`]. It takes the place of [`Job::events`].
    pub fn events_to(mut self, events: &EventSender) -> Self {
        self.events = Some(events.clone());
        self
    }

    /// What will happen to the job, from its first moment. A second call takes the
    /// place of the first.
    pub fn events(&mut self) -> JobEvents {
        let (sender, events) = job_events();
        self.events = Some(sender);
        events
    }

    /// What the job is known by in its host's store: submitted again, also to a later host, it is
    /// the same job, with the outcome that it has or will have. Without a store it means nothing.
    pub fn key(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// Submits it; it waits for a slot by itself. Where the host has a store, this comes back
    /// when the job is recorded, and blocks the thread until then; see [`Job::submit_ahead`].
    ///
    /// # Errors
    ///
    /// Besides what is wrong with the job: [`SubmitError::KeyTaken`] when its key is that of another
    /// job, [`SubmitError::Store`] when it cannot be recorded.
    pub fn submit(self) -> Result<JobHandle, SubmitError> {
        let hub = self.hub;
        let handle = self.submit_ahead()?;
        if let Some(recorder) = &hub.recorder {
            recorder.wait_until_kept()?;
        }
        Ok(handle)
    }

    /// The same without waiting until the job is recorded: it starts when it is, and its outcome
    /// is given when that is, too. So any number of jobs is recorded together.
    ///
    /// # Errors
    ///
    /// As [`Job::submit`].
    pub fn submit_ahead(self) -> Result<JobHandle, SubmitError> {
        if self.hub.is_shut() {
            return Err(SubmitError::Closed);
        }
        if self.is_changed {
            self.check()?;
        }
        self.entered()
    }

    /// The options as a store is to have them: all of them, where they are the job's own.
    fn said(&self) -> Option<Value> {
        let is_kept = self.is_changed && self.hub.recorder.is_some();
        is_kept.then(|| Value::array(&[self.options.to_value()]))
    }

    /// Submits it and waits for its start; if it has not started after `at_most`, it is
    /// taken back. A parallel job needs no slot of its own and starts at once.
    ///
    /// # Errors
    ///
    /// [`SubmitError::Blocked`] says what held it back.
    pub async fn submit_within(self, at_most: Duration) -> Result<JobHandle, SubmitError> {
        if self.hub.is_shut() {
            return Err(SubmitError::Closed);
        }
        self.check()?;
        let (hub, is_parallel) = (self.hub.clone(), self.options.spread.parallel);
        let handle = self.admitted(true)?;
        if let Some(recorder) = &hub.recorder {
            // It can start from then on.
            recorder.until_kept().await?;
        }
        let completion = &handle.completion;
        let has_started = is_parallel || completion.wait(Awaited::Start, Some(at_most)).await;
        if !has_started && hub.withdraw(handle.id().number) {
            return Err(SubmitError::Blocked(match hub.shut_gate() {
                Some(gate) => Blocked::Gate(gate.to_string()),
                None => Blocked::NoSlot,
            }));
        }
        Ok(handle)
    }

    /// Submits a job of each value as a chunk, to be run one after the other; the arguments
    /// of this one count for nothing. See [`crate::Host::submit_chunk`].
    pub fn submit_chunk(self, values: Vec<Value>) -> Result<Vec<JobHandle>, SubmitError> {
        if self.hub.is_shut() {
            return Err(SubmitError::Closed);
        }
        check_chunk(&self.options)?;
        if self.is_changed {
            self.check()?;
        }
        let (worker, callbacks) = (self.worker.plugin.shared_name(), &self.hub.callbacks);
        let adopt = |id, numbers| {
            let completion = Completion::new(id, worker.clone(), callbacks.clone());
            let completion = Arc::new(completion.in_chunk(numbers));
            if let Some(roster) = self.roster {
                roster.enter(&completion)?;
            }
            let is_recorded = self.hub.recorder.is_some();
            let promise = Promise::new(completion.clone()).recorded(is_recorded);
            Ok::<_, SubmitError>((Sink::Handle(promise), completion))
        };
        let hub = self.hub;
        let chunk = ChunkSubmission {
            worker: self.worker,
            values,
            options: &self.options,
            events: self.events,
        };
        let jobs = hub.admit_chunk(chunk, adopt)?;
        let handle = |completion: Arc<Completion>| {
            if let Some(roster) = self.roster {
                roster.entered(hub, &completion);
            }
            let hub = Arc::downgrade(hub);
            JobHandle { hub, completion }
        };
        Ok(jobs.into_iter().map(handle).collect())
    }

    /// Takes it in, or finds the job that has its key.
    fn entered(self) -> Result<JobHandle, SubmitError> {
        match (&self.hub.recorder, self.key.clone()) {
            (Some(recorder), Some(key)) => self.with_key(recorder, key),
            _ => self.admitted(false),
        }
    }

    fn with_key(self, recorder: &Recorder, key: Key) -> Result<JobHandle, SubmitError> {
        let hub = self.hub;
        let mut known = recorder.keyed.lock();
        if let Some(completion) = known.find(&key) {
            return Ok(self.handle(completion));
        }
        let entry = recorder.find_key(&key)?;
        let completion = match entry {
            None => self.admitted(false)?.completion,
            Some(entry) => {
                let name = self.worker.plugin.name();
                let value = Value::arguments(self.arguments.clone());
                if *entry.job.worker != *name || entry.job.value != value {
                    return Err(SubmitError::KeyTaken(hub.id_of(entry.job.number)));
                }
                hub.go_on_keyed(recorder, entry)?
            }
        };
        known.add(key, &completion);
        drop(known);
        let hub = Arc::downgrade(hub);
        Ok(JobHandle { hub, completion })
    }

    fn handle(&self, completion: Arc<Completion>) -> JobHandle {
        let hub = Arc::downgrade(self.hub);
        JobHandle { hub, completion }
    }

    fn admitted(self, awaits_start: bool) -> Result<JobHandle, SubmitError> {
        let draft = Draft {
            said: self.said(),
            key: self.key,
            ..Draft::default()
        };
        let submission = Submission {
            worker: self.worker,
            arguments: Ok(self.arguments),
            each_checked: false,
            options: self.options,
            events: self.events,
            draft,
        };
        let (worker, callbacks) = (self.worker.plugin.shared_name(), &self.hub.callbacks);
        let completion = self.hub.admit_with(submission, |id, _| {
            let completion = Completion::new(id, worker.clone(), callbacks.clone());
            let completion = Arc::new(completion);
            if awaits_start {
                completion.await_start();
            }
            if let Some(roster) = self.roster {
                roster.enter(&completion)?;
            }
            let is_recorded = self.hub.recorder.is_some();
            let promise = Promise::new(completion.clone()).recorded(is_recorded);
            Ok::<_, SubmitError>((0, Sink::Handle(promise), completion))
        })?;
        if let Some(roster) = self.roster {
            roster.entered(self.hub, &completion);
        }
        Ok(JobHandle {
            hub: Arc::downgrade(self.hub),
            completion,
        })
    }
}
