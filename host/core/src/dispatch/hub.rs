//! The one place where the scheduling machine meets threads.
//!
//! The machine sits behind one mutex, which is held for a call of `handle` and
//! never across an await. Whoever has an event calls it: a slot's loop hands in
//! the end of its attempt and gets its next job back in the same call.

use super::course::{NOT_RUN, cut_off};
use super::dispatcher::{Dispatcher, Event, HighWater, SlotId, Start, Stopping, Target};
use super::gathering::Gathering;
use super::jq::Jq;
use super::order::{Delivery, Order, Sink};
use super::singleton::Singletons;
use super::tally::{Counter, Tally};
use crate::job::{HostId, JobId};
use crate::plugin::Plugin;
use crate::sandbox::Pulse;
use crate::task::{Happened, JobOptions, Outcome};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// See the module.
pub(crate) struct Hub {
    pub(crate) id: HostId,
    pub(crate) name: Arc<str>,
    pub(crate) workers: Workers,
    pub(crate) jq: Jq,
    pub(crate) singletons: Singletons,
    /// Parallel jobs whose items are not over, by number.
    gatherings: Mutex<HashMap<u64, Arc<Gathering>>>,
    /// Where timers run that guests must not delay.
    control: tokio::runtime::Handle,
    machine: Mutex<Dispatcher<Order>>,
    /// One for each slot.
    desks: Vec<Desk>,
    /// Outcomes that wait for the consumer. Bounded by the high-water mark, which
    /// counts them.
    deliveries: Mutex<VecDeque<Delivery>>,
    /// Something happened that the consumer waits for.
    pub(crate) consumer_wake: Notify,
    /// Something happened that the producer waits for.
    pub(crate) producer_wake: Notify,
    /// A stage of a bounded worker is over.
    pub(super) stages_wake: Notify,
    /// The call of the producer that is running, so that a stop reaches it.
    producer_pulse: Mutex<Option<Arc<Pulse>>>,
    /// Set with the first stop; guests see it as `stopping`.
    pub(crate) stopping: Arc<AtomicBool>,
    /// The host is gone; loops end.
    closed: AtomicBool,
    numbers: AtomicU64,
    counter: Counter,
    /// Warnings about `finally` workers so far.
    warned: AtomicU64,
    observer: Option<Observer>,
}

/// Warnings about `finally` workers that are told; outcomes tell the others.
const WARNINGS_MAX: u64 = 20;

/// A function that sees every outcome before it is delivered, on the thread that
/// ended the job. It must not block.
pub type Observer = Box<dyn Fn(&Outcome) + Send + Sync>;

/// What belongs to one slot and is reached from outside its loop.
pub(crate) struct Desk {
    /// A job that somebody else's event gave to this slot.
    start: Mutex<Option<Order>>,
    wake: Notify,
    pub(crate) pulse: Arc<Pulse>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the mutexes guard is changed in one step each, so that a panic
    // elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The workers of a host, by name.
pub(crate) type Workers = HashMap<Arc<str>, Worker>;

/// A worker of a host.
pub(crate) struct Worker {
    pub(crate) plugin: Plugin,
    /// What holds for a job that says nothing.
    pub(crate) options: Arc<JobOptions>,
    /// Its place among those with a bound of their own.
    pub(crate) bounded: Option<u32>,
}

/// What a hub is made of.
pub(crate) struct HubParts {
    pub(crate) id: HostId,
    pub(crate) name: Arc<str>,
    pub(crate) workers: Workers,
    pub(crate) jq: Jq,
    pub(crate) slots: usize,
    /// How many attempts the bounded workers may run, by their places.
    pub(crate) running_max: Vec<u32>,
    pub(crate) high_water: HighWater,
    pub(crate) observer: Option<Observer>,
    pub(crate) control: tokio::runtime::Handle,
}

impl Hub {
    pub(crate) fn new(parts: HubParts) -> Hub {
        let desk = || Desk {
            start: Mutex::new(None),
            wake: Notify::new(),
            pulse: Arc::new(Pulse::new()),
        };
        let machine = Dispatcher::new(parts.slots, &parts.running_max, parts.high_water);
        Hub {
            id: parts.id,
            name: parts.name,
            workers: parts.workers,
            jq: parts.jq,
            singletons: Singletons::default(),
            gatherings: Mutex::default(),
            control: parts.control,
            machine: Mutex::new(machine),
            desks: (0..parts.slots).map(|_| desk()).collect(),
            deliveries: Mutex::default(),
            consumer_wake: Notify::new(),
            producer_wake: Notify::new(),
            stages_wake: Notify::new(),
            producer_pulse: Mutex::default(),
            stopping: Arc::default(),
            closed: AtomicBool::new(false),
            numbers: AtomicU64::new(0),
            counter: Counter::default(),
            warned: AtomicU64::new(0),
            observer: parts.observer,
        }
    }

    pub(crate) fn desk(&self, slot: SlotId) -> &Desk {
        &self.desks[slot.0]
    }

    /// The id for a new job and, behind it, those for its items.
    pub(crate) fn next_id(&self, items: u64) -> JobId {
        JobId {
            host: self.id,
            number: self.numbers.fetch_add(1 + items, Ordering::Relaxed) + 1,
        }
    }

    /// Hands an event to the machine and does what it answers. A job that starts on
    /// `own` is given back instead of being put on a desk.
    fn handle(&self, event: Event<Order>, own: Option<SlotId>) -> Option<Order> {
        let mut machine = lock(&self.machine);
        let actions = machine.handle(event);
        for slot in actions.cancel {
            // Under the lock, so that no job starts between and misses it.
            self.desk(slot).pulse.cancel();
        }
        let start = actions.start.inspect(|start| {
            self.desk(start.slot).pulse.clear();
        });
        drop(machine);
        if actions.resume_producer {
            self.producer_wake.notify_one();
        }
        if actions.wake_stages {
            self.stages_wake.notify_waiters();
        }
        if actions.idle {
            // The consumer's loop ends when nothing is left, whoever had it.
            self.consumer_wake.notify_one();
        }
        for order in actions.refused {
            self.refuse(order);
        }
        match start {
            Some(Start { slot, payload }) if Some(slot) == own => Some(payload),
            Some(Start { slot, payload }) => {
                let desk = self.desk(slot);
                *lock(&desk.start) = Some(payload);
                desk.wake.notify_one();
                None
            }
            None => None,
        }
    }

    /// Every outcome passes here once.
    pub(crate) fn note(&self, outcome: &Outcome) {
        self.counter.count(outcome.status);
        if let Some(observer) = &self.observer {
            observer(outcome);
        }
    }

    /// What comes now on a slot is none of its job's attempts any more.
    pub(super) fn attempts_over(&self, slot: SlotId) {
        let worker = lock(&self.machine).attempts_over(slot);
        if let Some(worker) = worker {
            self.leave(worker);
        }
    }

    /// Asks the machine for a place for a stage of a bounded worker.
    pub(super) fn enter(&self, worker: u32) -> bool {
        lock(&self.machine).enter(worker)
    }

    /// Tells the machine that such a stage is over.
    pub(super) fn leave(&self, worker: u32) {
        self.handle(Event::Left { worker }, None);
    }

    /// Tells the machine that such a stage waits, or waits no more.
    pub(super) fn wait(&self, worker: u32, waits: bool) {
        self.handle(Event::Waits { worker, waits }, None);
    }

    /// Whether one more warning about a `finally` worker is to be told.
    pub(super) fn may_warn(&self) -> bool {
        let warned = self.warned.fetch_add(1, Ordering::Relaxed);
        if warned == WARNINGS_MAX {
            tracing::warn!(target: "wodehost::task",
                "more `finally` workers did not succeed; `finally-error` in their outcomes tells why");
        }
        warned < WARNINGS_MAX
    }

    /// Takes a job in.
    pub(crate) fn submit(&self, order: Order, bounded: Option<u32>) {
        let event = Event::Submitted {
            facts: order.facts(bounded),
            payload: order,
        };
        self.handle(event, None);
    }

    /// Counts a job that needs no slot, or none yet.
    pub(crate) fn open(&self, order: &Order) {
        let bytes = order.value.len() as u64;
        self.handle(Event::Opened { bytes }, None);
    }

    /// Lets a stop reach a parallel job as a whole, until its items are over.
    pub(crate) fn gather(&self, gathering: &Arc<Gathering>) {
        let number = gathering.numbers.start;
        lock(&self.gatherings).insert(number, gathering.clone());
    }

    /// The job on a slot is over: the slot is free before anybody hears of the
    /// outcome. Gives back the slot's next job.
    pub(crate) fn end(&self, slot: SlotId, order: Order, outcome: Outcome) -> Option<Order> {
        let outcome_bytes = counted_bytes(&order, &outcome);
        let mut next = None;
        self.hand_over(order, outcome, |hub| {
            let event = Event::Ended {
                slot,
                outcome_bytes,
            };
            next = hub.handle(event, Some(slot));
        });
        next
    }

    /// The job on a slot comes back after a pause. Gives back the slot's next job.
    pub(crate) fn delay(
        self: &Arc<Self>,
        slot: SlotId,
        order: Order,
        pause: Duration,
    ) -> Option<Order> {
        let number = order.id.number;
        let event = Event::Delayed {
            slot,
            payload: order,
        };
        let next = self.handle(event, Some(slot));
        let hub = Arc::downgrade(self);
        self.control.spawn(async move {
            tokio::time::sleep(pause).await;
            if let Some(hub) = hub.upgrade() {
                hub.handle(Event::Due { number }, None);
            }
        });
        next
    }

    /// Ends a job that has no slot and is counted: now, or when what comes after its
    /// attempts has had one.
    pub(crate) fn conclude(&self, mut order: Order, mut outcome: Outcome) {
        let stopping = lock(&self.machine).stopping();
        if stopping >= Stopping::Cancelling && order.wants_stages(&outcome) {
            cut_off(&mut outcome);
        }
        let wants_slot = order.wants_stages(&outcome) || order.options.finally.is_some();
        if wants_slot && stopping < Stopping::Closing {
            let facts = order.facts_again();
            order.more().over = Some(outcome);
            let payload = order;
            self.handle(Event::Again { facts, payload }, None);
            return;
        }
        outcome.finally_error = order.options.finally.as_ref().map(|_| NOT_RUN.to_owned());
        self.close_counted(order, outcome);
    }

    /// Ends a job that has no slot and is counted.
    fn close_counted(&self, order: Order, outcome: Outcome) {
        let event = Event::Closed {
            bytes: order.value.len() as u64,
            outcome_bytes: counted_bytes(&order, &outcome),
        };
        self.hand_over(order, outcome, |hub| {
            hub.handle(event, None);
        });
    }

    /// Hands an outcome to whoever is to have it. In between `leave` takes the job off
    /// the machine: a singleton's key is free before, everything else comes after.
    fn hand_over(&self, mut order: Order, outcome: Outcome, leave: impl FnOnce(&Hub)) {
        if let Some(more) = &mut order.more {
            more.key = None;
        }
        let (status, reason) = (outcome.status, outcome.reason);
        order.tell(|| Happened::Finished { status, reason });
        if !matches!(order.sink, Sink::Item(_)) {
            self.note(&outcome);
        }
        leave(self);
        match order.sink {
            // Nobody waits any more when the handle was dropped.
            Sink::Handle(sender) => drop(sender.send(outcome)),
            Sink::Consumer => self.deliver(Delivery {
                job: order.value,
                outcome,
            }),
            Sink::Item(item) => {
                let (gathering, index) = *item;
                if let Some((order, outcome)) = gathering.take(index, outcome, self.is_stopping()) {
                    self.gathered(&gathering, order, outcome);
                }
            }
        }
    }

    /// The items of a parallel job are over.
    fn gathered(&self, gathering: &Gathering, order: Order, outcome: Outcome) {
        let number = gathering.numbers.start;
        let was_cancelled = outcome.is_cancelled();
        self.conclude(order, outcome);
        lock(&self.gatherings).remove(&number);
        // A cancel that came in between found neither items nor the job itself.
        if gathering.is_cancelled() && !was_cancelled {
            self.cancel_job(number);
        }
    }

    /// Ends a job that a stop or a cancel caught without a slot.
    fn refuse(&self, mut order: Order) {
        let over = order.more.as_mut().and_then(|more| more.over.take());
        let outcome = match over {
            None => order.stopped(),
            Some(mut outcome) => {
                if order.wants_stages(&outcome) {
                    cut_off(&mut outcome);
                }
                outcome
            }
        };
        self.conclude(order, outcome);
    }

    /// Ends a job, or a parallel job with its items.
    pub(crate) fn cancel_job(&self, number: u64) {
        let gathering = lock(&self.gatherings).get(&number).cloned();
        let numbers = match &gathering {
            Some(gathering) => {
                gathering.cancel();
                gathering.numbers.clone()
            }
            None => number..number + 1,
        };
        self.handle(Event::Cancel(Target::Numbers(numbers)), None);
    }

    /// Ends the jobs of a group.
    pub(crate) fn cancel_group(&self, group: &str) {
        for gathering in lock(&self.gatherings).values() {
            if gathering.is_of(group) {
                gathering.cancel();
            }
        }
        self.handle(Event::Cancel(Target::Group(group.into())), None);
    }

    /// Keeps every cancel of the job on a slot from what comes after it; false when the
    /// host is gone, which nothing is kept from.
    pub(crate) fn shield(&self, slot: SlotId) -> bool {
        let mut machine = lock(&self.machine);
        let may_run = machine.shield(slot);
        if may_run {
            self.desk(slot).pulse.clear();
        }
        may_run
    }

    /// Ends a job of the run of which there is nothing but its outcome.
    pub(crate) fn settle(&self, delivery: Delivery) {
        self.note(&delivery.outcome);
        let bytes = delivery.bytes();
        self.handle(Event::Opened { bytes }, None);
        self.deliver(delivery);
    }

    fn deliver(&self, delivery: Delivery) {
        let mut deliveries = lock(&self.deliveries);
        deliveries.push_back(delivery);
        // A consumer that is at work looks again by itself.
        if deliveries.len() == 1 {
            self.consumer_wake.notify_one();
        }
    }

    /// Takes all outcomes that wait for the consumer into `batch`, which is empty.
    pub(crate) fn take_deliveries(&self, batch: &mut VecDeque<Delivery>) {
        std::mem::swap(&mut *lock(&self.deliveries), batch);
    }

    /// So many outcomes are off our hands.
    pub(crate) fn delivered(&self, outcomes: u64, bytes: u64) {
        self.handle(Event::Delivered { outcomes, bytes }, None);
    }

    /// Stops, as far as asked; never goes back.
    pub(crate) fn stop(&self, stopping: Stopping) {
        self.stopping.store(true, Ordering::Relaxed);
        self.handle(Event::Stop(stopping), None);
        // A pull is cut off: what the producer saved before it still counts.
        if let Some(pulse) = &*lock(&self.producer_pulse) {
            pulse.cancel();
        }
        self.producer_wake.notify_one();
        self.consumer_wake.notify_one();
    }

    /// Lets a stop reach the producer's calls.
    pub(crate) fn watch_producer(&self, pulse: Arc<Pulse>) {
        let mut slot = lock(&self.producer_pulse);
        pulse.clear();
        if lock(&self.machine).stopping() > Stopping::Open {
            pulse.cancel();
        }
        *slot = Some(pulse);
    }

    pub(crate) fn is_held(&self) -> bool {
        lock(&self.machine).is_held()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Whether all jobs ended and all outcomes are delivered.
    pub(crate) fn is_idle(&self) -> bool {
        lock(&self.machine).is_idle()
    }

    /// How many jobs have ended, and how.
    pub(crate) fn tally(&self) -> Tally {
        self.counter.read()
    }

    /// The host is gone.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.stop(Stopping::Closing);
        self.desks.iter().for_each(|desk| desk.wake.notify_one());
    }

    /// Waits for a job on a slot; `None` = the host is gone.
    pub(crate) async fn wait_for_job(&self, slot: SlotId) -> Option<Order> {
        let desk = self.desk(slot);
        loop {
            if let Some(order) = lock(&desk.start).take() {
                return Some(order);
            }
            if self.closed.load(Ordering::Acquire) {
                return None;
            }
            desk.wake.notified().await;
        }
    }
}

/// What an outcome counts until it is delivered; `None` = nobody counts its delivery.
fn counted_bytes(order: &Order, outcome: &Outcome) -> Option<u64> {
    matches!(order.sink, Sink::Consumer).then(|| (order.value.len() + outcome.data.len()) as u64)
}
