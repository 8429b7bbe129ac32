//! The scheduling machine: which job gets which slot, when the producer waits,
//! what a stop does.
//!
//! It is pure: events in, actions out, no clock, no thread, no lock. What a job
//! carries is opaque to it. Whoever has an event calls [`Dispatcher::handle`] and
//! does what the answer says; see [`super::hub`].
//!
//! | state      | submitted         | comes again    | ended or delayed      | stop: drain                       | stop: cancel            |
//! |------------|-------------------|----------------|-----------------------|-----------------------------------|-------------------------|
//! | open       | start or queue    | start or queue | slot free, start next | what waits for its first or next attempt is refused | + running are cancelled |
//! | draining   | refuse            | start or queue | slot free, start next; delayed: refuse | –                | running are cancelled, what waits is refused |
//! | cancelling | refuse            | start or queue | slot free, start next; delayed: refuse | –                | –                       |
//! | closing    | refuse            | refuse         | slot free; delayed: refuse | –                            | –                       |
//!
//! A job *comes again* when its attempts are over and something else of it needs a slot:
//! its stages, its `finally`. Both may come in a drain. A cancel ends stages, and what is
//! refused then may come again for its `finally`, which a cancel does not mean. The end
//! of the host is the fourth column of this table: it cancels and refuses everything.
//!
//! Invariants, checked after every step by the tests:
//! - a slot runs at most one job, and a job runs on at most one slot;
//! - no slot is free while a job is queued whose worker may run;
//! - a worker with a bound of its own never runs more attempts than that;
//! - every submitted job is queued, delayed, running, refused or ended: none is lost;
//! - the producer is held exactly while the load is over the high-water mark, and
//!   let go again at half of it.

use super::lanes::{Facts, Lanes, Waiting};
use std::collections::HashMap;
use std::sync::Arc;

/// The right to run one attempt now; numbered from 0 inside, shown from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SlotId(pub(crate) usize);

/// When the producer has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HighWater {
    /// Jobs queued and running, and outcomes not yet delivered.
    pub jobs: u64,
    /// Bytes of their values.
    pub bytes: u64,
}

impl Default for HighWater {
    fn default() -> Self {
        HighWater {
            jobs: 10_000,
            bytes: 256 << 20,
        }
    }
}

/// How far a stop has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stopping {
    /// Jobs are taken and started.
    Open,
    /// Nothing new is started; running attempts may finish.
    Draining,
    /// Running attempts are cancelled; what is to come on every end still does.
    Cancelling,
    /// The host is gone: everything is cancelled, and nothing comes after it.
    Closing,
}

/// Which jobs are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Those with these numbers: a job, or the items of a parallel one.
    Numbers(std::ops::Range<u64>),
    /// Those of a group.
    Group(Arc<str>),
}

/// What happened.
pub(crate) enum Event<P> {
    /// A job came in.
    Submitted { facts: Facts, payload: P },
    /// A job came in that needs no slot of its own, or none yet.
    Opened { bytes: u64 },
    /// A job that is counted already needs a slot for what comes after its attempts.
    Again { facts: Facts, payload: P },
    /// The job on a slot waits for its time; its store is gone.
    Delayed { slot: SlotId, payload: P },
    /// The time of a delayed job has come.
    Due { number: u64 },
    /// The job on a slot ended and its store is gone. `outcome_bytes` is what
    /// waits for delivery; `None` = nobody counts its delivery.
    Ended {
        slot: SlotId,
        outcome_bytes: Option<u64>,
    },
    /// A job that was refused, or that has no slot, has its outcome; `bytes` as it came.
    Closed {
        bytes: u64,
        outcome_bytes: Option<u64>,
    },
    /// So many outcomes were delivered, or set aside.
    Delivered { outcomes: u64, bytes: u64 },
    /// A stage of a bounded worker waits for a place, or waits no more.
    Waits { worker: u32, waits: bool },
    /// A stage of a bounded worker is over.
    Left { worker: u32 },
    /// Some jobs are to end now.
    Cancel(Target),
    /// A stop was asked for; it never goes back.
    Stop(Stopping),
}

/// A job that starts now.
pub(crate) struct Start<P> {
    pub(crate) slot: SlotId,
    pub(crate) payload: P,
}

/// What is to be done. Most events ask for at most one of these.
pub(crate) struct Actions<P> {
    /// Start this job on this slot.
    pub(crate) start: Option<Start<P>>,
    /// The producer was held and may go on.
    pub(crate) resume_producer: bool,
    /// These jobs will not run; each is to end as cancelled and to be answered with
    /// [`Event::Closed`].
    pub(crate) refused: Vec<P>,
    /// Cancel what is running on these slots.
    pub(crate) cancel: Vec<SlotId>,
    /// A stage that waits for its worker may look again.
    pub(crate) wake_stages: bool,
    /// Nothing is left: whoever waits for the end may look.
    pub(crate) idle: bool,
}

/// See the module.
pub(crate) struct Dispatcher<P> {
    /// For each slot the job that runs on it.
    slots: Vec<Option<Running>>,
    /// Free slots; the one that was freed last is used next, its memory is warm.
    free: Vec<SlotId>,
    queue: Lanes<P>,
    /// Jobs between two attempts, by number.
    delayed: HashMap<u64, Waiting<P>>,
    load: Load,
    high_water: HighWater,
    held: bool,
    stopping: Stopping,
}

/// A job on a slot.
#[derive(Debug, Clone)]
struct Running {
    facts: Facts,
    /// It was cancelled, and may not have heard it yet.
    is_cancelled: bool,
    /// What runs now is not meant when the job is cancelled.
    is_shielded: bool,
}

/// What counts against the high-water mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Load {
    /// Jobs queued and running, and outcomes not delivered.
    pub(crate) jobs: u64,
    pub(crate) bytes: u64,
}

impl<P> Dispatcher<P> {
    /// A machine for so many slots; each bounded worker may run so many attempts.
    pub(crate) fn new(slots: usize, running_max: &[u32], high_water: HighWater) -> Dispatcher<P> {
        Dispatcher {
            slots: vec![None; slots],
            free: (0..slots).rev().map(SlotId).collect(),
            queue: Lanes::new(running_max),
            delayed: HashMap::new(),
            load: Load::default(),
            high_water,
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

    /// What runs on a slot from now on is not meant when its job is cancelled. False
    /// when the host is being stopped, which nothing is kept from.
    pub(crate) fn shield(&mut self, slot: SlotId) -> bool {
        let may_run = self.stopping < Stopping::Closing;
        if let Some(running) = &mut self.slots[slot.0] {
            running.is_shielded = may_run;
        }
        may_run
    }

    /// The attempts of the job on a slot are over: the worker whose place it gives back,
    /// which is to be told with [`Event::Left`].
    pub(crate) fn attempts_over(&mut self, slot: SlotId) -> Option<u32> {
        let facts = &mut self.slots[slot.0].as_mut()?.facts;
        facts.special.as_mut()?.bounded.take()
    }

    /// A stage of a bounded worker wants to run: whether it may. It answers with
    /// [`Event::Left`].
    pub(crate) fn enter(&mut self, worker: u32) -> bool {
        self.queue.enter(worker)
    }

    /// Whether every job has ended and every outcome is delivered.
    pub(crate) fn is_idle(&self) -> bool {
        self.load.jobs == 0
    }

    /// Takes an event and says what to do.
    pub(crate) fn handle(&mut self, event: Event<P>) -> Actions<P> {
        let mut actions = Actions {
            start: None,
            resume_producer: false,
            refused: Vec::new(),
            cancel: Vec::new(),
            wake_stages: false,
            idle: false,
        };
        match event {
            Event::Submitted { facts, payload } => {
                self.add(facts.bytes);
                let takes = self.stopping == Stopping::Open;
                self.queue_or_refuse(takes, Waiting { facts, payload }, &mut actions);
            }
            Event::Again { facts, payload } => {
                let takes = self.stopping < Stopping::Closing;
                self.queue_or_refuse(takes, Waiting { facts, payload }, &mut actions);
            }
            Event::Opened { bytes } => self.add(bytes),
            Event::Delayed { slot, payload } => self.delayed(slot, payload, &mut actions),
            Event::Due { number } => {
                if let Some(waiting) = self.delayed.remove(&number) {
                    self.queue.push(waiting);
                    actions.start = self.start_next();
                }
            }
            Event::Ended {
                slot,
                outcome_bytes,
            } => {
                let left = self.leave(slot, &mut actions);
                let bytes = left.map_or(0, |running| running.facts.bytes);
                self.replace(bytes, outcome_bytes);
                actions.start = self.start_next();
            }
            Event::Closed {
                bytes,
                outcome_bytes,
            } => self.replace(bytes, outcome_bytes),
            Event::Delivered { outcomes, bytes } => {
                self.load.jobs -= outcomes;
                self.load.bytes -= bytes;
            }
            Event::Waits { worker, waits } => {
                self.queue.wait(worker, waits);
                actions.start = self.start_next();
            }
            Event::Left { worker } => {
                actions.wake_stages = self.queue.leave(worker);
                actions.start = self.start_next();
            }
            Event::Cancel(target) => self.cancel(&target, &mut actions),
            Event::Stop(stopping) => self.stop(stopping, &mut actions),
        }
        actions.resume_producer = self.let_go();
        actions.idle = self.is_idle();
        actions
    }

    fn queue_or_refuse(&mut self, takes: bool, waiting: Waiting<P>, actions: &mut Actions<P>) {
        if takes {
            self.queue.push(waiting);
            actions.start = self.start_next();
        } else {
            refuse(waiting, actions);
        }
    }

    fn delayed(&mut self, slot: SlotId, payload: P, actions: &mut Actions<P>) {
        let Some(Running {
            facts,
            is_cancelled,
            ..
        }) = self.leave(slot, actions)
        else {
            return;
        };
        let waiting = Waiting { facts, payload };
        if self.stopping == Stopping::Open && !is_cancelled {
            self.delayed.insert(waiting.facts.number, waiting);
        } else {
            refuse(waiting, actions);
        }
        actions.start = self.start_next();
    }

    /// A job leaves its slot.
    fn leave(&mut self, slot: SlotId, actions: &mut Actions<P>) -> Option<Running> {
        let running = self.slots[slot.0].take()?;
        self.free.push(slot);
        actions.wake_stages = self.queue.ended(&running.facts);
        Some(running)
    }

    /// A job leaves the load; its outcome takes its place until it is delivered.
    fn replace(&mut self, job_bytes: u64, outcome_bytes: Option<u64>) {
        match outcome_bytes {
            Some(outcome_bytes) => self.load.bytes += outcome_bytes,
            None => self.load.jobs -= 1,
        }
        self.load.bytes -= job_bytes;
    }

    fn start_next(&mut self) -> Option<Start<P>> {
        let slot = *self.free.last()?;
        let Waiting { facts, payload } = self.queue.pop()?;
        self.free.pop();
        self.slots[slot.0] = Some(Running {
            facts,
            is_cancelled: false,
            is_shielded: false,
        });
        Some(Start { slot, payload })
    }

    fn cancel(&mut self, target: &Target, actions: &mut Actions<P>) {
        let is_meant = |facts: &Facts| match target {
            Target::Numbers(numbers) => numbers.contains(&facts.number),
            Target::Group(group) => facts.group() == Some(group),
        };
        let queued = match target {
            // One job is found without a look at all the others.
            Target::Numbers(numbers) if numbers.end - numbers.start == 1 => {
                self.queue.take(numbers.start).into_iter().collect()
            }
            Target::Numbers(_) | Target::Group(_) => self.queue.take_where(is_meant),
        };
        let delayed = self
            .delayed
            .extract_if(|_, waiting| is_meant(&waiting.facts));
        let delayed = delayed.map(|(_, waiting)| waiting);
        queued
            .into_iter()
            .chain(delayed)
            .for_each(|waiting| refuse(waiting, actions));
        for (slot, running) in self.slots.iter_mut().enumerate() {
            let meant = running.as_mut().filter(|running| is_meant(&running.facts));
            if let Some(running) = meant {
                running.is_cancelled = true;
                if !running.is_shielded {
                    actions.cancel.push(SlotId(slot));
                }
            }
        }
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
        let waiting = self
            .queue
            .take_where(|facts| is_cancelling || !facts.comes_again())
            .into_iter();
        let delayed = self.delayed.drain().map(|(_, waiting)| waiting);
        waiting
            .chain(delayed)
            .for_each(|waiting| refuse(waiting, actions));
        if is_cancelling {
            let is_meant = |running: &Option<Running>| {
                let is_shielded = running.as_ref().is_some_and(|r| r.is_shielded);
                !is_shielded || self.stopping == Stopping::Closing
            };
            let slots = self.slots.iter().enumerate();
            let meant = slots.filter(|(_, running)| is_meant(running));
            actions.cancel = meant.map(|(slot, _)| SlotId(slot)).collect();
        }
    }

    fn add(&mut self, bytes: u64) {
        self.load.jobs += 1;
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

fn refuse<P>(waiting: Waiting<P>, actions: &mut Actions<P>) {
    actions.refused.push(waiting.payload);
}

#[cfg(test)]
#[path = "dispatcher_tests.rs"]
mod tests;
