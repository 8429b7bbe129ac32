//! The one place where the scheduling machine meets threads.
//!
//! The machine sits behind one mutex, which is held for a call of `handle` and
//! never across an await. Whoever has an event calls it: a loop hands in the end of its
//! attempt and gets its next job back in the same call.

use super::borrowing::Borrower;
use super::callbacks::{CallbackRaised, Callbacks};
use super::completion::{Awaited, Completion};
use super::course::{NOT_RUN, cut_off};
use super::dispatcher::{Capacity, Dispatcher};
use super::events::{Actions, Event, HighWater, Rest, Start, Stopping, Target, Why};
use super::family::Family;
use super::gatekeeper::Gatekeeper;
use super::gathering::Gathering;
use super::gating::Gating;
use super::jq::Jq;
use super::kin::{TreeLimit, TreeLimits};
use super::lending::Waited;
use super::live::LoopId;
use super::loops::run_loop;
use super::nest::Nest;
use super::order::{Delivery, Order, Sink};
use super::singleton::Singletons;
use super::slots::SlotId;
use super::tally::{Counter, Tally};
use crate::job::{HostId, JobId};
use crate::plugin::Plugin;
use crate::sandbox::{Cause, Pulse};
use crate::slot_pool::{SlotPool, SlotToken};
use crate::task::{Happened, JobOptions, Outcome, Reason};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

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
    /// Nothing new is taken in.
    shut: AtomicBool,
    /// Everything is over for now.
    idle_wake: Notify,
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

/// What belongs to one loop and is reached from outside.
pub(crate) struct Desk {
    /// A job that somebody else's event gave to this loop.
    start: Mutex<Option<Order>>,
    wake: Notify,
    pub(super) pulse: Arc<Pulse>,
    pub(super) nest: Arc<Nest>,
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
            callbacks: Arc::new(Callbacks::new(parts.control.clone())),
            guests: parts.guests,
            control: parts.control,
            machine: Mutex::new(machine),
            desks: (0..places).map(|_| OnceLock::new()).collect(),
            deliveries: Mutex::default(),
            consumer_wake: Notify::new(),
            producer_wake: Notify::new(),
            stages_wake: Notify::new(),
            producer_pulse: Mutex::default(),
            stopping: Arc::default(),
            shut: AtomicBool::new(false),
            idle_wake: Notify::new(),
            closed: AtomicBool::new(false),
            numbers: AtomicU64::new(0),
            counter: Counter::default(),
            warned: AtomicU64::new(0),
            observer: parts.observer,
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
                nest: Arc::new(Nest {
                    slot: AtomicU32::new(0),
                    hub: self.me.clone(),
                    at,
                    pulse: pulse.clone(),
                    is_lent: AtomicBool::new(false),
                    stopping: self.stopping.clone(),
                }),
                pulse,
            });
            if let Some(hub) = self.me.upgrade() {
                self.guests.spawn(run_loop(hub, desk.clone(), at));
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
    pub(crate) fn submit(&self, order: Order, bounded: Option<u32>) {
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

    /// The job on a loop is over: its slot is free before anybody hears of the
    /// outcome. Gives back the loop's next job.
    pub(crate) fn end(&self, at: LoopId, order: Order, outcome: Outcome) -> Option<Order> {
        let outcome_bytes = counted_bytes(&order, &outcome);
        let mut next = None;
        self.hand_over(order, outcome, |hub| {
            let event = Event::Ended { at, outcome_bytes };
            next = hub.handle(event, Some(at));
        });
        next
    }

    /// The job on a loop, which has no slot any more, needs another one. Gives back the
    /// loop's next job.
    pub(super) fn requeue(&self, at: LoopId, order: Order, comes_again: bool) -> Option<Order> {
        let event = Event::Requeued {
            at,
            comes_again,
            payload: order,
        };
        self.handle(event, Some(at))
    }

    /// The job on a loop comes back after a pause. Gives back the loop's next job.
    pub(crate) fn delay(
        self: &Arc<Self>,
        at: LoopId,
        order: Order,
        pause: Duration,
    ) -> Option<Order> {
        let number = order.id.number;
        let event = Event::Delayed { at, payload: order };
        let next = self.handle(event, Some(at));
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
            number: order.id.number,
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
        match order.sink {
            // It is noted as a part of the job that it belongs to.
            // A chunk has none; its jobs have theirs.
            Sink::Item(_) | Sink::Chunk(_) => {}
            Sink::Child(crib) => {
                // The machine lets its parent go on, who will look for it.
                crib.take(outcome);
                return leave(self);
            }
            Sink::Consumer | Sink::Handle(_) => self.note(&outcome),
        }
        leave(self);
        match order.sink {
            Sink::Child(_) | Sink::Chunk(_) => {}
            Sink::Handle(promise) => promise.keep(outcome),
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

    /// A job in a chunk is over; the chunk has the slot.
    pub(super) fn over_in_chunk(&self, job: Order, outcome: Outcome) {
        self.hand_over(job, outcome, |_| {});
    }

    /// A job in a chunk is to be tried again after a pause, as a job of its own.
    pub(super) fn leave_chunk(&self, job: Order, pause: Duration) {
        let worker = self.workers.get(job.plugin.shared_name());
        let facts = job.facts(worker.and_then(|worker| worker.bounded));
        let (number, payload) = (job.id.number, job);
        if pause.is_zero() {
            self.handle(Event::Submitted { facts, payload }, None);
            return;
        }
        self.handle(Event::Postponed { facts, payload }, None);
        let hub = self.me.clone();
        self.later(pause, move || {
            if let Some(hub) = hub.upgrade() {
                hub.handle(Event::Due { number }, None);
            }
        });
    }

    /// The items of a parallel job are over.
    fn gathered(&self, gathering: &Gathering, order: Order, outcome: Outcome) {
        let number = gathering.numbers.start;
        let was_cancelled = outcome.is_cancelled();
        self.conclude(order, outcome);
        lock(&self.gatherings).remove(&number);
        // A cancel that came in between found neither items nor the job itself.
        if gathering.is_cancelled() && !was_cancelled {
            self.cancel_job(number, Why::Cancelled);
        }
    }

    /// Ends a job that a stop or a cancel caught without a slot.
    fn refuse(&self, mut order: Order, why: Why) {
        if let Sink::Chunk(chunk) = &mut order.sink {
            for mut job in chunk.take() {
                let outcome = job.stopped(cause(why).reason());
                self.over_in_chunk(job, outcome);
            }
            let outcome = order.stopped(cause(why).reason());
            return self.close_counted(order, outcome);
        }
        let over = order.more.as_mut().and_then(|more| more.over.take());
        let mut outcome = match over {
            None => order.stopped(cause(why).reason()),
            Some(mut outcome) => {
                if order.wants_stages(&outcome) {
                    cut_off(&mut outcome);
                }
                outcome
            }
        };
        match why {
            Why::Cancelled | Why::ParentEnded => self.conclude(order, outcome),
            // Nobody knows of it any more.
            Why::Withdrawn => {
                let (number, bytes) = (order.id.number, order.value.len() as u64);
                let outcome_bytes = None;
                let event = Event::Closed {
                    number,
                    bytes,
                    outcome_bytes,
                };
                self.handle(event, None);
            }
            Why::NoPlace => {
                outcome.reason = Reason::NestedLimit;
                outcome.status = outcome.reason.status();
                outcome.message = Some(format!(
                    "there was no place for it: all {} live attempts wait for jobs; limit `live`",
                    self.desks.len()
                ));
                let finally = order.options.finally.as_ref();
                outcome.finally_error = finally.map(|_| NO_PLACE.to_owned());
                self.close_counted(order, outcome);
            }
        }
    }

    /// What a cancel or a pause of a job means: besides the job itself its items, where it
    /// is parallel; the whole chunk, where it is in one.
    fn meant_by(&self, job: &Completion) -> Range<u64> {
        let chunk = job.chunk().cloned();
        chunk.unwrap_or_else(|| self.numbers_of(job.id.number))
    }

    /// A job's number, or those of a parallel one with its items.
    fn numbers_of(&self, number: u64) -> Range<u64> {
        let gatherings = lock(&self.gatherings);
        let gathering = gatherings.get(&number);
        gathering.map_or(number..number + 1, |g| g.numbers.clone())
    }

    /// Ends a job, or a parallel job with its items.
    pub(crate) fn cancel_job(&self, number: u64, why: Why) {
        if let Some(gathering) = lock(&self.gatherings).get(&number) {
            gathering.cancel();
        }
        self.cancel_numbers(self.numbers_of(number), why);
    }

    fn cancel_numbers(&self, numbers: Range<u64>, why: Why) {
        let event = Event::Cancel {
            target: Target::Numbers(numbers),
            why,
            gently: false,
        };
        self.handle(event, None);
    }

    /// Ends a job that has not started, or a parallel job of which no item has; others are
    /// left as they are.
    pub(crate) fn cancel_pending(&self, job: &Completion) {
        let gathering = lock(&self.gatherings).get(&job.id.number).cloned();
        let target = Target::Numbers(self.meant_by(job));
        let mut machine = lock(&self.machine);
        // Whoever starts says so while it is live: what is neither live nor has said so
        // has not started, and cannot while we have the machine.
        let has_started = |gathering: &Arc<Gathering>| gathering.has_started();
        if machine.is_live(&target)
            || job.is(Awaited::Start)
            || gathering.as_ref().is_some_and(has_started)
        {
            return;
        }
        if let Some(gathering) = gathering {
            gathering.cancel();
        }
        let actions = machine.handle(Event::Cancel {
            target,
            why: Why::Cancelled,
            gently: false,
        });
        self.act(machine, actions, None);
    }

    /// Tells the running attempts of a job to come to their end; if there are none, it ends.
    pub(crate) fn ask_to_end(&self, job: &Completion) {
        self.ask_numbers(self.meant_by(job));
    }

    fn ask_numbers(&self, numbers: Range<u64>) {
        let event = Event::Cancel {
            target: Target::Numbers(numbers),
            why: Why::Cancelled,
            gently: true,
        };
        self.handle(event, None);
    }

    /// Does something later, on the control thread, unless it is aborted before.
    pub(crate) fn later(
        &self,
        after: Duration,
        what: impl FnOnce() + Send + 'static,
    ) -> AbortHandle {
        let task = self.control.spawn(async move {
            tokio::time::sleep(after).await;
            what();
        });
        task.abort_handle()
    }

    /// Ends a job after a grace, in which those of its attempts that run are told.
    pub(crate) fn cancel_after(&self, number: u64, grace: Option<Duration>) {
        self.end_after(self.numbers_of(number), grace, move |hub| {
            hub.cancel_job(number, Why::Cancelled);
        });
    }

    /// The same for whoever holds its handle.
    pub(crate) fn cancel(&self, job: &Completion, grace: Option<Duration>) {
        let Some(chunk) = job.chunk().cloned() else {
            return self.cancel_after(job.id.number, grace);
        };
        self.end_after(chunk.clone(), grace, move |hub| {
            hub.cancel_numbers(chunk, Why::Cancelled);
        });
    }

    fn end_after(
        &self,
        numbers: Range<u64>,
        grace: Option<Duration>,
        cancel: impl FnOnce(&Hub) + Send + 'static,
    ) {
        let Some(grace) = grace.filter(|grace| !grace.is_zero()) else {
            return cancel(self);
        };
        self.ask_numbers(numbers);
        let hub = self.me.clone();
        self.later(grace, move || {
            if let Some(hub) = hub.upgrade() {
                cancel(&hub);
            }
        });
    }

    /// Lets a job stand still, or go on, for whoever holds its handle.
    pub(crate) fn pause(&self, job: &Completion, is_paused: bool) {
        self.pause_numbers(self.meant_by(job), is_paused);
    }

    fn pause_numbers(&self, numbers: Range<u64>, is_paused: bool) {
        let target = Target::Numbers(numbers);
        let event = match is_paused {
            true => Event::Pause(target),
            false => Event::Resume(target),
        };
        self.handle(event, None);
    }

    /// The same by the job that submitted it.
    pub(super) fn pause_child(&self, number: u64, is_paused: bool) {
        lock(&self.machine).paused_by_parent(number, is_paused);
        self.pause_numbers(self.numbers_of(number), is_paused);
    }

    /// The job on a loop is not polled any more.
    pub(super) fn stands_still(&self, nest: &Nest) {
        let mut machine = lock(&self.machine);
        let event = Event::StandsStill { at: nest.at };
        let actions = machine.handle(event);
        if !machine.is_running(nest.at) {
            nest.is_lent.store(true, Ordering::Release);
        }
        self.act(machine, actions, None);
    }

    /// The attempt on a loop wants to wait until one of some jobs is over: whether its
    /// slot is lent for that.
    pub(super) fn wait_for_jobs(&self, nest: &Nest, jobs: &[u64]) -> bool {
        self.lend(nest, |machine| machine.wait(nest.at, jobs))
    }

    /// The same until a job has started.
    pub(super) fn wait_for_start(&self, nest: &Nest, job: u64) -> bool {
        self.lend(nest, |machine| machine.wait_for_start(nest.at, job))
    }

    fn lend(
        &self,
        nest: &Nest,
        wait: impl FnOnce(&mut Dispatcher<Order>) -> (Waited, Actions<Order>),
    ) -> bool {
        let mut machine = lock(&self.machine);
        let (waited, actions) = wait(&mut machine);
        let is_lent = waited == Waited::Lent;
        if is_lent {
            // Before what the machine wants is done: it may have a slot again already.
            nest.is_lent.store(true, Ordering::Release);
        }
        self.act(machine, actions, None);
        is_lent
    }

    /// The attempt on a loop has waited long enough.
    pub(super) fn back(&self, at: LoopId) {
        self.handle(Event::Back { at }, None);
    }

    /// Takes back a job that has not started: whether it had not.
    pub(crate) fn withdraw(&self, number: u64) -> bool {
        let mut machine = lock(&self.machine);
        let actions = machine.handle(Event::Withdraw { number });
        let is_withdrawn = actions.withdraws();
        self.act(machine, actions, None);
        is_withdrawn
    }

    /// The job on a loop submits another one: how deep that is nested.
    pub(super) fn adopt(
        &self,
        at: LoopId,
        numbers: Range<u64>,
        limits: TreeLimits,
    ) -> Result<u16, TreeLimit> {
        lock(&self.machine).adopt(at, numbers, limits)
    }

    /// Whether a child that is submitted now would find no place.
    pub(super) fn has_no_place(&self) -> bool {
        lock(&self.machine).has_no_place()
    }

    /// What a job has submitted.
    pub(super) fn family(&self, number: u64) -> Arc<Family> {
        lock(&self.families).entry(number).or_default().clone()
    }

    fn remove_families(&self, numbers: &[u64]) {
        if !numbers.is_empty() {
            let mut families = lock(&self.families);
            for number in numbers {
                families.remove(number);
            }
        }
    }

    /// Whether everything is being cancelled.
    pub(super) fn is_cancelling(&self) -> bool {
        self.is_stopping() && lock(&self.machine).stopping() >= Stopping::Cancelling
    }

    /// Ends the jobs of a group.
    pub(crate) fn cancel_group(&self, group: &str) {
        for gathering in lock(&self.gatherings).values() {
            if gathering.is_of(group) {
                gathering.cancel();
            }
        }
        let event = Event::Cancel {
            target: Target::Group(group.into()),
            why: Why::Cancelled,
            gently: false,
        };
        self.handle(event, None);
    }

    /// Keeps every cancel of the job on a loop from what comes after it; false when the
    /// host is gone, which nothing is kept from.
    pub(crate) fn shield(&self, at: LoopId) -> bool {
        let mut machine = lock(&self.machine);
        let may_run = machine.shield(at);
        if may_run {
            self.desk(at).pulse.clear();
        }
        may_run
    }

    /// Ends a job of the run of which there is nothing but its outcome.
    pub(crate) fn settle(&self, delivery: Delivery) {
        self.note(&delivery.outcome);
        let (number, bytes) = (delivery.outcome.id.number, delivery.bytes());
        self.handle(Event::Opened { number, bytes }, None);
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
        self.shut.store(true, Ordering::Relaxed);
        self.handle(Event::Stop(stopping), None);
        // A pull is cut off: what the producer saved before it still counts.
        if let Some(pulse) = &*lock(&self.producer_pulse) {
            pulse.cancel(Cause::Cancelled);
        }
        self.producer_wake.notify_one();
        self.consumer_wake.notify_one();
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

    /// Takes nothing new in. What was taken in may go on for the grace and is cancelled
    /// then. Comes back when everything is over; the callbacks that failed.
    pub(crate) async fn shut_down(&self, grace: Option<Duration>) -> Vec<CallbackRaised> {
        self.shut.store(true, Ordering::Relaxed);
        self.producer_wake.notify_one();
        if let Some(grace) = grace {
            let hub = self.me.clone();
            self.control.spawn(async move {
                tokio::time::sleep(grace).await;
                if let Some(hub) = hub.upgrade() {
                    hub.stop(Stopping::Cancelling);
                }
            });
        }
        loop {
            // Made before the question, so that no wake-up in between is missed.
            let idle = self.idle_wake.notified();
            if self.is_idle() {
                break;
            }
            idle.await;
        }
        self.callbacks.drain().await
    }

    /// Whether nothing new is taken in.
    pub(crate) fn is_shut(&self) -> bool {
        self.shut.load(Ordering::Relaxed)
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
        let desks = self.desks.iter().filter_map(OnceLock::get);
        desks.for_each(|desk| desk.wake.notify_one());
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

/// What an outcome counts until it is delivered; `None` = nobody counts its delivery.
fn counted_bytes(order: &Order, outcome: &Outcome) -> Option<u64> {
    matches!(order.sink, Sink::Consumer).then(|| (order.value.len() + outcome.data.len()) as u64)
}

/// Why a `finally` did not run for want of a place.
const NO_PLACE: &str = "it was not run: there was no place for it";

/// Why an attempt is cancelled.
fn cause(why: Why) -> Cause {
    match why {
        Why::ParentEnded => Cause::ParentEnded,
        Why::Cancelled | Why::NoPlace | Why::Withdrawn => Cause::Cancelled,
    }
}
