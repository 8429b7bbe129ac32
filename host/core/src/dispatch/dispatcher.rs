//! The scheduling machine: which job gets which slot, when the producer waits,
//! what a stop does.
//!
//! It is pure: events in, actions out, no clock, no thread, no lock. What a job
//! carries is opaque to it. Whoever has an event calls [`Dispatcher::handle`] and
//! does what the answer says; see [`super::hub`]. What nested jobs need of it is in
//! [`super::lending`].
//!
//! | state      | submitted         | comes again    | ended or delayed      | stop: drain                       | stop: cancel            |
//! |------------|-------------------|----------------|-----------------------|-----------------------------------|-------------------------|
//! | open       | start or queue    | start or queue | slot free, start next | what waits for its first or next attempt is refused, unless nested | + running are cancelled |
//! | draining   | refuse, unless nested | start or queue | slot free, start next; delayed: refuse, unless nested | –            | running are cancelled, what waits is refused |
//! | cancelling | refuse            | start or queue | slot free, start next; delayed: refuse | –                | –                       |
//! | closing    | refuse            | refuse         | slot free; delayed: refuse | –                            | –                       |
//!
//! A job *comes again* when its attempts are over and something else of it needs a slot:
//! its stages, its `finally`. Both may come in a drain. A cancel ends stages, and what is
//! refused then may come again for its `finally`, which a cancel does not mean. The end
//! of the host is the fourth column of this table: it cancels and refuses everything.
//!
//! What a running job submits belongs to it, so a drain lets it run.
//!
//! Invariants, checked after every event by the tests in `tree_tests`:
//! - a slot is free, not borrowed, or held by one attempt that runs; one that waits for
//!   other jobs, wants a slot back or stands still holds none, and no slot is lost;
//! - a live attempt has a place of its own, there are no more than the live cap, and jobs
//!   that are not nested do not start on the places kept for nested ones;
//! - nobody who may run waits while a slot is free: first who has waited as long as it
//!   said; then who comes back and who is queued, deepest first, who comes back before who
//!   is queued at the same depth, then by priority, then by number; one that is queued takes its turn even if it needs no slot;
//! - a worker with a bound of its own never runs more attempts and stages than that;
//! - every submitted job is queued, delayed, paused, live, refused or ended: none is lost;
//! - what an attempt waits for is not over, and is not all paused by that attempt;
//! - not every live attempt waits while a nested job finds no place;
//! - when the attempts of a job are over, none of its children waits for one of its own,
//!   and those that are live were told to end;
//! - whatever was done, ending what runs and letting go on what the program paused brings
//!   everything to its end;
//! - the producer is held when something is added to a load at or over the high-water mark,
//!   and let go again at half of it.

use super::events::{Actions, Event, HighWater, Start, Stopping, Target, Why};
use super::kin::Trees;
use super::lanes::{Facts, Lanes, Rank, Waiting, Whom};
use super::live::{Live, LoopId, Places, Standing};
use super::slots::Slots;
use std::collections::{BTreeSet, HashMap, HashSet};

/// See the module.
pub(crate) struct Dispatcher<P> {
    pub(super) slots: Slots,
    pub(super) places: Places,
    /// Live attempts that want a slot back.
    pub(super) returning: BTreeSet<(Rank, LoopId)>,
    pub(super) queue: Lanes<P>,
    /// Jobs between two attempts, by number.
    pub(super) delayed: HashMap<u64, Waiting<P>>,
    /// Jobs without a store that stand still, by number.
    pub(super) paused: HashMap<u64, Waiting<P>>,
    pub(super) trees: Trees,
    /// Jobs that were refused for want of a place and have no outcome yet.
    pub(super) displaced: HashSet<u64>,
    gate: Gate,
    pub(super) load: Load,
    high_water: HighWater,
    held: bool,
    pub(super) stopping: Stopping,
}

/// What a machine is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capacity<'a> {
    /// Attempts that run at the same time.
    pub(crate) slots: usize,
    /// Whether all slots but the first have to be borrowed.
    pub(crate) is_borrowing: bool,
    /// Attempts that hold a store at the same time.
    pub(crate) live: usize,
    /// How many attempts each bounded worker may run.
    pub(crate) running_max: &'a [u32],
    pub(crate) high_water: HighWater,
    /// Whether gates are asked before each start.
    pub(crate) is_gated: bool,
}

/// Whether the next start has to be let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    /// There is none.
    Absent,
    Shut,
    /// The gates are being asked.
    Asked,
    /// One job may start.
    Open,
}

/// What counts against the high-water mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Load {
    /// Jobs queued and running, and outcomes not delivered.
    pub(crate) jobs: u64,
    /// Of their values, and of emitted values not delivered.
    pub(crate) bytes: u64,
}

impl<P> Dispatcher<P> {
    pub(crate) fn new(capacity: Capacity<'_>) -> Dispatcher<P> {
        let slots = if capacity.is_borrowing {
            Slots::borrowing(capacity.slots)
        } else {
            Slots::own(capacity.slots)
        };
        Dispatcher {
            slots,
            places: Places::new(capacity.slots, capacity.live),
            returning: BTreeSet::new(),
            queue: Lanes::new(capacity.running_max),
            delayed: HashMap::new(),
            paused: HashMap::new(),
            trees: Trees::default(),
            displaced: HashSet::new(),
            gate: if capacity.is_gated {
                Gate::Shut
            } else {
                Gate::Absent
            },
            load: Load::default(),
            high_water: capacity.high_water,
            held: false,
            stopping: Stopping::Open,
        }
    }

    /// Whether the producer has to wait.
    pub(crate) fn is_held(&self) -> bool {
        self.held
    }

    pub(crate) fn stopping(&self) -> Stopping {
        self.stopping
    }

    /// What runs on a loop from now on is not meant when its job is cancelled. False
    /// when the host is being stopped, which nothing is kept from.
    pub(crate) fn shield(&mut self, at: LoopId) -> bool {
        let may_run = self.stopping < Stopping::Closing;
        if let Some(live) = self.places.get_mut(at) {
            live.is_shielded = may_run;
        }
        may_run
    }

    /// A stage of a bounded worker wants to run: whether it may. It answers with
    /// [`Event::Left`].
    pub(crate) fn enter(&mut self, worker: u32) -> bool {
        self.queue.enter(worker)
    }

    /// Whether a job could start if the gates said so, which have not answered yet.
    pub(crate) fn is_asking(&self) -> bool {
        self.gate == Gate::Asked
    }

    /// Whether an attempt of these jobs is live.
    pub(crate) fn is_live(&self, target: &Target) -> bool {
        self.places
            .iter()
            .any(|(_, live)| target.means(&live.facts))
    }

    /// The job that would start next.
    pub(crate) fn next_up(&mut self) -> Option<&P> {
        self.queue.peek(Whom::All)
    }

    /// Whether every job has ended and every outcome is delivered.
    pub(crate) fn is_idle(&self) -> bool {
        self.load.jobs == 0
    }

    /// Takes an event and says what to do.
    pub(crate) fn handle(&mut self, event: Event<P>) -> Actions<P> {
        let mut actions = Actions::none();
        self.take(event, &mut actions);
        self.settle(&mut actions);
        actions
    }

    /// What follows from every event.
    pub(super) fn settle(&mut self, actions: &mut Actions<P>) {
        self.fill(actions);
        actions.resume_producer = self.let_go();
        actions.idle = self.is_idle();
    }

    fn take(&mut self, event: Event<P>, actions: &mut Actions<P>) {
        match event {
            Event::Submitted { facts, payload } => self.submitted(facts, payload, actions),
            Event::Ended { at, outcome_bytes } => {
                if let Some(live) = self.leave(at, actions) {
                    self.replace(live.facts.bytes, outcome_bytes);
                    self.over(live.facts.number, actions);
                }
            }
            Event::Postponed { facts, payload } => {
                self.postponed(Waiting { facts, payload }, actions);
            }
            Event::Again { facts, payload } => {
                self.orphans_of(facts.number, actions);
                self.queue_again(Waiting { facts, payload }, actions);
            }
            Event::Requeued {
                at,
                comes_again,
                payload,
            } => self.requeued(at, comes_again, payload, actions),
            Event::Opened { number, bytes } => {
                self.add(bytes);
                self.started(number);
            }
            Event::Delayed { at, payload } => self.delayed(at, payload, actions),
            Event::Due { number } => {
                if let Some(waiting) = self.delayed.remove(&number) {
                    self.queue.push(waiting);
                }
            }
            Event::AttemptsOver { at } => self.attempts_over(at, actions),
            Event::Closed {
                number,
                bytes,
                outcome_bytes,
            } => {
                self.replace(bytes, outcome_bytes);
                self.displaced.remove(&number);
                self.over(number, actions);
            }
            Event::Emitted { bytes } => self.add_bytes(bytes),
            Event::Delivered { outcomes, bytes } => {
                self.load.jobs -= outcomes;
                self.load.bytes -= bytes;
            }
            Event::Waits { worker, waits } => self.queue.wait(worker, waits),
            Event::Left { worker } => actions.wake_stages = self.queue.leave(worker),
            Event::Back { at } => self.is_late(at),
            Event::Pause(target) => self.pause(&target, actions),
            Event::StandsStill { at } => self.stands_still(at, actions),
            Event::Resume(target) => self.resume(&target, actions),
            Event::Cancel {
                target,
                why,
                gently,
            } => self.cancel(&target, why, gently, actions),
            Event::Withdraw { number } => self.withdraw(number, actions),
            Event::Admitted => self.gate = Gate::Open,
            Event::SlotCame => {
                if !self.slots.came() {
                    actions.rest().slots_back += 1;
                }
            }
            Event::PoolGone => self.slots.all_own(),
            Event::Stop(stopping) => self.stop(stopping, actions),
        }
    }

    fn submitted(&mut self, facts: Facts, payload: P, actions: &mut Actions<P>) {
        self.add(facts.bytes);
        if !self.takes(&facts) {
            return actions.refuse(payload, Why::Cancelled);
        }
        let needs_no_turn = facts.is_slotless()
            && self.places.has_room(&facts)
            && self.queue.has_place(&facts)
            && self.gate == Gate::Absent;
        let waiting = Waiting { facts, payload };
        if needs_no_turn {
            self.queue.goes_on(&waiting.facts);
            self.start(waiting, actions);
        } else {
            self.queue.push(waiting);
        }
    }

    /// Whether a job that came in, or comes back, may start.
    fn takes(&self, facts: &Facts) -> bool {
        match self.stopping {
            Stopping::Open => true,
            Stopping::Draining => facts.depth() > 0,
            Stopping::Cancelling | Stopping::Closing => false,
        }
    }

    fn postponed(&mut self, waiting: Waiting<P>, actions: &mut Actions<P>) {
        self.add(waiting.facts.bytes);
        if self.takes(&waiting.facts) {
            self.delayed.insert(waiting.facts.number, waiting);
        } else {
            actions.refuse(waiting.payload, Why::Cancelled);
        }
    }

    pub(super) fn queue_again(&mut self, waiting: Waiting<P>, actions: &mut Actions<P>) {
        if self.stopping < Stopping::Closing {
            self.queue.push(waiting);
        } else {
            actions.refuse(waiting.payload, Why::Cancelled);
        }
    }

    fn delayed(&mut self, at: LoopId, payload: P, actions: &mut Actions<P>) {
        let Some(Live {
            facts,
            is_cancelled,
            is_paused,
            ..
        }) = self.leave(at, actions)
        else {
            return;
        };
        let takes = self.takes(&facts);
        let waiting = Waiting { facts, payload };
        if !takes || is_cancelled {
            return actions.refuse(waiting.payload, Why::Cancelled);
        }
        self.children_go_on(waiting.facts.number, actions);
        if is_paused {
            self.paused.insert(waiting.facts.number, waiting);
        } else {
            self.delayed.insert(waiting.facts.number, waiting);
        }
    }

    /// An attempt leaves its loop, and its slot where it has one.
    pub(super) fn leave(&mut self, at: LoopId, actions: &mut Actions<P>) -> Option<Live> {
        let live = self.places.leave(at)?;
        match live.standing {
            Standing::Running => self.give_up(&live, actions),
            Standing::Returning => {
                self.returning.remove(&(live.turn(), at));
            }
            Standing::Waiting => self.waits_no_more(at, &live.awaited),
            Standing::Still => {}
        }
        Some(live)
    }

    /// Gives back what an attempt needs to run.
    fn give_up(&mut self, live: &Live, actions: &mut Actions<P>) {
        if let Some(slot) = live.slot {
            self.slots.give_back(slot);
        }
        actions.wake_stages |= self.queue.ended(&live.facts);
    }

    /// A job leaves the load; its outcome takes its place until it is delivered.
    fn replace(&mut self, job_bytes: u64, outcome_bytes: Option<u64>) {
        match outcome_bytes {
            Some(outcome_bytes) => self.load.bytes += outcome_bytes,
            None => self.load.jobs -= 1,
        }
        self.load.bytes -= job_bytes;
    }

    /// Lets run whoever may.
    fn fill(&mut self, actions: &mut Actions<P>) {
        loop {
            let returning = self.first_returning();
            let queued = self.first_queued(actions);
            // At the same depth who comes back goes first: it gives back a place.
            let returns = match (returning, queued) {
                (Some((one, _)), Some(other)) => one.0.0 <= other.0.0,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            if let (true, Some((rank, at))) = (returns, returning) {
                self.returning.remove(&(rank, at));
                self.goes_on(at, actions);
            } else {
                self.start_next(actions);
            }
        }
        if self.gate == Gate::Open {
            // Nobody came: what the gates said is old by the time that somebody does.
            self.gate = Gate::Shut;
        }
        if self.places.is_full() {
            self.displace(actions);
        }
        self.borrow(actions);
    }

    fn first_returning(&self) -> Option<(Rank, LoopId)> {
        let has_slot = self.slots.has_free();
        let may_run = |at: LoopId| {
            self.places.get(at).is_some_and(|live| {
                (has_slot || live.facts.is_slotless()) && self.queue.has_place(&live.facts)
            })
        };
        let mut returning = self.returning.iter();
        returning.find(|(_, at)| may_run(*at)).copied()
    }

    /// The first that may start; where there are gates, once they let it.
    fn first_queued(&mut self, actions: &mut Actions<P>) -> Option<Rank> {
        if self.gate == Gate::Asked || !self.slots.has_free() {
            return None;
        }
        let whom = self.places.room()?;
        let first = self.queue.first(whom)?;
        if self.gate == Gate::Shut {
            self.gate = Gate::Asked;
            actions.rest().ask_gates = true;
            return None;
        }
        Some(first)
    }

    fn start_next(&mut self, actions: &mut Actions<P>) {
        let whom = self.places.room().unwrap_or(Whom::Nested);
        if let Some(waiting) = self.queue.pop(whom) {
            if self.gate == Gate::Open {
                self.gate = Gate::Shut;
            }
            self.start(waiting, actions);
        }
    }

    fn start(&mut self, waiting: Waiting<P>, actions: &mut Actions<P>) {
        let Waiting { facts, payload } = waiting;
        let slot = if facts.is_slotless() {
            None
        } else {
            self.slots.take()
        };
        let number = facts.number;
        let at = self.places.take(facts, slot);
        actions.add_start(Start { at, slot, payload });
        self.started(number);
    }

    /// Asks for more slots where they would be used, and gives back those that are not.
    fn borrow(&mut self, actions: &mut Actions<P>) {
        let absent = self.slots.absent();
        if absent > 0 && !self.slots.has_free() {
            let wants = self.is_one_returning() || self.is_one_queued();
            actions.rest().slots_wanted = Some(if wants { absent } else { 0 });
            return;
        }
        if !self.slots.has_borrowed() {
            return;
        }
        // A slot is kept for the job that the gates are being asked for.
        let is_asked = self.gate == Gate::Asked && self.is_one_queued();
        let back = self.slots.surplus(usize::from(is_asked));
        if back > 0 {
            let rest = actions.rest();
            rest.slots_back += back;
            rest.slots_wanted = Some(0);
        }
    }

    /// Whether somebody who wants a slot back could use one.
    fn is_one_returning(&self) -> bool {
        let live = self
            .returning
            .iter()
            .filter_map(|(_, at)| self.places.get(*at));
        live.into_iter()
            .any(|live| self.queue.has_place(&live.facts))
    }

    /// Whether somebody who waits for a slot could use one.
    fn is_one_queued(&mut self) -> bool {
        let whom = self.places.room();
        whom.is_some_and(|whom| self.queue.first(whom).is_some())
    }

    pub(super) fn cancel(
        &mut self,
        target: &Target,
        why: Why,
        gently: bool,
        actions: &mut Actions<P>,
    ) {
        self.comes_to_its_end(target);
        for waiting in self.take_waiting(target) {
            self.paused_by_parent(waiting.facts.number, false);
            actions.refuse(waiting.payload, why);
        }
        for at in self.places.of(|facts| target.means(facts)) {
            let Some(live) = self.places.get_mut(at) else {
                continue;
            };
            live.is_cancelled = true;
            if let Some(kin) = self.trees.get_mut(live.facts.number) {
                kin.paused_by_parent = false;
            }
            if live.is_shielded {
                continue;
            }
            if gently && !live.is_paused {
                actions.rest().ask.push(at);
            } else {
                actions.rest().cancel.push((at, why));
            }
        }
    }

    /// Takes out who has no store: from the queue, between attempts, paused.
    pub(super) fn take_waiting(&mut self, target: &Target) -> Vec<Waiting<P>> {
        let mut taken = match target {
            // One job is found without a look at all the others.
            Target::Numbers(numbers) if numbers.end - numbers.start == 1 => {
                self.queue.take(numbers.start).into_iter().collect()
            }
            Target::Numbers(_) | Target::Group(_) => {
                self.queue.take_where(|facts| target.means(facts))
            }
        };
        for others in [&mut self.delayed, &mut self.paused] {
            let meant = others.extract_if(|_, waiting| target.means(&waiting.facts));
            taken.extend(meant.map(|(_, waiting)| waiting));
        }
        taken
    }

    fn stop(&mut self, stopping: Stopping, actions: &mut Actions<P>) {
        let before = self.stopping;
        self.stopping = before.max(stopping);
        if self.stopping == before {
            return;
        }
        // They stay in the load until they have their outcomes, so that nobody takes
        // the host for idle in between.
        let is_cancelling = self.stopping >= Stopping::Cancelling;
        let is_closing = self.stopping == Stopping::Closing;
        let is_meant = |facts: &Facts| is_cancelling || facts.depth() == 0;
        let mut taken = self
            .queue
            .take_where(|facts| is_cancelling || (is_meant(facts) && !facts.comes_again()));
        for others in [&mut self.delayed, &mut self.paused] {
            let meant = others.extract_if(|_, waiting| is_meant(&waiting.facts));
            taken.extend(meant.map(|(_, waiting)| waiting));
        }
        for waiting in taken {
            actions.refuse(waiting.payload, Why::Cancelled);
        }
        if is_cancelling {
            let live = self.places.iter();
            let meant = live.filter(|(_, live)| is_closing || !live.is_shielded);
            let cancel = meant.map(|(at, _)| (at, Why::Cancelled));
            let cancel: Vec<_> = cancel.collect();
            actions.rest().cancel = cancel;
        }
    }

    fn add(&mut self, bytes: u64) {
        self.load.jobs += 1;
        self.add_bytes(bytes);
    }

    fn add_bytes(&mut self, bytes: u64) {
        self.load.bytes += bytes;
        if self.load.jobs >= self.high_water.jobs || self.load.bytes >= self.high_water.bytes {
            self.held = true;
        }
    }

    /// Lets the producer go at half of the high-water mark, so that it is not
    /// woken for every single job.
    fn let_go(&mut self) -> bool {
        let low = self.load.jobs <= self.high_water.jobs / 2
            && self.load.bytes <= self.high_water.bytes / 2;
        let resume = self.held && low;
        if resume {
            self.held = false;
        }
        resume
    }
}

#[cfg(test)]
#[path = "dispatcher_tests.rs"]
pub(super) mod tests;
