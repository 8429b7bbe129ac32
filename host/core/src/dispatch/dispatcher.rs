//! The scheduling machine: which job gets which slot, when the producer waits,
//! what a stop does.
//!
//! It is pure: events in, actions out, no clock, no thread, no lock. What a job
//! carries is opaque to it. Whoever has an event calls [`Dispatcher::handle`] and
//! does what the answer says; see [`super::hub`].
//!
//! | state    | submitted        | ended                  | stop: drain             | stop: cancel          |
//! |----------|------------------|------------------------|-------------------------|-----------------------|
//! | open     | start or queue   | slot free, start next  | queue is cancelled      | + running are cancelled |
//! | draining | refuse: cancelled| slot free              | –                       | running are cancelled |
//! | cancelling | refuse: cancelled | slot free           | –                       | –                     |
//!
//! Invariants, checked after every step by the tests:
//! - a slot runs at most one job, and a job runs on at most one slot;
//! - no slot is free while a job is queued;
//! - every submitted job is queued, running, refused or ended: none is lost;
//! - the producer is held exactly while the load is over the high-water mark, and
//!   let go again at half of it.

use std::collections::VecDeque;

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
    /// Running attempts are cancelled.
    Cancelling,
}

/// What happened.
pub(crate) enum Event<P> {
    /// A job came in; `bytes` is the size of its value.
    Submitted { bytes: u64, payload: P },
    /// The attempt on a slot ended and its store is gone. `outcome_bytes` is what
    /// waits for delivery; `None` = nobody counts its delivery.
    Ended {
        slot: SlotId,
        outcome_bytes: Option<u64>,
    },
    /// A refused job has its outcome; `bytes` as it came with the refusal.
    Refused {
        bytes: u64,
        outcome_bytes: Option<u64>,
    },
    /// An outcome that needed no slot waits for delivery.
    Settled { outcome_bytes: u64 },
    /// So many outcomes were delivered, or set aside.
    Delivered { outcomes: u64, bytes: u64 },
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
    /// These jobs, with the sizes of their values, will not run; each is to end as
    /// cancelled and to be answered with [`Event::Refused`].
    pub(crate) refused: Vec<(u64, P)>,
    /// Cancel what is running.
    pub(crate) cancel_running: bool,
    /// Nothing is left: whoever waits for the end may look.
    pub(crate) idle: bool,
}

/// See the module.
pub(crate) struct Dispatcher<P> {
    /// For each slot the size of the job that runs on it.
    slots: Vec<Option<u64>>,
    /// Free slots; the one that was freed last is used next, its memory is warm.
    free: Vec<SlotId>,
    /// In order of submission.
    queue: VecDeque<(u64, P)>,
    load: Load,
    high_water: HighWater,
    held: bool,
    stopping: Stopping,
}

/// What counts against the high-water mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Load {
    /// Jobs queued and running, and outcomes not delivered.
    pub(crate) jobs: u64,
    pub(crate) bytes: u64,
}

impl<P> Dispatcher<P> {
    pub(crate) fn new(slots: usize, high_water: HighWater) -> Dispatcher<P> {
        Dispatcher {
            slots: vec![None; slots],
            free: (0..slots).rev().map(SlotId).collect(),
            queue: VecDeque::new(),
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
            cancel_running: false,
            idle: false,
        };
        match event {
            Event::Submitted { bytes, payload } => self.submitted(bytes, payload, &mut actions),
            Event::Ended {
                slot,
                outcome_bytes,
            } => {
                self.ended(slot, outcome_bytes);
                actions.start = self.start_next();
            }
            Event::Refused {
                bytes,
                outcome_bytes,
            } => self.replace(bytes, outcome_bytes),
            Event::Settled { outcome_bytes } => self.add(outcome_bytes),
            Event::Delivered { outcomes, bytes } => {
                self.load.jobs -= outcomes;
                self.load.bytes -= bytes;
            }
            Event::Stop(stopping) => self.stop(stopping, &mut actions),
        }
        actions.resume_producer = self.let_go();
        actions.idle = self.is_idle();
        actions
    }

    fn submitted(&mut self, bytes: u64, payload: P, actions: &mut Actions<P>) {
        self.add(bytes);
        if self.stopping > Stopping::Open {
            actions.refused.push((bytes, payload));
            return;
        }
        self.queue.push_back((bytes, payload));
        actions.start = self.start_next();
    }

    fn ended(&mut self, slot: SlotId, outcome_bytes: Option<u64>) {
        let job_bytes = self.slots[slot.0].take().unwrap_or_default();
        self.free.push(slot);
        self.replace(job_bytes, outcome_bytes);
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
        if self.queue.is_empty() {
            return None;
        }
        let slot = self.free.pop()?;
        let (bytes, payload) = self.queue.pop_front()?;
        self.slots[slot.0] = Some(bytes);
        Some(Start { slot, payload })
    }

    fn stop(&mut self, stopping: Stopping, actions: &mut Actions<P>) {
        self.stopping = self.stopping.max(stopping);
        // They stay in the load until they have their outcomes, so that nobody takes
        // the host for idle in between.
        actions.refused.extend(self.queue.drain(..));
        actions.cancel_running = self.stopping == Stopping::Cancelling;
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

#[cfg(test)]
#[path = "dispatcher_tests.rs"]
mod tests;
