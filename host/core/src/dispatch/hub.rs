//! The one place where the scheduling machine meets threads.
//!
//! The machine sits behind one mutex, which is held for a call of `handle` and
//! never across an await. Whoever has an event calls it: a loop hands in the end of its
//! attempt and gets its next job back in the same call.
//!
//! | part | what is in it |
//! |---|---|
//! | this file | what a hub is made of; how an event is handed in and what is done with the answer |
//! | `endings` | how jobs leave it |
//! | `steering` | what is asked of jobs from outside |
//! | `parents` | what attempts ask for on behalf of the jobs that they submit |
//! | `recording` | what is written into a store, and what is done when it is kept |
//! | `resuming` | what a store had of earlier hosts |
//! | `looking` | what it shows to whoever looks |
//! | `closing` | how it comes to its end |

use super::borrowing::Borrower;
use super::callbacks::Callbacks;
use super::dispatcher::{Capacity, Dispatcher};
use super::emits::Emits;
use super::events::{Actions, Event, HighWater, Rest, Start, Stopping, Why};
use super::family::{Family, Sayings};
use super::gatekeeper::Gatekeeper;
use super::gathering::Gathering;
use super::gating::Gating;
use super::jq::Jq;
use super::live::LoopId;
use super::loops::run_loop;
use super::nest::Nest;
use super::order::{Delivery, Order};
use super::recorder::{Given, Recorder};
use super::recovery::Recovered;
use super::relay::Runner;
use super::seat::Seats;
use super::singleton::Singletons;
use super::slots::SlotId;
use super::tally::Counter;
use crate::board::Line;
use crate::job::{HostId, JobId};
use crate::plugin::Plugin;
use crate::sandbox::{Cause, Emitted, Pulse};
use crate::slot_pool::{SlotPool, SlotToken};
use crate::task::{Happened, JobOptions, Outcome, Tally};
use crate::value::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use tokio::sync::Notify;

mod changing;
mod closing;
mod endings;
mod looking;
mod parents;
mod recording;
mod resuming;
mod steering;

/// See the module.
pub(crate) struct Hub {
    me: Weak<Hub>,
    pub(crate) id: HostId,
    pub(crate) name: Arc<str>,
    pub(crate) workers: Workers,
    pub(crate) jq: Jq,
    pub(crate) singletons: Singletons,
    /// Parallel jobs whose items are not over, by number.
    gatherings: Mutex<HashMap<u64, Arc<Gathering>>>,
    /// What jobs have submitted that are not over, by their numbers.
    families: Mutex<HashMap<u64, Arc<Family>>>,
    pub(super) sayings: Sayings,
    /// Where loops run.
    guests: tokio::runtime::Handle,
    /// Where timers run that guests must not delay.
    control: tokio::runtime::Handle,
    machine: Mutex<Dispatcher<Order>>,
    gating: Option<Gating>,
    /// How many attempts may run at the same time.
    pub(crate) slots: usize,
    /// Who takes slots out of a pool that programs share.
    borrower: OnceLock<Borrower>,
    /// The slots that were borrowed.
    tokens: Mutex<Vec<SlotToken>>,
    pub(crate) callbacks: Arc<Callbacks>,
    /// One for each loop that was ever needed.
    desks: Vec<OnceLock<Arc<Desk>>>,
    /// What waits for the consumer. Bounded by the high-water mark, which counts it.
    deliveries: Mutex<VecDeque<Delivery>>,
    /// How much of that are emitted values.
    pub(super) emits: Emits,
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
    /// Nothing new is taken in.
    shut: AtomicBool,
    /// Everything is over for now.
    idle_wake: Notify,
    /// The host is gone; loops end.
    closed: AtomicBool,
    seats: Mutex<Seats>,
    numbers: AtomicU64,
    counter: Counter,
    /// Warnings about `finally` workers so far.
    warned: AtomicU64,
    observer: Option<Observer>,
    /// Who writes into the store, where there is one.
    pub(crate) recorder: Option<Recorder>,
    /// What was found in the store.
    pub(crate) found: Option<Recovered>,
}

/// Warnings about `finally` workers that are told; outcomes tell the others.
const WARNINGS_MAX: u64 = 20;

/// A function that sees every outcome before it is delivered, on the thread that
/// ended the job. It must not block.
pub type Observer = Box<dyn Fn(&Outcome) + Send + Sync>;

/// What belongs to one loop and is reached from outside.
pub(crate) struct Desk {
    /// A job that somebody else's event gave to this loop.
    start: Mutex<Option<Order>>,
    wake: Notify,
    pub(super) pulse: Arc<Pulse>,
    pub(super) line: Arc<Line>,
    pub(super) nest: Arc<Nest>,
}

impl Desk {
    /// Whether a job waits for its loop.
    pub(super) fn has_job(&self) -> bool {
        lock(&self.start).is_some()
    }
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
    /// What holds for a job that another one submits: what there is one of for a job as a
    /// whole belongs to that one.
    pub(crate) nested: Arc<JobOptions>,
    /// Producers may not give jobs to it.
    pub(crate) is_reserved: bool,
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
    /// Attempts that may hold a store at the same time.
    pub(crate) live: usize,
    /// How many attempts the bounded workers may run, by their places.
    pub(crate) running_max: Vec<u32>,
    pub(crate) high_water: HighWater,
    pub(crate) gatekeeper: Option<Gatekeeper>,
    /// Where all slots but the first come from; none = they are our own.
    pub(crate) slot_pool: Option<Arc<dyn SlotPool>>,
    pub(crate) observer: Option<Observer>,
    /// Where there is a store.
    pub(crate) recorder: Option<Recorder>,
    /// What was found in it.
    pub(crate) found: Option<Recovered>,
    /// The first number that is no job's yet.
    pub(crate) next_number: u64,
    pub(crate) guests: tokio::runtime::Handle,
    pub(crate) control: tokio::runtime::Handle,
}

impl Hub {
    pub(crate) fn new(parts: HubParts) -> Arc<Hub> {
        let machine = Dispatcher::new(Capacity {
            slots: parts.slots,
            is_borrowing: parts.slot_pool.is_some(),
            live: parts.live,
            running_max: &parts.running_max,
            high_water: parts.high_water,
            is_gated: parts.gatekeeper.is_some(),
        });
        let places = parts.live.max(parts.slots);
        let pool = parts.slot_pool;
        let hub = Arc::new_cyclic(|me| Hub {
            me: me.clone(),
            gating: parts
                .gatekeeper
                .map(|keeper| Gating::start(me.clone(), keeper, &parts.guests)),
            slots: parts.slots,
            id: parts.id,
            name: parts.name,
            workers: parts.workers,
            jq: parts.jq,
            singletons: Singletons::default(),
            gatherings: Mutex::default(),
            families: Mutex::default(),
            sayings: Sayings::default(),
            callbacks: Arc::new(Callbacks::new(parts.control.clone())),
            guests: parts.guests,
            control: parts.control,
            machine: Mutex::new(machine),
            desks: (0..places).map(|_| OnceLock::new()).collect(),
            deliveries: Mutex::default(),
            emits: Emits::default(),
            consumer_wake: Notify::new(),
            producer_wake: Notify::new(),
            stages_wake: Notify::new(),
            producer_pulse: Mutex::default(),
            stopping: Arc::default(),
            shut: AtomicBool::new(false),
            idle_wake: Notify::new(),
            closed: AtomicBool::new(false),
            seats: Mutex::default(),
            numbers: AtomicU64::new(parts.next_number - 1),
            counter: Counter::default(),
            warned: AtomicU64::new(0),
            observer: parts.observer,
            recorder: parts.recorder,
            found: parts.found,
            borrower: OnceLock::new(),
            tokens: Mutex::default(),
        });
        if let Some(pool) = pool {
            hub.borrow_from(pool);
        }
        hub
    }

    fn borrow_from(&self, pool: Arc<dyn SlotPool>) {
        let (me, its) = (self.me.clone(), self.me.clone());
        let hand_on = move |token| {
            if let Some(hub) = me.upgrade() {
                lock(&hub.tokens).push(token);
                hub.handle(Event::SlotCame, None);
            }
        };
        let gone = move |error| {
            if let Some(hub) = its.upgrade() {
                hub.pool_is_gone(&error);
            }
        };
        match Borrower::start(pool, hand_on, gone) {
            Ok(borrower) => drop(self.borrower.set(borrower)),
            Err(error) => self.pool_is_gone(&error),
        }
    }

    fn pool_is_gone(&self, error: &dyn std::fmt::Display) {
        tracing::warn!(target: "wodehost::slots", host = %self.name,
            "no more slots can be borrowed, all are our own now: {error}");
        self.handle(Event::PoolGone, None);
    }

    /// The desk of a loop; when it is needed for the first time, the loop begins.
    fn desk(&self, at: LoopId) -> &Desk {
        self.desks[at.0].get_or_init(|| {
            let pulse = Arc::new(Pulse::new());
            let desk = Arc::new(Desk {
                start: Mutex::new(None),
                wake: Notify::new(),
                line: Arc::default(),
                nest: Arc::new(Nest {
                    slot: AtomicU32::new(0),
                    hub: self.me.clone(),
                    at,
                    pulse: pulse.clone(),
                    is_lent: AtomicBool::new(false),
                    stopping: self.stopping.clone(),
                    is_recording: self.recorder.is_some(),
                }),
                pulse,
            });
            if let Some(hub) = self.me.upgrade() {
                let task = Runner::new(run_loop(hub, desk.clone(), at));
                self.guests.spawn(task);
            }
            desk
        })
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
    fn handle(&self, event: Event<Order>, own: Option<LoopId>) -> Option<Order> {
        let mut machine = lock(&self.machine);
        let actions = machine.handle(event);
        self.act(machine, actions, own)
    }

    /// Does what the machine answered; it is let go on the way.
    fn act(
        &self,
        machine: MutexGuard<'_, Dispatcher<Order>>,
        mut actions: Actions<Order>,
        own: Option<LoopId>,
    ) -> Option<Order> {
        let rest = actions.take_rest();
        // What follows is done under the lock, so that no job starts between and misses
        // it, or gets what was meant for the one before.
        if let Some(rest) = &rest {
            self.tell_loops(rest);
        }
        if let Some(start) = &actions.start {
            self.prepare(start);
        }
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
            self.idle_wake.notify_waiters();
        }
        let mut given_back = actions.start.and_then(|start| self.put(start, own));
        if let Some(rest) = rest {
            for start in rest.starts {
                given_back = self.put(start, own).or(given_back);
            }
            if let (true, Some(gating)) = (rest.ask_gates, &self.gating) {
                gating.want();
            }
            for _ in 0..rest.slots_back {
                let token = lock(&self.tokens).pop();
                drop(token);
            }
            self.remove_families(&rest.families);
            for number in rest.orphans {
                if let Some(gathering) = lock(&self.gatherings).get(&number) {
                    gathering.cancel();
                }
            }
            for (order, why) in rest.refused {
                self.refuse(order, why);
            }
        }
        given_back
    }

    /// Tells what runs on loops what the machine wants of it.
    fn tell_loops(&self, rest: &Rest<Order>) {
        for (at, why) in &rest.cancel {
            self.desk(*at).pulse.cancel(cause(*why));
        }
        rest.ask.iter().for_each(|at| self.desk(*at).pulse.ask());
        for at in &rest.pause {
            self.desk(*at).pulse.pause(true);
        }
        for at in &rest.unpause {
            self.desk(*at).pulse.pause(false);
        }
        for (at, slot) in &rest.go_on {
            let desk = self.desk(*at);
            let slot = slot.map_or(0, SlotId::shown);
            desk.nest.slot.store(slot, Ordering::Relaxed);
            desk.nest.is_lent.store(false, Ordering::Release);
            desk.pulse.pause(false);
        }
        rest.starts.iter().for_each(|start| self.prepare(start));
        // The latest wish has to be the last that is heard.
        if let (Some(wanted), Some(borrower)) = (rest.slots_wanted, self.borrower.get()) {
            borrower.want(wanted);
        }
    }

    /// Clears a desk for the job that starts there.
    fn prepare(&self, start: &Start<Order>) {
        let desk = self.desk(start.at);
        desk.pulse.clear();
        desk.nest.is_lent.store(false, Ordering::Relaxed);
        let slot = start.slot.map_or(0, SlotId::shown);
        desk.nest.slot.store(slot, Ordering::Relaxed);
    }

    /// Puts a job on its desk, unless it is the caller's own.
    fn put(&self, start: Start<Order>, own: Option<LoopId>) -> Option<Order> {
        if Some(start.at) == own {
            return Some(start.payload);
        }
        let desk = self.desk(start.at);
        *lock(&desk.start) = Some(start.payload);
        desk.wake.notify_one();
        None
    }

    /// Every outcome passes here once.
    pub(crate) fn note(&self, outcome: &Outcome) {
        self.counter.count(outcome.status);
        if let Some(observer) = &self.observer {
            observer(outcome);
        }
    }

    /// What comes now on a loop is none of its job's attempts any more.
    pub(super) fn attempts_over(&self, at: LoopId) {
        self.handle(Event::AttemptsOver { at }, None);
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
    pub(super) fn submit(&self, order: Order, bounded: Option<u32>) {
        let event = Event::Submitted {
            facts: order.facts(bounded),
            payload: order,
        };
        self.handle(event, None);
    }

    /// Counts a job that needs no slot, or none yet.
    pub(crate) fn open(&self, order: &Order) {
        let (number, bytes) = (order.id.number, order.value.len() as u64);
        self.handle(Event::Opened { number, bytes }, None);
    }

    /// Lets a stop reach a parallel job as a whole, until its items are over.
    pub(crate) fn gather(&self, gathering: &Arc<Gathering>) {
        let number = gathering.numbers.start;
        lock(&self.gatherings).insert(number, gathering.clone());
    }

    /// Ends a job of the run of which there is nothing but its outcome.
    pub(crate) fn settle(&self, outcome: Outcome, given: Given) {
        let number = outcome.id.number;
        let bytes = (given.value.len() + outcome.data.len()) as u64;
        self.handle(Event::Opened { number, bytes }, None);
        match &self.recorder {
            Some(recorder) => recorder.turned_away(outcome, given),
            None => self.is_settled(given.value, outcome),
        }
    }

    /// Hands over an outcome that is counted and has no order.
    pub(super) fn is_settled(&self, job: Value, outcome: Outcome) {
        self.note(&outcome);
        self.deliver(Delivery::Outcome { job, outcome });
    }

    /// Counts an emitted value against the high-water mark and hands it to the consumer.
    pub(super) fn emit(&self, emitted: Emitted) {
        let delivery = Delivery::Emitted(emitted);
        let bytes = delivery.bytes();
        self.handle(Event::Emitted { bytes }, None);
        self.deliver(delivery);
    }

    pub(super) fn deliver(&self, delivery: Delivery) {
        let mut deliveries = lock(&self.deliveries);
        deliveries.push_back(delivery);
        // A consumer that is at work looks again by itself.
        if deliveries.len() == 1 {
            self.consumer_wake.notify_one();
        }
    }

    /// The gates let a job start.
    pub(super) fn admit_one(&self) {
        self.handle(Event::Admitted, None);
    }

    /// Tells the job that would start next that a gate holds it back.
    pub(super) fn tell_held(&self, gate: &Arc<str>) {
        let mut machine = lock(&self.machine);
        if let Some(order) = machine.next_up() {
            order.tell(|| Happened::Held { gate: gate.clone() });
        }
    }

    /// Which gate holds jobs back now; while they are being asked, the first of them.
    pub(crate) fn shut_gate(&self) -> Option<Arc<str>> {
        let gating = self.gating.as_ref()?;
        let is_asking = || lock(&self.machine).is_asking();
        gating
            .shut()
            .or_else(|| is_asking().then(|| gating.first()))
    }

    /// Takes all that waits for the consumer into `batch`, which is empty.
    pub(crate) fn take_deliveries(&self, batch: &mut VecDeque<Delivery>) {
        std::mem::swap(&mut *lock(&self.deliveries), batch);
    }

    /// So many outcomes, and so many bytes of them and of emitted values, are off our hands.
    pub(crate) fn delivered(&self, outcomes: u64, bytes: u64) {
        self.handle(Event::Delivered { outcomes, bytes }, None);
    }

    /// Lets a stop reach the producer's calls.
    pub(crate) fn watch_producer(&self, pulse: Arc<Pulse>) {
        let mut slot = lock(&self.producer_pulse);
        pulse.clear();
        if lock(&self.machine).stopping() > Stopping::Open {
            pulse.cancel(Cause::Cancelled);
        }
        *slot = Some(pulse);
    }

    pub(crate) fn is_held(&self) -> bool {
        lock(&self.machine).is_held()
    }

    /// How many jobs have ended, and how.
    pub(crate) fn tally(&self) -> Tally {
        self.counter.read()
    }

    /// Waits for a job on a loop; `None` = the host is gone.
    pub(super) async fn wait_for_job(&self, desk: &Desk) -> Option<Order> {
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

/// Why an attempt is cancelled.
fn cause(why: Why) -> Cause {
    match why {
        Why::ParentEnded => Cause::ParentEnded,
        Why::Cancelled | Why::NoPlace | Why::Withdrawn => Cause::Cancelled,
    }
}
