//! A host: workers, slots, and what is done with them.

use crate::board::{Detail, LineChange, Snapshot};
use crate::dispatch::{
    CallbackRaised, Delivered, Gatekeeper, HighWater, Hub, HubParts, Jq, Observer, OnOutcome,
    ProducerError, Pump, Recording, Recovered, Seat, Seats, Stopping, Taker, Undelivered, Worker,
    Workers, check_expressions, deliver,
};
use crate::gate::Gate;
use crate::handle::JobHandle;
use crate::job::{HostId, JobId};
use crate::map::Map;
use crate::plugin::{Plugin, PluginError, PluginSource};
use crate::sandbox::{Resident, Runtime, processors};
use crate::slot_pool::SlotPool;
use crate::store::{Change, Changed, StoreError};
use crate::submit::{Job, SubmitError};
use crate::task::{JobOptions, OptionsError, Reason, Tally};
use crate::value::Value;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// A host: it runs jobs for its workers, each in a sandbox of its own.
///
/// Copies of a host share everything: its workers, its slots, its jobs. Dropping the last
/// one cancels what is left.
#[derive(Clone)]
pub struct Host(Arc<Shared>);

/// What the copies of a host share.
struct Shared {
    runtime: Runtime,
    hub: Arc<Hub>,
}

/// How a host is to be.
pub struct HostBuilder {
    runtime: Runtime,
    name: Option<String>,
    slots: u32,
    live: Option<u32>,
    workers: Vec<HostWorker>,
    gates: Vec<Gate>,
    jq: Option<PluginSource>,
    high_water: HighWater,
    observer: Option<Observer>,
    slot_pool: Option<Arc<dyn SlotPool>>,
    recording: Option<Recording>,
}

/// A worker of a host, with what holds for its jobs.
#[derive(Debug, Clone)]
pub struct HostWorker {
    plugin: Plugin,
    options: Option<JobOptions>,
    running_max: Option<u32>,
    is_reserved: bool,
}

/// Why a host was not made.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A plugin is no worker, or no gate.
    #[error("plugin `{plugin}` cannot be used: {error}", plugin = plugin.name())]
    Plugin {
        /// Which one.
        plugin: Plugin,
        /// Why.
        error: PluginError,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The options for a worker's jobs do not fit.
    #[error("the options for jobs of `{worker}` were not taken: {error}")]
    Options {
        /// The worker's name.
        worker: String,
        /// What is wrong with them.
        error: OptionsError,
    },
}

/// How far a stop goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Nothing new starts; queued jobs are cancelled; running ones may finish
    /// within the grace and are cancelled then.
    Drain {
        /// How long running jobs may go on.
        grace: Duration,
    },
    /// Running jobs are cancelled too.
    Cancel,
}

/// A run: a producer, and who takes the outcomes.
pub struct Serve {
    /// Says what there is to do.
    pub producer: Plugin,
    /// Takes the outcomes.
    pub deliver: Deliver,
}

/// Who takes the outcomes of a run; each comes once, in the order in which jobs end.
pub enum Deliver {
    /// A consumer plugin. Where it exports `on-emit`, it gets what jobs emit, too: each value
    /// before the outcome of its job.
    Consumer(Plugin),
    /// A function of the program: the job's value, and its outcome. It holds back
    /// the run while it works, and must not block for long.
    Function(OnOutcome),
    /// The same, but an outcome counts as taken only when [`Host::acknowledge`] says so: where
    /// the host has a store, a later host gives it again otherwise.
    Later(OnOutcome),
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A plugin does not play its role.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a run leaves.
#[derive(Debug)]
pub struct ServeReport {
    /// How many of the host's jobs ended in which way while the run went on.
    pub tally: Tally,
    /// Outcomes and emitted values that the consumer did not take, the first thousand.
    pub undelivered: Vec<Undelivered>,
    /// How many they are.
    pub undelivered_count: u64,
    /// How many outcomes and values the consumer took and answered with an error.
    pub consumer_errors: u64,
    /// Why the producer ended, unless it said that there is no more.
    pub producer_error: Option<ProducerError>,
    /// Why the consumer's `finish` did not go through.
    pub finish_error: Option<String>,
    /// Whether the run was stopped before its end.
    pub stopped: bool,
    /// How long it took.
    pub elapsed: Duration,
}

impl From<Plugin> for HostWorker {
    fn from(plugin: Plugin) -> Self {
        HostWorker {
            plugin,
            options: None,
            running_max: None,
            is_reserved: false,
        }
    }
}

impl HostWorker {
    /// What holds for its jobs unless they say otherwise.
    #[must_use]
    pub fn options(mut self, options: JobOptions) -> Self {
        self.options = Some(options);
        self
    }

    /// It is there for stages, and for jobs whose workers may submit to it; a run's
    /// producer may not give jobs to it, and so not borrow what it was granted.
    #[must_use]
    pub fn reserved(mut self) -> Self {
        self.is_reserved = true;
        self
    }

    /// No more than so many of its attempts run at the same time.
    #[must_use]
    pub fn running_max(mut self, attempts: u32) -> Self {
        self.running_max = Some(attempts.max(1));
        self
    }
}

impl HostBuilder {
    /// Calls the host `name`; otherwise it is called by its id.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// So many attempts run at the same time. Default: usable CPUs, at least 4. Deterministic
    /// jobs run one at a time, whatever is said here.
    #[must_use]
    pub fn slots(mut self, slots: u32) -> Self {
        self.slots = slots.max(1);
        self
    }

    /// So many attempts may hold a store at the same time: those that run, those that
    /// wait for jobs that they submitted, those that are paused. At least as many as slots,
    /// and no more than the engine's pools have room for. Default: 256 more than slots.
    #[must_use]
    pub fn live(mut self, live: u32) -> Self {
        self.live = Some(live);
        self
    }

    /// Shares slots with other programs: one slot is the host's own, and every further
    /// one, up to [`slots`](HostBuilder::slots), is taken out of `pool` while there is
    /// work for it. Default: all slots are the host's own.
    #[must_use]
    pub fn slot_pool(mut self, pool: impl SlotPool) -> Self {
        self.slot_pool = Some(Arc::new(pool));
        self
    }

    /// Adds a worker, called by its plugin's name; of two with one name the later
    /// counts.
    #[must_use]
    pub fn worker(mut self, worker: impl Into<HostWorker>) -> Self {
        self.workers.push(worker.into());
        self
    }

    /// Adds a gate, which is asked before each start of a job; they are asked in the
    /// order in which they were added.
    #[must_use]
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gates.push(gate);
        self
    }

    /// Names the plugin that evaluates jq expressions of stages; it is loaded when the
    /// first one is needed.
    #[must_use]
    pub fn jq(mut self, source: PluginSource) -> Self {
        self.jq = Some(source);
        self
    }

    /// When a producer has to wait.
    #[must_use]
    pub fn high_water(mut self, high_water: HighWater) -> Self {
        self.high_water = high_water;
        self
    }

    /// Shows every outcome to `observer` before it is delivered, in no certain order.
    #[must_use]
    pub fn observe(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Records its jobs in a store: whatever happens to this host, a later one goes on with
    /// them. Ids of jobs are those of the store then, and a stop leaves what is not over in it,
    /// as `interrupted`.
    #[must_use]
    pub fn record(mut self, recording: Recording) -> Self {
        self.recording = Some(recording);
        self
    }

    /// Makes the host and starts its slots.
    ///
    /// # Errors
    ///
    /// When a plugin or its options do not fit, or the store cannot be used.
    pub fn build(self) -> Result<Host, HostError> {
        let profile = self.runtime.profile();
        let opened = self.recording.map(Recording::open).transpose()?;
        let id = match (&opened, profile.recorded()) {
            (Some(opened), _) => opened.id,
            (None, None) => HostId::draw(),
            // Plugins see it.
            (None, Some(recorded)) => HostId::from_random(recorded.seed as u32),
        };
        let name = self.name.unwrap_or_else(|| id.to_string());
        let (workers, running_max) = by_name(self.workers)?;
        let name: Arc<str> = name.into();
        let gatekeeper = if self.gates.is_empty() {
            None
        } else {
            Some(gatekeeper(self.gates, &name, &self.runtime)?)
        };
        // What runs at the same time would see each other's speed.
        let runs_one_by_one = profile.recorded().is_some();
        let slots = if runs_one_by_one {
            1
        } else {
            self.slots as usize
        };
        let live = self
            .live
            .map_or(slots + LIVE_BEYOND_SLOTS, |live| live as usize);
        let its_hub = opened.as_ref().map(|opened| opened.hub.clone());
        let hub = Hub::new(HubParts {
            id,
            name,
            workers,
            jq: Jq::new(self.jq, Box::new(self.runtime.loader())),
            slots,
            live: live.min(self.runtime.live() as usize),
            running_max,
            high_water: self.high_water,
            gatekeeper,
            slot_pool: self.slot_pool.filter(|_| !runs_one_by_one),
            observer: self.observer,
            next_number: opened.as_ref().map_or(1, |opened| opened.next_number),
            found: opened.as_ref().map(|opened| opened.found),
            recorder: opened.map(|opened| opened.recorder),
            guests: self.runtime.guests().clone(),
            control: self.runtime.control().clone(),
        });
        if let Some(its_hub) = its_hub {
            *its_hub.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&hub);
        }
        hub.begin_recording()?;
        for (name, worker) in &hub.workers {
            let names = hub.check_names(&worker.options);
            names.map_err(|error| HostError::Options {
                worker: name.to_string(),
                error,
            })?;
        }
        Ok(Host(Arc::new(Shared {
            runtime: self.runtime,
            hub,
        })))
    }
}

/// How many attempts may be live besides those that run, unless told otherwise: four
/// slots may then each have a chain of jobs as deep as they may be nested.
const LIVE_BEYOND_SLOTS: usize = 256;

/// Workers by their names, and how many attempts the bounded ones may run.
fn by_name(workers: Vec<HostWorker>) -> Result<(Workers, Vec<u32>), HostError> {
    let mut named = Workers::new();
    let mut running_max = Vec::new();
    for worker in workers {
        let plugin = worker.plugin;
        if let Err(error) = plugin.worker() {
            return Err(HostError::Plugin { plugin, error });
        }
        let name = plugin.shared_name().clone();
        let of_limits = || JobOptions::of_limits(plugin.limits().clone());
        let options = worker.options.unwrap_or_else(of_limits);
        options.check().map_err(|error| HostError::Options {
            worker: name.to_string(),
            error,
        })?;
        let bounded = worker.running_max.map(|max| {
            running_max.push(max);
            running_max.len() as u32 - 1
        });
        let worker = Worker {
            plugin,
            nested: Arc::new(options.of_item()),
            options: Arc::new(options),
            is_reserved: worker.is_reserved,
            bounded,
        };
        named.insert(name, worker);
    }
    Ok((named, running_max))
}

/// Whoever asks the gates; refuses plugins that are none.
fn gatekeeper(
    gates: Vec<Gate>,
    name: &Arc<str>,
    runtime: &Runtime,
) -> Result<Gatekeeper, HostError> {
    // The timers of those that are plugins belong to the guests' threads.
    let _guests = runtime.guests().enter();
    let keeper = Gatekeeper::new(gates, name, Instant::now());
    keeper.map_err(|(plugin, error)| HostError::Plugin { plugin, error })
}

/// How many slots a host has unless told otherwise: usable CPUs, at least 4, so
/// that jobs which wait do not stop the others.
#[must_use]
pub fn default_slots() -> u32 {
    u32::try_from(processors()).unwrap_or(u32::MAX).max(4)
}

impl Host {
    /// Begins a host on a runtime.
    #[must_use]
    pub fn builder(runtime: &Runtime) -> HostBuilder {
        HostBuilder {
            runtime: runtime.clone(),
            name: None,
            slots: default_slots(),
            live: None,
            workers: Vec::new(),
            gates: Vec::new(),
            jq: None,
            high_water: HighWater::default(),
            observer: None,
            slot_pool: None,
            recording: None,
        }
    }

    /// The host's id, the first part of its jobs' ids.
    #[must_use]
    pub fn id(&self) -> HostId {
        self.0.hub.id
    }

    /// Submits a job with its worker's own options; it waits for a slot by itself.
    ///
    /// The worker gets nil for no argument, the value for one, an array for more. A
    /// value over the worker's limit ends the job as `value-too-large`.
    pub fn submit(
        &self,
        worker: &str,
        arguments: impl IntoIterator<Item = Value>,
    ) -> Result<JobHandle, SubmitError> {
        self.job(worker)?.arguments(arguments).submit()
    }

    /// What the copies of the host share.
    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    /// Begins a job for a worker, with options of its own.
    pub fn job(&self, worker: &str) -> Result<Job<'_>, SubmitError> {
        let found = self.0.hub.workers.get(worker);
        let worker = found.ok_or_else(|| SubmitError::UnknownWorker(worker.to_owned()))?;
        Ok(Job::new(&self.0.hub, worker))
    }

    /// Makes a job of each item, one argument each, and gives back the outcomes in the order
    /// of the items; see [`Map`].
    ///
    /// # Errors
    ///
    /// When no worker has this name.
    pub fn map<I>(&self, worker: &str, items: I) -> Result<Map<I::IntoIter>, SubmitError>
    where
        I: IntoIterator<Item = Value>,
    {
        Map::new(self, worker, items.into_iter(), None)
    }

    /// Submits a job of each value as a chunk, with the worker's own options: they run one
    /// after the other on one slot and, as long as they return results, in one store. What
    /// is isolated is then the chunk: a job can see what one before it left in memory.
    ///
    /// Each job has fuel, keepalive and an outcome of its own, the deadline of an attempt
    /// holds for those together that share a store. A job that ends in any other way than
    /// by returning a result has the store dropped, and the next one gets a fresh store; a
    /// job that is to be tried again becomes a job of its own. Whoever cancels or pauses one
    /// cancels or pauses the chunk, and a stop lets only the job end that runs. The jobs
    /// may not submit others.
    ///
    /// # Errors
    ///
    /// Besides those of [`Host::submit`]: [`SubmitError::Options`] where the worker's jobs
    /// are parallel, or have a singleton key, stages or a `finally`.
    pub fn submit_chunk(
        &self,
        worker: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<JobHandle>, SubmitError> {
        self.job(worker)?.submit_chunk(values.into_iter().collect())
    }

    /// Compiles the jq expressions in the options of the workers, so that one that is
    /// wrong is told before a job has done its work for it. Where there are none, it
    /// does nothing.
    pub async fn check_expressions(&self) -> Result<(), HostError> {
        let checked = check_expressions(self.0.hub.clone());
        let checked = self.0.runtime.guests().spawn(checked).await;
        // It is not aborted, and a panic in it is our fault, not the expression's.
        checked
            .unwrap_or(Ok(()))
            .map_err(|(worker, error)| HostError::Options { worker, error })
    }

    /// Stops the jobs of a group; each has an outcome, `cancelled`. Others stay
    /// undisturbed, and later jobs of the group are taken as ever.
    pub fn cancel_group(&self, group: &str) {
        self.0.hub.cancel_group(group);
    }

    /// What the host found in its store when it was made; none without a store.
    #[must_use]
    pub fn recovered(&self) -> Option<Recovered> {
        self.0.hub.found
    }

    /// Runs the jobs of the host's stream that ran when an earlier host died, one at a time: call
    /// it before anything is submitted, so that nothing else runs beside them. [`Host::serve`]
    /// does it by itself.
    ///
    /// # Errors
    ///
    /// When the store cannot be used.
    pub async fn run_suspects(&self) -> Result<(), StoreError> {
        self.0.hub.run_suspects().await
    }

    /// The outcome of a job was taken: no later host gives it again. Its key, if it has one, is
    /// free for another job.
    pub fn acknowledge(&self, job: JobId) {
        self.0.hub.acknowledge(job);
    }

    /// Waits until all that was said to the store is kept.
    ///
    /// # Errors
    ///
    /// When the store takes no more.
    pub async fn until_recorded(&self) -> Result<(), StoreError> {
        self.0.hub.until_kept().await
    }

    /// Ends the host: what is left is cancelled, or stays in its store. Whoever has a store and
    /// ends the process calls it first, so that all is written and nothing is left open.
    ///
    /// # Errors
    ///
    /// When the store did not take all of it.
    pub fn close(&self) -> Result<(), StoreError> {
        self.0.hub.close();
        self.store_error().map_or(Ok(()), Err)
    }

    /// How many jobs a stop has left in the store so far.
    #[must_use]
    pub fn interrupted(&self) -> u64 {
        self.0.hub.interrupted()
    }

    /// Says that the process is about to end because somebody wants it to: what runs is not
    /// under suspicion when a later host opens the store.
    pub fn leave(&self) {
        self.0.hub.forget_marks();
    }

    /// Why nothing is recorded any more; the host stops then.
    #[must_use]
    pub fn store_error(&self) -> Option<StoreError> {
        self.0.hub.store_error()
    }

    /// Runs a producer until it has no more or a stop comes, and until every
    /// outcome is delivered, and nothing that was submitted besides is left. One run
    /// at a time.
    ///
    /// # Errors
    ///
    /// When the plugins are not a producer and a consumer, or the store cannot be used.
    pub async fn serve(&self, serve: Serve) -> Result<ServeReport, ServeError> {
        let began = Instant::now();
        let before = self.tally();
        let guests = self.0.runtime.guests();
        let (producer, taker) = {
            // Their timers belong to the guests' threads.
            let _guests = guests.enter();
            let name = &self.0.hub.name;
            let producer = Resident::producer(serve.producer, name.clone())?;
            let taker = match serve.deliver {
                Deliver::Consumer(plugin) => {
                    Taker::Plugin(Resident::consumer(plugin, name.clone())?)
                }
                Deliver::Function(function) => Taker::Function {
                    function,
                    is_told: false,
                },
                Deliver::Later(function) => Taker::Function {
                    function,
                    is_told: true,
                },
            };
            (producer, taker)
        };
        self.0.hub.restore("producer", &producer)?;
        if let Some(consumer) = taker.plugin() {
            self.0.hub.restore("consumer", consumer)?;
        }
        let source_ended = Arc::new(AtomicBool::new(false));
        let seat = |resident: &Resident| {
            let name = resident.plugin().shared_name().clone();
            Arc::new(Seat::new(name, resident.line()))
        };
        let seats = Seats {
            producer: Some(seat(&producer)),
            consumer: taker.plugin().map(seat),
        };
        self.0.hub.seat(seats.clone());
        let delivering = guests.spawn(deliver(self.0.hub.clone(), taker, source_ended.clone()));
        let pump = Pump::new(self.0.hub.clone(), producer, seats.producer.clone());
        let pumped = guests.spawn(pump.run()).await;
        seats.producer.iter().for_each(|seat| seat.is_done());
        source_ended.store(true, Ordering::Release);
        self.0.hub.consumer_wake.notify_one();
        let delivered = delivering.await.unwrap_or_else(|error| Delivered {
            finish_error: Some(format!("the consumer's loop ended: {error}")),
            ..Delivered::default()
        });
        seats.consumer.iter().for_each(|seat| seat.is_done());
        let producer_error = match pumped {
            Ok(ended) => ended.err(),
            Err(error) => Some(ProducerError {
                reason: Reason::Internal,
                message: format!("the producer's loop ended: {error}"),
                data: None,
            }),
        };
        Ok(ServeReport {
            tally: self.tally() - before,
            undelivered: delivered.undelivered,
            undelivered_count: delivered.undelivered_count,
            consumer_errors: delivered.consumer_errors,
            producer_error,
            finish_error: delivered.finish_error,
            stopped: self.0.hub.is_stopping(),
            elapsed: began.elapsed(),
        })
    }

    /// What the host is doing now, with the first `queued_max` of the jobs that wait. Made to
    /// be asked some ten times a second, by as many as like; it costs the jobs nothing but
    /// the moment in which it is noted who is live.
    #[must_use]
    pub fn look(&self, queued_max: usize) -> Snapshot {
        self.0.hub.look(queued_max)
    }

    /// What plugins wrote on their lines of the board since this was asked last, the oldest
    /// first for each line. Of one line no more than the last eight changes are kept.
    #[must_use]
    pub fn take_changes(&self) -> Vec<LineChange> {
        self.0.hub.take_changes()
    }

    /// More about the live attempt of a job; none when it has none now.
    #[must_use]
    pub fn detail(&self, job: JobId) -> Option<Detail> {
        self.0.hub.detail(job)
    }

    /// Lets a job stand still, with its items where it is parallel; as
    /// [`JobHandle::pause`], for whoever knows its id. No job of the host = nothing.
    pub fn pause(&self, job: JobId) {
        self.0.hub.pause_job(job, true);
    }

    /// Lets a job go on that was paused.
    pub fn resume(&self, job: JobId) {
        self.0.hub.pause_job(job, false);
    }

    /// Ends a job, with its items where it is parallel, or the chunk that runs it; as
    /// [`JobHandle::cancel`] without a grace, for whoever knows its id.
    pub fn cancel(&self, job: JobId) {
        self.0.hub.cancel_by_id(job);
    }

    /// Queues recorded jobs again that did not succeed, of a parallel one also its items; what
    /// came of each. They go on when a later host has their stream. Blocks until it is recorded.
    ///
    /// # Errors
    ///
    /// When the store cannot be used.
    pub fn retry_recorded(
        &self,
        jobs: &[JobId],
        resets_state: bool,
    ) -> Result<Vec<Changed>, StoreError> {
        let retry = Change::Retry { resets_state };
        self.0.hub.change_recorded(jobs, retry)
    }

    /// Ends recorded jobs, those of this host as [`Host::cancel`] does, and others that nobody
    /// has; what came of each. Blocks until it is recorded of the latter.
    ///
    /// # Errors
    ///
    /// When the store cannot be used.
    pub fn cancel_recorded(&self, jobs: &[JobId]) -> Result<Vec<Changed>, StoreError> {
        self.0.hub.change_recorded(jobs, Change::Cancel)
    }

    /// Forgets recorded jobs that are over, with those that are part of them; what came of each.
    /// Blocks until it is recorded.
    ///
    /// # Errors
    ///
    /// When the store cannot be used.
    pub fn drop_recorded(&self, jobs: &[JobId]) -> Result<Vec<Changed>, StoreError> {
        self.0.hub.change_recorded(jobs, Change::Drop)
    }

    /// Stops. A later stop may go further than an earlier one, never back.
    pub fn stop(&self, stop: Stop) {
        match stop {
            Stop::Cancel => self.0.hub.stop(Stopping::Cancelling),
            Stop::Drain { grace } => {
                self.0.hub.stop(Stopping::Draining);
                let hub = &self.0.hub;
                hub.act_later(grace, |hub| hub.stop(Stopping::Cancelling));
            }
        }
    }

    /// Closes the host: nothing new is taken, and everything that was may go on and still
    /// start. What has not ended within the grace is cancelled; with no grace there is no
    /// end to it. Comes back when everything is over and every callback was called.
    ///
    /// # Errors
    ///
    /// The callbacks that failed and that no [`JobHandle::result`] has told of.
    pub async fn shutdown(
        &self,
        grace: impl Into<Option<Duration>>,
    ) -> Result<(), Vec<CallbackRaised>> {
        let raised = self.0.hub.shut_down(grace.into()).await;
        if raised.is_empty() {
            return Ok(());
        }
        Err(raised)
    }

    /// How many jobs have ended so far, and how.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.0.hub.tally()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.hub.close();
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("id", &self.0.hub.id)
            .field("name", &self.0.hub.name)
            .finish_non_exhaustive()
    }
}
