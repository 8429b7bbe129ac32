//! A host: workers, slots, and what is done with them.

use crate::dispatch::{
    Delivered, HighWater, Hub, HubParts, Jq, Observer, OnOutcome, ProducerError, Pump, SlotId,
    Stopping, Taker, Tally, Undelivered, Worker, Workers, check_expressions, deliver, run_slot,
};
use crate::job::HostId;
use crate::plugin::{Plugin, PluginError, PluginSource};
use crate::sandbox::{Resident, Runtime};
use crate::slot_pool::SlotPool;
use crate::submit::{Job, JobHandle, SubmitError};
use crate::task::{JobOptions, OptionsError, Reason};
use crate::value::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A host: it runs jobs for its workers, each in a sandbox of its own.
///
/// Dropping it cancels what is left.
pub struct Host {
    runtime: Runtime,
    hub: Arc<Hub>,
}

/// How a host is to be.
pub struct HostBuilder {
    runtime: Runtime,
    name: Option<String>,
    slots: u32,
    workers: Vec<HostWorker>,
    jq: Option<PluginSource>,
    high_water: HighWater,
    observer: Option<Observer>,
    slot_pool: Option<Arc<dyn SlotPool>>,
}

/// A worker of a host, with what holds for its jobs.
#[derive(Debug, Clone)]
pub struct HostWorker {
    plugin: Plugin,
    options: Option<JobOptions>,
    running_max: Option<u32>,
}

/// Why a host was not made.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A plugin is no worker.
    #[error("plugin `{plugin}` cannot be used: {error}", plugin = plugin.name())]
    Plugin {
        /// Which one.
        plugin: Plugin,
        /// Why.
        error: PluginError,
    },
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
    /// A consumer plugin.
    Consumer(Plugin),
    /// A function of the program: the job's value, and its outcome. It holds back
    /// the run while it works, and must not block for long.
    Function(OnOutcome),
}

/// What a run leaves.
#[derive(Debug)]
pub struct ServeReport {
    /// How many of the host's jobs ended in which way while the run went on.
    pub tally: Tally,
    /// Outcomes that the consumer did not take, the first thousand.
    pub undelivered: Vec<Undelivered>,
    /// How many they are.
    pub undelivered_count: u64,
    /// How many outcomes the consumer took and answered with an error.
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

    /// So many attempts run at the same time. Default: usable CPUs, at least 4.
    #[must_use]
    pub fn slots(mut self, slots: u32) -> Self {
        self.slots = slots.max(1);
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

    /// Makes the host and starts its slots.
    pub fn build(self) -> Result<Host, HostError> {
        let id = HostId::draw();
        let name = self.name.unwrap_or_else(|| id.to_string());
        let (workers, running_max) = by_name(self.workers)?;
        let slots = self.slots as usize;
        let hub = Arc::new(Hub::new(HubParts {
            id,
            name: name.into(),
            workers,
            jq: Jq::new(self.jq, Box::new(self.runtime.loader())),
            slots,
            running_max,
            high_water: self.high_water,
            observer: self.observer,
            control: self.runtime.control().clone(),
        }));
        for (name, worker) in &hub.workers {
            let names = hub.check_names(&worker.options);
            names.map_err(|error| HostError::Options {
                worker: name.to_string(),
                error,
            })?;
        }
        for slot in 0..slots {
            let guests = self.runtime.guests();
            guests.spawn(run_slot(hub.clone(), SlotId(slot)));
        }
        Ok(Host {
            runtime: self.runtime,
            hub,
        })
    }
}

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
            options: Arc::new(options),
            bounded,
        };
        named.insert(name, worker);
    }
    Ok((named, running_max))
}

/// How many slots a host has unless told otherwise: usable CPUs, at least 4, so
/// that jobs which wait do not stop the others.
#[must_use]
pub fn default_slots() -> u32 {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(cpus).unwrap_or(u32::MAX).max(4)
}

impl Host {
    /// Begins a host on a runtime.
    #[must_use]
    pub fn builder(runtime: &Runtime) -> HostBuilder {
        HostBuilder {
            runtime: runtime.clone(),
            name: None,
            slots: default_slots(),
            workers: Vec::new(),
            jq: None,
            high_water: HighWater::default(),
            observer: None,
            slot_pool: None,
        }
    }

    /// The host's id, the first part of its jobs' ids.
    #[must_use]
    pub fn id(&self) -> HostId {
        self.hub.id
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

    /// Begins a job for a worker, with options of its own.
    pub fn job(&self, worker: &str) -> Result<Job<'_>, SubmitError> {
        let found = self.hub.workers.get(worker);
        let worker = found.ok_or_else(|| SubmitError::UnknownWorker(worker.to_owned()))?;
        Ok(Job::new(&self.hub, worker))
    }

    /// Compiles the jq expressions in the options of the workers, so that one that is
    /// wrong is told before a job has done its work for it. Where there are none, it
    /// does nothing.
    pub async fn check_expressions(&self) -> Result<(), HostError> {
        let checked = check_expressions(self.hub.clone());
        let checked = self.runtime.guests().spawn(checked).await;
        // It is not aborted, and a panic in it is our fault, not the expression's.
        checked
            .unwrap_or(Ok(()))
            .map_err(|(worker, error)| HostError::Options { worker, error })
    }

    /// Stops the jobs of a group; each has an outcome, `cancelled`. Others stay
    /// undisturbed, and later jobs of the group are taken as ever.
    pub fn cancel_group(&self, group: &str) {
        self.hub.cancel_group(group);
    }

    /// Runs a producer until it has no more or a stop comes, and until every
    /// outcome is delivered, and nothing that was submitted besides is left. One run
    /// at a time.
    ///
    /// # Errors
    ///
    /// When the plugins are not a producer and a consumer.
    pub async fn serve(&self, serve: Serve) -> Result<ServeReport, PluginError> {
        let began = Instant::now();
        let before = self.tally();
        let guests = self.runtime.guests();
        let (producer, taker) = {
            // Their timers belong to the guests' threads.
            let _guests = guests.enter();
            let name = &self.hub.name;
            let producer = Resident::producer(serve.producer, name.clone())?;
            let taker = match serve.deliver {
                Deliver::Consumer(plugin) => {
                    Taker::Plugin(Resident::consumer(plugin, name.clone())?)
                }
                Deliver::Function(function) => Taker::Function(function),
            };
            (producer, taker)
        };
        let source_ended = Arc::new(AtomicBool::new(false));
        let delivering = guests.spawn(deliver(self.hub.clone(), taker, source_ended.clone()));
        let pump = Pump::new(self.hub.clone(), producer);
        let pumped = guests.spawn(pump.run()).await;
        source_ended.store(true, Ordering::Release);
        self.hub.consumer_wake.notify_one();
        let delivered = delivering.await.unwrap_or_else(|error| Delivered {
            finish_error: Some(format!("the consumer's loop ended: {error}")),
            ..Delivered::default()
        });
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
            stopped: self.hub.is_stopping(),
            elapsed: began.elapsed(),
        })
    }

    /// Stops. A later stop may go further than an earlier one, never back.
    pub fn stop(&self, stop: Stop) {
        match stop {
            Stop::Cancel => self.hub.stop(Stopping::Cancelling),
            Stop::Drain { grace } => {
                self.hub.stop(Stopping::Draining);
                let hub = Arc::downgrade(&self.hub);
                self.runtime.control().spawn(async move {
                    tokio::time::sleep(grace).await;
                    if let Some(hub) = hub.upgrade() {
                        hub.stop(Stopping::Cancelling);
                    }
                });
            }
        }
    }

    /// How many jobs have ended so far, and how.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.hub.tally()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.hub.close();
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("id", &self.hub.id)
            .field("name", &self.hub.name)
            .finish_non_exhaustive()
    }
}
