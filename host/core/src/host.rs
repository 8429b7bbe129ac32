//! A host: workers, slots, and what is done with them.

use crate::dispatch::{
    Delivered, HighWater, Hub, Observer, OnOutcome, Order, ProducerError, Pump, Sink, SlotId,
    Stopping, Taker, Tally, Undelivered, deliver, never_started, run_slot, value_reason,
};
use crate::job::{HostId, JobId};
use crate::limits::{Limit, Limits};
use crate::plugin::{Plugin, PluginError};
use crate::sandbox::{Resident, Runtime};
use crate::task::{Outcome, Reason};
use crate::value::Value;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

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
    workers: Vec<Plugin>,
    high_water: HighWater,
    observer: Option<Observer>,
}

/// Why a job was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// No worker has this name.
    #[error("no worker is called `{0}`")]
    UnknownWorker(String),
    /// The host was stopped.
    #[error("the host takes no more jobs")]
    Closed,
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

/// A submitted job: await it for its outcome. Dropping it does not cancel the job.
#[derive(Debug)]
pub struct JobHandle {
    id: JobId,
    worker: Arc<str>,
    outcome: oneshot::Receiver<Outcome>,
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

    /// Adds a worker, called by its plugin's name; of two with one name the later
    /// counts.
    #[must_use]
    pub fn worker(mut self, plugin: Plugin) -> Self {
        self.workers.push(plugin);
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
    pub fn build(self) -> Result<Host, PluginError> {
        let mut workers = HashMap::new();
        for plugin in self.workers {
            plugin.worker()?;
            workers.insert(plugin.shared_name().clone(), plugin);
        }
        let id = HostId::draw();
        let name = self.name.unwrap_or_else(|| id.to_string());
        let slots = self.slots as usize;
        let hub = Hub::new(
            id,
            name.into(),
            workers,
            slots,
            self.high_water,
            self.observer,
        );
        let hub = Arc::new(hub);
        for slot in 0..slots {
            self.runtime
                .guests()
                .spawn(run_slot(hub.clone(), SlotId(slot)));
        }
        Ok(Host {
            runtime: self.runtime,
            hub,
        })
    }
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
            high_water: HighWater::default(),
            observer: None,
        }
    }

    /// The host's id, the first part of its jobs' ids.
    #[must_use]
    pub fn id(&self) -> HostId {
        self.hub.id
    }

    /// Submits a job under its worker's own limits; it waits for a slot by itself.
    ///
    /// The worker gets nil for no argument, the value for one, an array for more. A
    /// value over the worker's limit ends the job as `value-too-large`.
    pub fn submit(
        &self,
        worker: &str,
        arguments: impl IntoIterator<Item = Value>,
    ) -> Result<JobHandle, SubmitError> {
        let limits = self.worker(worker)?.limits().clone();
        self.submit_with(worker, arguments, limits)
    }

    /// Submits a job under limits of its own.
    pub fn submit_with(
        &self,
        worker: &str,
        arguments: impl IntoIterator<Item = Value>,
        limits: Arc<Limits>,
    ) -> Result<JobHandle, SubmitError> {
        let plugin = self.worker(worker)?.clone();
        if self.hub.is_stopping() {
            return Err(SubmitError::Closed);
        }
        let value = Value::arguments(arguments.into_iter().collect());
        let (sender, receiver) = oneshot::channel();
        let handle = JobHandle {
            id: self.hub.next_id(),
            worker: plugin.shared_name().clone(),
            outcome: receiver,
        };
        let scan = limits.scan(Limit::Value);
        if let Err(error) = value.within(&scan) {
            let message = Some(format!("the arguments were not taken: {error}"));
            let worker = handle.worker.clone();
            let outcome = never_started(handle.id, worker, value_reason(&error), message);
            self.hub.note(&outcome);
            // The receiver is in our hands, so this cannot fail.
            let _ = sender.send(outcome);
            return Ok(handle);
        }
        self.hub.submit(Order {
            id: handle.id,
            plugin,
            value,
            limits,
            sink: Sink::Handle(sender),
        });
        Ok(handle)
    }

    fn worker(&self, name: &str) -> Result<&Plugin, SubmitError> {
        let found = self.hub.workers.get(name);
        found.ok_or_else(|| SubmitError::UnknownWorker(name.to_owned()))
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

impl JobHandle {
    /// The job's id.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }
}

impl Future for JobHandle {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.outcome).poll(cx).map(|received| {
            received.unwrap_or_else(|_| {
                let message = Some("the host was closed".to_owned());
                never_started(self.id, self.worker.clone(), Reason::Cancelled, message)
            })
        })
    }
}
