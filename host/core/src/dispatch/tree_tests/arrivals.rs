//! How jobs come in: from the program and from running attempts, one by one and parallel.

use super::effects::Expected;
use super::harness::Harness;
use super::model::{Job, Place};
use crate::dispatch::events::Event;
use crate::dispatch::live::Standing;
use std::collections::BTreeSet;

impl Harness {
    /// A new job, which is not counted yet.
    fn job(&mut self, depth: u16, parent: Option<u64>, how: u16) -> Job {
        let bit = |nth: u16| how >> nth & 1 == 1;
        self.model.last += 1;
        let number = self.model.last;
        Job {
            number,
            bytes: u64::from(how % 40),
            depth,
            priority: i32::from(bit(0)) - i32::from(bit(1)),
            bounded: bit(2).then_some(usize::from(bit(3))),
            group: (bit(4) && bit(5)).then_some(usize::from(bit(6))),
            slotless: bit(7) && bit(8) && bit(9),
            comes_again: false,
            has_afterwards: bit(10),
            is_counted: parent.is_none() && bit(11),
            parent,
            whole: None,
            numbers: number..number + 1,
            items_left: 0,
            children: BTreeSet::new(),
            had_children: false,
            root: None,
            has_started: false,
            paused_by_parent: false,
            place: Place::Queued,
        }
    }

    /// A job, if its parent may have it, with so many items.
    fn new_job(&mut self, parent: Option<u64>, items: u64, how: u16) -> Option<Job> {
        let first = self.model.last + 1;
        let numbers = first..first + 1 + items;
        let Some(parent) = parent else {
            let mut job = self.job(0, None, how);
            job.numbers = numbers;
            return Some(job);
        };
        let at = self.model.seat(parent).at;
        let (limits, due) = (self.model.limits, self.model.adopt(parent, &numbers));
        let adopted = self.machine.adopt(at, numbers.clone(), limits);
        assert_eq!(adopted, due, "a tree has limits");
        let depth = adopted.ok()?;
        let mut job = self.job(depth, Some(parent), how);
        job.root = Some(self.model.root_of(parent));
        job.numbers = numbers;
        Some(job)
    }

    /// A job is submitted: its number, where its tree is not too large.
    pub(super) fn submit(&mut self, parent: Option<u64>, how: u16) -> Option<u64> {
        if parent.is_some() {
            self.check_no_place();
        }
        let job = self.new_job(parent, 0, how)?;
        let number = job.number;
        self.submitted(job);
        Some(number)
    }

    fn submitted(&mut self, job: Job) {
        let (facts, payload) = (job.facts(), job.number);
        let mut expected = Expected::default();
        self.model.submitted(job, &mut expected);
        self.handle(Event::Submitted { facts, payload }, expected);
    }

    fn opened(&mut self, mut job: Job, place: Place) {
        let (number, bytes) = (job.number, job.bytes);
        job.place = place;
        self.model.opened(job);
        self.handle(Event::Opened { number, bytes }, Expected::default());
    }

    /// A parallel job: it is opened, and its items come.
    pub(super) fn submit_parallel(&mut self, parent: Option<u64>, how: u16) {
        let count = 1 + u64::from(how % 3);
        let Some(whole) = self.new_job(parent, count, how) else {
            return;
        };
        let whole = Job {
            bounded: None,
            items_left: count,
            ..whole
        };
        let (depth, number) = (whole.depth, whole.number);
        let group = whole.group;
        self.opened(whole, Place::Gathering);
        let item = self.job(depth, parent, how);
        self.model.last = number + count;
        for nth in number + 1..=number + count {
            self.submitted(Job {
                number: nth,
                numbers: nth..nth + 1,
                group,
                whole: Some(number),
                has_afterwards: false,
                is_counted: false,
                ..item.clone()
            });
        }
    }

    /// A child that cannot be a job ends at once.
    pub(super) fn turned_away(&mut self, parent: u64, how: u16) {
        if let Some(job) = self.new_job(Some(parent), 0, how) {
            self.opened(job, Place::Unanswered(None));
        }
    }

    /// Whether a child would find a place is known before it is submitted.
    fn check_no_place(&self) {
        let live = || self.model.live();
        let is_active = |standing| matches!(standing, Standing::Running | Standing::Returning);
        let active = live().filter(|(_, seat)| is_active(seat.standing)).count();
        let has_none = live().count() >= self.model.live_max && active <= 1;
        assert_eq!(self.machine.has_no_place(), has_none);
    }
}
