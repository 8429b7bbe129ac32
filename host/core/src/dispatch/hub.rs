//! The one place where the scheduling machine meets threads.
//!
//! The machine sits behind one mutex, which is held for a call of `handle` and
//! never across an await. Whoever has an event calls it: a slot's loop hands in
//! the end of its attempt and gets its next job back in the same call.

use super::dispatcher::{Dispatcher, Event, HighWater, SlotId, Start, Stopping};
use super::order::{Delivery, Order, Sink, never_started};
use super::tally::{Counter, Tally};
use crate::job::{HostId, JobId};
use crate::plugin::Plugin;
use crate::sandbox::Pulse;
use crate::task::{Outcome, Reason};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// See the module.
pub(crate) struct Hub {
    pub(crate) id: HostId,
    pub(crate) name: Arc<str>,
    pub(crate) workers: HashMap<Arc<str>, Plugin>,
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
    /// The call of the producer that is running, so that a stop reaches it.
    producer_pulse: Mutex<Option<Arc<Pulse>>>,
    /// Set with the first stop; guests see it as `stopping`.
    pub(crate) stopping: Arc<AtomicBool>,
    /// The host is gone; loops end.
    closed: AtomicBool,
    numbers: AtomicU64,
    counter: Counter,
    observer: Option<Observer>,
}

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

impl Hub {
    pub(crate) fn new(
        id: HostId,
        name: Arc<str>,
        workers: HashMap<Arc<str>, Plugin>,
        slots: usize,
        high_water: HighWater,
        observer: Option<Observer>,
    ) -> Hub {
        let desk = || Desk {
            start: Mutex::new(None),
            wake: Notify::new(),
            pulse: Arc::new(Pulse::new()),
        };
        Hub {
            id,
            name,
            workers,
            machine: Mutex::new(Dispatcher::new(slots, high_water)),
            desks: (0..slots).map(|_| desk()).collect(),
            deliveries: Mutex::default(),
            consumer_wake: Notify::new(),
            producer_wake: Notify::new(),
            producer_pulse: Mutex::default(),
            stopping: Arc::default(),
            closed: AtomicBool::new(false),
            numbers: AtomicU64::new(0),
            counter: Counter::default(),
            observer,
        }
    }

    pub(crate) fn desk(&self, slot: SlotId) -> &Desk {
        &self.desks[slot.0]
    }

    /// The id for a new job.
    pub(crate) fn next_id(&self) -> JobId {
        JobId {
            host: self.id,
            number: self.numbers.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }

    /// Hands an event to the machine and does what it answers. A job that starts on
    /// `own` is given back instead of being put on a desk.
    fn handle(&self, event: Event<Order>, own: Option<SlotId>) -> Option<Order> {
        let mut machine = lock(&self.machine);
        let actions = machine.handle(event);
        if actions.cancel_running {
            // Under the lock, so that no job starts between and misses it.
            self.desks.iter().for_each(|desk| desk.pulse.cancel());
        }
        let start = actions.start.inspect(|start| {
            self.desk(start.slot).pulse.clear();
        });
        drop(machine);
        if actions.resume_producer {
            self.producer_wake.notify_one();
        }
        if actions.idle {
            // The consumer's loop ends when nothing is left, whoever had it.
            self.consumer_wake.notify_one();
        }
        for (bytes, order) in actions.refused {
            self.refuse(bytes, order);
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

    /// Takes a job in.
    pub(crate) fn submit(&self, order: Order) {
        let bytes = order.value.len() as u64;
        let event = Event::Submitted {
            bytes,
            payload: order,
        };
        self.handle(event, None);
    }

    /// Ends the attempt on a slot: the slot is free before anybody hears of the
    /// outcome. Gives back the slot's next job.
    pub(crate) fn end(&self, slot: SlotId, order: Order, outcome: Outcome) -> Option<Order> {
        self.note(&outcome);
        let Order { value, sink, .. } = order;
        match sink {
            Sink::Handle(sender) => {
                let event = Event::Ended {
                    slot,
                    outcome_bytes: None,
                };
                let next = self.handle(event, Some(slot));
                // Nobody waits any more when the handle was dropped.
                let _ = sender.send(outcome);
                next
            }
            Sink::Consumer => {
                let delivery = Delivery {
                    job: value,
                    outcome,
                };
                let event = Event::Ended {
                    slot,
                    outcome_bytes: Some(delivery.bytes()),
                };
                let next = self.handle(event, Some(slot));
                self.deliver(delivery);
                next
            }
        }
    }

    /// Ends a job of the run that needs no slot to end.
    pub(crate) fn settle(&self, delivery: Delivery) {
        self.note(&delivery.outcome);
        let event = Event::Settled {
            outcome_bytes: delivery.bytes(),
        };
        self.handle(event, None);
        self.deliver(delivery);
    }

    /// Ends a job that a stop caught before it started.
    fn refuse(&self, bytes: u64, order: Order) {
        let worker = order.plugin.shared_name().clone();
        let message = Some("stopped before it started".to_owned());
        let outcome = never_started(order.id, worker, Reason::Cancelled, message);
        self.note(&outcome);
        let refused = |outcome_bytes| Event::Refused {
            bytes,
            outcome_bytes,
        };
        match order.sink {
            Sink::Consumer => {
                let delivery = Delivery {
                    job: order.value,
                    outcome,
                };
                self.handle(refused(Some(delivery.bytes())), None);
                self.deliver(delivery);
            }
            Sink::Handle(sender) => {
                self.handle(refused(None), None);
                let _ = sender.send(outcome);
            }
        }
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
        self.stop(Stopping::Cancelling);
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
