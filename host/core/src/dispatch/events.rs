//! What the scheduling machine is told, and what it answers.

use super::lanes::Facts;
use super::live::LoopId;
use super::slots::SlotId;
use std::ops::Range;
use std::sync::Arc;

/// When the producer has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HighWater {
    /// Jobs queued and running, and outcomes not yet delivered.
    pub jobs: u64,
    /// Bytes of their values, and of emitted values that wait for the consumer.
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
    /// Nothing new is started but what running jobs submit; running attempts may finish.
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
    Numbers(Range<u64>),
    /// Those of a group.
    Group(Arc<str>),
}

impl Target {
    pub(super) fn means(&self, facts: &Facts) -> bool {
        match self {
            Target::Numbers(numbers) => numbers.contains(&facts.number),
            Target::Group(group) => facts.group() == Some(group),
        }
    }
}

/// Why a job is to end before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Somebody stopped it, or all of them.
    Cancelled,
    /// The job that submitted it ended.
    ParentEnded,
    /// It finds no place while every live attempt waits.
    NoPlace,
    /// Whoever submitted it did not want to wait any longer for its start.
    Withdrawn,
}

/// What happened.
pub(crate) enum Event<P> {
    /// A job came in.
    Submitted { facts: Facts, payload: P },
    /// A job came in that needs no slot of its own, or none yet.
    Opened { number: u64, bytes: u64 },
    /// A job came in that waits for its time.
    Postponed { facts: Facts, payload: P },
    /// A job that is counted already needs a slot for what comes after its attempts.
    Again { facts: Facts, payload: P },
    /// A live attempt ended while its slot was lent; its job needs another slot, for its
    /// next attempt or, when `comes_again`, for what comes after them.
    Requeued {
        at: LoopId,
        comes_again: bool,
        payload: P,
    },
    /// The job on a loop waits for its time; its store is gone.
    Delayed { at: LoopId, payload: P },
    /// The time of a delayed job has come.
    Due { number: u64 },
    /// The attempts of the job on a loop are over, though the job is not.
    AttemptsOver { at: LoopId },
    /// The job on a loop ended and its store is gone. `outcome_bytes` is what
    /// waits for delivery; `None` = nobody counts its delivery.
    Ended {
        at: LoopId,
        outcome_bytes: Option<u64>,
    },
    /// A job that was refused, or that has no slot, has its outcome; `bytes` as it came.
    Closed {
        number: u64,
        bytes: u64,
        outcome_bytes: Option<u64>,
    },
    /// A job emitted a value, which waits for the consumer.
    Emitted { bytes: u64 },
    /// So many outcomes were delivered, or set aside; the bytes are those of emitted values,
    /// too.
    Delivered { outcomes: u64, bytes: u64 },
    /// A stage of a bounded worker waits for a place, or waits no more.
    Waits { worker: u32, waits: bool },
    /// A stage of a bounded worker is over.
    Left { worker: u32 },
    /// A live attempt has waited long enough for other jobs.
    Back { at: LoopId },
    /// Some jobs are to stand still, unless they run what comes after their attempts.
    Pause(Target),
    /// A live attempt that was to stand still is not polled any more.
    StandsStill { at: LoopId },
    /// Some jobs may go on.
    Resume(Target),
    /// Some jobs are to end: now, or when `gently` those that run are only told.
    Cancel {
        target: Target,
        why: Why,
        gently: bool,
    },
    /// A job that has not started is not wanted any more.
    Withdraw { number: u64 },
    /// The gates let one more job start.
    Admitted,
    /// A slot was borrowed.
    SlotCame,
    /// There is nobody to borrow slots from any more.
    PoolGone,
    /// A stop was asked for; it never goes back.
    Stop(Stopping),
}

/// A job that starts now.
pub(crate) struct Start<P> {
    pub(crate) at: LoopId,
    /// None for a job that needs none.
    pub(crate) slot: Option<SlotId>,
    pub(crate) payload: P,
}

/// What is to be done. Most events ask for at most one start.
pub(crate) struct Actions<P> {
    /// Start this job.
    pub(crate) start: Option<Start<P>>,
    /// The producer was held and may go on.
    pub(crate) resume_producer: bool,
    /// A stage that waits for its worker may look again.
    pub(crate) wake_stages: bool,
    /// Nothing is left: whoever waits for the end may look.
    pub(crate) idle: bool,
    rest: Option<Box<Rest<P>>>,
}

/// What is rarely asked for.
pub(crate) struct Rest<P> {
    /// Start these too.
    pub(crate) starts: Vec<Start<P>>,
    /// These jobs will not run; each is to end so and to be answered with
    /// [`Event::Closed`].
    pub(crate) refused: Vec<(P, Why)>,
    /// End what runs there.
    pub(crate) cancel: Vec<(LoopId, Why)>,
    /// Tell what runs there that it is to come to its end.
    pub(crate) ask: Vec<LoopId>,
    /// Poll what is there no longer.
    pub(crate) pause: Vec<LoopId>,
    /// It was not to stand still after all.
    pub(crate) unpause: Vec<LoopId>,
    /// These have a slot again, or need none, and go on.
    pub(crate) go_on: Vec<(LoopId, Option<SlotId>)>,
    /// Jobs that submitted others are over.
    pub(crate) families: Vec<u64>,
    /// Parallel jobs whose items were cancelled because their parents ended.
    pub(crate) orphans: Vec<u64>,
    /// A job could start if the gates let it.
    pub(crate) ask_gates: bool,
    /// So many more slots could be used.
    pub(crate) slots_wanted: Option<usize>,
    /// So many borrowed slots are to be given back.
    pub(crate) slots_back: usize,
}

impl<P> Default for Rest<P> {
    fn default() -> Self {
        Rest {
            starts: Vec::new(),
            refused: Vec::new(),
            cancel: Vec::new(),
            ask: Vec::new(),
            pause: Vec::new(),
            unpause: Vec::new(),
            go_on: Vec::new(),
            families: Vec::new(),
            orphans: Vec::new(),
            ask_gates: false,
            slots_wanted: None,
            slots_back: 0,
        }
    }
}

impl<P> Actions<P> {
    pub(super) fn none() -> Actions<P> {
        Actions {
            start: None,
            resume_producer: false,
            wake_stages: false,
            idle: false,
            rest: None,
        }
    }

    /// Adds to what is rarely asked for.
    pub(super) fn rest(&mut self) -> &mut Rest<P> {
        self.rest.get_or_insert_default()
    }

    /// What is rarely asked for, if something is.
    pub(crate) fn take_rest(&mut self) -> Option<Box<Rest<P>>> {
        self.rest.take()
    }

    /// Whether a job that was to be withdrawn is.
    pub(crate) fn withdraws(&self) -> bool {
        let mut refused = self.rest.iter().flat_map(|rest| &rest.refused);
        refused.any(|(_, why)| *why == Why::Withdrawn)
    }

    pub(super) fn add_start(&mut self, start: Start<P>) {
        match self.start {
            None => self.start = Some(start),
            Some(_) => self.rest().starts.push(start),
        }
    }

    pub(super) fn refuse(&mut self, payload: P, why: Why) {
        self.rest().refused.push((payload, why));
    }
}
