//! What the tests believe about the jobs: a plain list, in which everything is looked up
//! by walking over it.

use crate::dispatch::events::{Stopping, Why};
use crate::dispatch::kin::{TreeLimit, TreeLimits};
use crate::dispatch::lanes::{Facts, Special};
use crate::dispatch::live::{LoopId, Standing};
use crate::dispatch::slots::SlotId;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

pub(super) const GROUPS: [&str; 2] = ["day", "night"];

/// How many attempts the two bounded workers may run.
pub(super) const RUNNING_MAX: [u32; 2] = [1, 2];

/// The host of a case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) slots: usize,
    /// Live attempts beyond the slots.
    pub(super) spare: usize,
    pub(super) is_gated: bool,
    pub(super) is_borrowing: bool,
    /// Whether what is refused is answered at once.
    pub(super) is_prompt: bool,
    pub(super) depth: u64,
    pub(super) tree: u64,
}

/// A job that is not over.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
pub(super) struct Job {
    pub(super) number: u64,
    pub(super) bytes: u64,
    pub(super) depth: u16,
    pub(super) priority: i32,
    pub(super) bounded: Option<usize>,
    pub(super) group: Option<usize>,
    pub(super) slotless: bool,
    pub(super) comes_again: bool,
    /// It has stages or a `finally`.
    pub(super) has_afterwards: bool,
    /// Its outcome is delivered.
    pub(super) is_counted: bool,
    /// Who submitted it.
    pub(super) parent: Option<u64>,
    /// The parallel job that it is an item of.
    pub(super) whole: Option<u64>,
    /// Its own number and those of its items.
    pub(super) numbers: Range<u64>,
    /// Items that are not over.
    pub(super) items_left: u64,
    pub(super) children: BTreeSet<u64>,
    pub(super) had_children: bool,
    /// Whether it is part of a tree, and of whose.
    pub(super) root: Option<u64>,
    pub(super) has_started: bool,
    pub(super) paused_by_parent: bool,
    pub(super) place: Place,
}

/// Where a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Queued,
    Delayed,
    Paused,
    Live(Seat),
    /// A parallel job whose items are not over.
    Gathering,
    /// It has no slot and is to be answered: refused, or its items are over.
    Unanswered(Option<Why>),
}

/// A live attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
pub(super) struct Seat {
    pub(super) at: LoopId,
    pub(super) slot: Option<SlotId>,
    pub(super) standing: Standing,
    pub(super) awaited: Vec<u64>,
    /// The child for whose start it waits, or waited until it has a slot again.
    pub(super) timed: Option<u64>,
    pub(super) is_cancelled: bool,
    pub(super) is_paused: bool,
    pub(super) is_shielded: bool,
    /// It has waited as long as it said.
    pub(super) is_late: bool,
    /// What its loop was told last.
    pub(super) told_cancel: bool,
    pub(super) told_pause: bool,
    /// Stages or `finally` run.
    pub(super) is_afterwards: bool,
    pub(super) stage: Stage,
}

/// What a stage is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Absent,
    /// It waits for a place among its worker's.
    Waits(usize),
    Runs(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Absent,
    Shut,
    Asked,
    Open,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) jobs: BTreeMap<u64, Job>,
    /// The number of the latest job.
    pub(super) last: u64,
    pub(super) free: BTreeSet<SlotId>,
    pub(super) absent: BTreeSet<SlotId>,
    pub(super) is_borrowing: bool,
    /// How many slots the machine asked for.
    pub(super) wanted: usize,
    pub(super) live_max: usize,
    /// The most live attempts with which a job that is not nested starts.
    pub(super) outer_max: usize,
    pub(super) limits: TreeLimits,
    /// Jobs of each tree so far.
    pub(super) trees: BTreeMap<u64, u64>,
    pub(super) gate: Gate,
    pub(super) stopping: Stopping,
    /// Refused for want of a place, and not answered.
    pub(super) displaced: BTreeSet<u64>,
    pub(super) load_jobs: u64,
    pub(super) load_bytes: u64,
    pub(super) undelivered: Vec<u64>,
    /// Bytes of emitted values that are not delivered.
    pub(super) emitted: u64,
    /// Delayed jobs whose time comes, whatever became of them.
    pub(super) timers: Vec<u64>,
}

/// Where a job stands among those that want to run; the smallest is first.
pub(super) type Turn = (Reverse<u16>, bool, Reverse<i32>, u64);

impl Job {
    pub(super) fn facts(&self) -> Facts {
        let special = Special {
            priority: self.priority,
            bounded: self.bounded.map(|worker| worker as u32),
            comes_again: self.comes_again,
            group: self.group.map(|group| GROUPS[group].into()),
            depth: self.depth,
            slotless: self.slotless,
        };
        Facts {
            number: self.number,
            bytes: self.bytes,
            special: (special != Special::default()).then(|| Box::new(special)),
        }
    }

    pub(super) fn seat(&self) -> Option<&Seat> {
        match &self.place {
            Place::Live(seat) => Some(seat),
            Place::Queued
            | Place::Delayed
            | Place::Paused
            | Place::Gathering
            | Place::Unanswered(_) => None,
        }
    }

    pub(super) fn seat_mut(&mut self) -> Option<&mut Seat> {
        match &mut self.place {
            Place::Live(seat) => Some(seat),
            Place::Queued
            | Place::Delayed
            | Place::Paused
            | Place::Gathering
            | Place::Unanswered(_) => None,
        }
    }

    pub(super) fn stands(&self, standing: Standing) -> bool {
        self.seat().is_some_and(|seat| seat.standing == standing)
    }

    pub(super) fn is_running(&self) -> bool {
        self.stands(Standing::Running)
    }

    /// Whether its guest may do something.
    pub(super) fn is_in_attempt(&self) -> bool {
        let is_afterwards = self.seat().is_some_and(|seat| seat.is_afterwards);
        self.is_running() && !is_afterwards && !self.comes_again
    }

    pub(super) fn turn(&self) -> Turn {
        let is_queued = self.place == Place::Queued;
        let is_late = matches!(&self.place, Place::Live(seat) if seat.is_late);
        let depth = Reverse(if is_late { u16::MAX } else { self.depth });
        let priority = Reverse(self.priority);
        (depth, is_queued, priority, self.number)
    }
}

impl Seat {
    /// Whether its loop polls it, so that it may come to its end.
    pub(super) fn is_polled(&self) -> bool {
        !self.told_pause || self.told_cancel
    }
}

impl Model {
    pub(super) fn new(shape: Shape) -> Model {
        let own = if shape.is_borrowing { 1 } else { shape.slots };
        Model {
            jobs: BTreeMap::new(),
            last: 0,
            free: (0..own).map(SlotId).collect(),
            absent: (own..shape.slots).map(SlotId).collect(),
            is_borrowing: shape.is_borrowing,
            wanted: 0,
            live_max: shape.slots + shape.spare,
            outer_max: shape.slots + shape.spare / 2,
            limits: TreeLimits {
                depth: shape.depth,
                jobs: shape.tree,
            },
            trees: BTreeMap::new(),
            gate: if shape.is_gated {
                Gate::Shut
            } else {
                Gate::Absent
            },
            stopping: Stopping::Open,
            displaced: BTreeSet::new(),
            load_jobs: 0,
            load_bytes: 0,
            undelivered: Vec::new(),
            emitted: 0,
            timers: Vec::new(),
        }
    }

    pub(super) fn job(&mut self, number: u64) -> &mut Job {
        self.jobs.get_mut(&number).expect("a job that is not over")
    }

    pub(super) fn seat(&mut self, number: u64) -> &mut Seat {
        self.job(number).seat_mut().expect("a live attempt")
    }

    /// The number of the job on a loop.
    pub(super) fn on(&self, at: LoopId) -> Option<u64> {
        let mut live = self.live();
        live.find(|(_, seat)| seat.at == at)
            .map(|(job, _)| job.number)
    }

    pub(super) fn live(&self) -> impl Iterator<Item = (&Job, &Seat)> {
        let jobs = self.jobs.values();
        jobs.filter_map(|job| Some((job, job.seat()?)))
    }

    /// One of the jobs of which `is_meant` is true.
    pub(super) fn pick(&self, which: u16, is_meant: impl Fn(&Job) -> bool) -> Option<u64> {
        let meant = || self.jobs.values().filter(|job| is_meant(job));
        let count = meant().count();
        let nth = usize::from(which).checked_rem(count)?;
        meant().nth(nth).map(|job| job.number)
    }

    /// Attempts and stages of a bounded worker that run, and stages that wait.
    pub(super) fn crowd(&self, worker: usize) -> (u32, u32) {
        let (mut runs, mut waits) = (0, 0);
        for (job, seat) in self.live() {
            let is_attempt = seat.standing == Standing::Running && job.bounded == Some(worker);
            runs += u32::from(is_attempt) + u32::from(seat.stage == Stage::Runs(worker));
            waits += u32::from(seat.stage == Stage::Waits(worker));
        }
        (runs, waits)
    }

    /// Whether the worker of a job may run it too.
    pub(super) fn worker_has_place(&self, job: &Job) -> bool {
        job.bounded.is_none_or(|worker| {
            let (runs, waits) = self.crowd(worker);
            runs + waits < RUNNING_MAX[worker]
        })
    }

    /// Whether a live place is there for a job of this depth.
    pub(super) fn has_room(&self, depth: u16) -> bool {
        let taken = self.live().count();
        taken < self.outer_max || (depth > 0 && taken < self.live_max)
    }

    /// Whether somebody besides its waiting parent may let a job go on.
    pub(super) fn others_may_resume(&self, job: &Job) -> bool {
        let whole = job.whole.and_then(|whole| self.jobs.get(&whole));
        let is_paused = whole.unwrap_or(job).paused_by_parent;
        let parent = job.parent.filter(|parent| self.jobs.contains_key(parent));
        !is_paused || parent.is_none()
    }

    /// Whether a submission is taken, or a job that wants another attempt later.
    pub(super) fn takes(&self, depth: u16) -> bool {
        match self.stopping {
            Stopping::Open => true,
            Stopping::Draining => depth > 0,
            Stopping::Cancelling | Stopping::Closing => false,
        }
    }

    /// The first job of the tree that a job is or would be part of.
    pub(super) fn root_of(&self, number: u64) -> u64 {
        let job = &self.jobs[&number];
        let whole = job.whole.and_then(|whole| self.jobs.get(&whole));
        let root = job.root.or(whole.and_then(|whole| whole.root));
        root.unwrap_or(number)
    }

    /// A job submits another one: what the machine has to answer.
    pub(super) fn adopt(&mut self, parent: u64, numbers: &Range<u64>) -> Result<u16, TreeLimit> {
        let root = self.root_of(parent);
        let depth = self.job(parent).depth;
        if u64::from(depth) >= self.limits.depth {
            return Err(TreeLimit::Depth);
        }
        self.job(parent).root = Some(root);
        let count = numbers.end - numbers.start;
        let is_limited = self.jobs.contains_key(&root);
        let jobs = self.trees.entry(root).or_insert(1);
        if is_limited && *jobs + count > self.limits.jobs {
            return Err(TreeLimit::Jobs);
        }
        *jobs += count;
        let parent = self.job(parent);
        parent.children.insert(numbers.start);
        parent.had_children = true;
        Ok(depth + 1)
    }
}
