//! Reads what the machine answered: whoever runs now has to be who is next, one after the
//! other, until nobody who may run waits.

use super::effects::Expected;
use super::model::{Gate, Job, Model, Place, Seat, Stage, Turn};
use crate::dispatch::events::{Actions, Rest, Start, Why};
use crate::dispatch::live::Standing;
use crate::dispatch::slots::SlotId;
use std::collections::VecDeque;

impl Model {
    /// Takes the answer in; anything in it that is not expected fails.
    pub(super) fn read(&mut self, mut actions: Actions<u64>, mut expected: Expected) {
        let rest = actions.take_rest().unwrap_or_default();
        let mut starts: VecDeque<Start<u64>> = actions.start.into_iter().collect();
        let Rest {
            starts: more,
            mut refused,
            mut cancel,
            mut ask,
            mut pause,
            mut unpause,
            go_on,
            mut families,
            mut orphans,
            ask_gates,
            slots_wanted,
            slots_back,
        } = *rest;
        starts.extend(more);
        let mut go_on: VecDeque<_> = go_on.into();
        if let Some(number) = expected.at_once.take() {
            let start = starts.pop_front().expect("who needs no slot starts");
            assert_eq!((start.payload, start.slot), (number, None));
            self.seated(&start);
        }
        let mut asked = false;
        while let Some(number) = self.next(&mut asked) {
            if self.jobs[&number].stands(Standing::Returning) {
                let (at, slot) = go_on.pop_front().expect("who comes back goes on");
                assert_eq!(
                    Some(number),
                    self.on(at),
                    "the first that comes back goes on"
                );
                self.goes_on(number, slot);
            } else {
                let start = starts.pop_front().expect("who may start does");
                assert_eq!(start.payload, number, "the first that waits starts");
                assert_ne!(self.gate, Gate::Asked);
                if self.gate == Gate::Open {
                    self.gate = Gate::Shut;
                }
                self.seated(&start);
            }
        }
        if self.gate == Gate::Open {
            self.gate = Gate::Shut;
        }
        assert!(starts.is_empty(), "nobody else starts");
        assert!(go_on.is_empty(), "nobody else goes on");
        assert_eq!(ask_gates, asked, "gates are asked when they are needed");
        self.displace(&mut expected);
        self.borrow(slots_wanted, slots_back, &mut expected);
        for lists in [&mut refused, &mut expected.refused] {
            lists.sort_unstable_by_key(|(number, _)| *number);
        }
        assert_eq!(refused, expected.refused, "who is refused");
        for lists in [&mut cancel, &mut expected.cancel] {
            lists.sort_unstable_by_key(|(at, _)| *at);
        }
        assert_eq!(cancel, expected.cancel, "who is cancelled");
        for (told, due, what) in [
            (&mut ask, &mut expected.ask, "who is asked to end"),
            (&mut pause, &mut expected.pause, "who is paused"),
            (&mut unpause, &mut expected.unpause, "who is let go on"),
        ] {
            told.sort_unstable();
            due.sort_unstable();
            assert_eq!(told, due, "{what}");
        }
        families.sort_unstable();
        orphans.sort_unstable();
        expected.orphans.sort_unstable();
        assert_eq!(families, expected.families, "whose family is gone");
        assert_eq!(
            orphans, expected.orphans,
            "which parallel jobs are cancelled"
        );
        assert_eq!(
            actions.wake_stages, expected.wake_stages,
            "stages that wait hear of a place"
        );
        assert_eq!(actions.idle, self.load_jobs == 0);
    }

    /// Who is to run next.
    fn next(&mut self, asked: &mut bool) -> Option<u64> {
        let has_slot = !self.free.is_empty();
        let returns = |job: &&Job| {
            job.stands(Standing::Returning)
                && (has_slot || job.slotless)
                && self.worker_has_place(job)
        };
        let returning = self.jobs.values().filter(returns).map(Job::turn).min();
        let mut queued = has_slot.then(|| self.first_queued()).flatten();
        if queued.is_some() && self.gate == Gate::Shut {
            self.gate = Gate::Asked;
            *asked = true;
        }
        if self.gate == Gate::Asked {
            queued = None;
        }
        let next = returning.into_iter().chain(queued).min();
        next.map(|(.., number)| number)
    }

    /// The first of the jobs that wait for a slot only.
    fn first_queued(&self) -> Option<Turn> {
        let waiting = self.jobs.values().filter(|job| job.place == Place::Queued);
        let may_run = waiting.filter(|job| self.has_room(job.depth));
        let may_run = may_run.filter(|job| self.worker_has_place(job));
        may_run.map(Job::turn).min()
    }

    /// A job starts on a loop.
    fn seated(&mut self, start: &Start<u64>) {
        let number = start.payload;
        assert_eq!(self.on(start.at), None, "a loop carries one attempt");
        let job = &self.jobs[&number];
        assert_eq!(job.place, Place::Queued, "who waits starts");
        assert!(self.has_room(job.depth), "places are kept for nested jobs");
        self.take(start.slot, job.slotless);
        self.job(number).place = Place::Live(Seat {
            at: start.at,
            slot: start.slot,
            standing: Standing::Running,
            awaited: Vec::new(),
            timed: None,
            is_cancelled: false,
            is_paused: false,
            is_shielded: false,
            is_late: false,
            told_cancel: false,
            told_pause: false,
            is_afterwards: false,
            stage: Stage::Absent,
        });
        self.started(number);
    }

    fn goes_on(&mut self, number: u64, slot: Option<SlotId>) {
        let slotless = self.jobs[&number].slotless;
        self.take(slot, slotless);
        let seat = self.seat(number);
        assert!(!seat.is_paused, "who is paused does not go on");
        seat.told_pause = false;
        seat.timed = None;
        seat.is_late = false;
        seat.standing = Standing::Running;
        seat.slot = slot;
    }

    fn take(&mut self, slot: Option<SlotId>, slotless: bool) {
        assert_eq!(slot.is_none(), slotless, "who needs a slot has one");
        if let Some(slot) = slot {
            assert!(self.free.remove(&slot), "a slot runs one attempt");
        }
    }

    /// A nested job that would wait for a place for ever is refused.
    fn displace(&mut self, expected: &mut Expected) {
        let is_stuck = |(job, seat): (&Job, &Seat)| match seat.standing {
            Standing::Running | Standing::Returning => false,
            Standing::Waiting => true,
            Standing::Still => !self.others_may_resume(job),
        };
        let is_full = self.live().count() >= self.live_max;
        if !is_full || !self.displaced.is_empty() || !self.live().all(is_stuck) {
            return;
        }
        let nested = self.jobs.values().filter(|job| job.place == Place::Queued);
        let nested = nested.filter(|job| job.depth > 0 && self.worker_has_place(job));
        if let Some((.., number)) = nested.map(Job::turn).min() {
            self.refuse(number, Why::NoPlace, expected);
            self.displaced.insert(number);
        }
    }

    /// More slots are asked for where they would be used, and only then.
    fn borrow(&mut self, told: Option<usize>, back: usize, expected: &mut Expected) {
        let wants = |model: &Model| {
            let returns =
                |job: &Job| job.stands(Standing::Returning) && model.worker_has_place(job);
            model.jobs.values().any(returns) || model.first_queued().is_some()
        };
        let absent = self.absent.len();
        let is_short = absent > 0 && self.free.is_empty();
        if is_short {
            let wanted = if wants(self) { absent } else { 0 };
            assert_eq!(told, Some(wanted), "as many are wanted as can be used");
        }
        if let Some(told) = told {
            self.wanted = told;
        }
        if self.is_borrowing {
            // One is kept for whom the gates are being asked about.
            let asks = self.gate == Gate::Asked && self.first_queued().is_some();
            let mut borrowed: Vec<SlotId> = self.free.iter().copied().collect();
            borrowed.drain(..usize::from(asks).min(borrowed.len()));
            for slot in borrowed.into_iter().filter(|slot| slot.0 != 0) {
                self.free.remove(&slot);
                self.absent.insert(slot);
                expected.slots_back += 1;
            }
        }
        assert_eq!(back, expected.slots_back, "what is not used goes back");
    }
}
