//! The end of every run: what can be done by those who are not themselves waiting has to
//! be enough for everything to end.

use super::harness::Harness;
use super::model::{Gate, Job, Place, Stage};
use crate::dispatch::dispatcher::Load;

impl Harness {
    /// Ends what runs or was told to end, lets go on what is not paused by its own
    /// parent, and nothing more, until nothing is left.
    pub(super) fn come_to_the_end(&mut self) {
        while self.ends_one() {}
        let left: Vec<&Job> = self.model.jobs.values().collect();
        assert!(left.is_empty(), "there is no way forward for {left:?}");
        self.deliver(usize::MAX);
        assert!(self.machine.is_idle());
        assert_eq!(self.machine.load, Load::default());
        assert!(!self.machine.is_held());
        assert!(self.machine.trees.is_empty());
        assert!(self.machine.displaced.is_empty());
        let slots = self.model.free.len() + self.model.absent.len();
        assert_eq!(slots, self.slots, "every slot is free");
    }

    /// Does something that is possible; false = nothing is.
    fn ends_one(&mut self) -> bool {
        let unanswered = |job: &Job| matches!(job.place, Place::Unanswered(_));
        if let Some(number) = self.model.pick(0, unanswered) {
            self.answer(number, !self.model.jobs[&number].comes_again);
            return true;
        }
        if !self.model.timers.is_empty() {
            self.due(0);
            return true;
        }
        if self.model.gate == Gate::Asked {
            self.admit();
            return true;
        }
        let may_end = |job: &Job| {
            let seat = job.seat().filter(|seat| seat.is_polled());
            let is_stopped = seat.is_some_and(|seat| seat.told_cancel && !seat.is_shielded);
            let waits = seat.is_some_and(|seat| matches!(seat.stage, Stage::Waits(_)));
            is_stopped || (seat.is_some() && job.is_running() && !waits)
        };
        if let Some(number) = self.model.pick(0, may_end) {
            self.stage_ends(number);
            self.end(number, 1);
            return true;
        }
        let may_enter = |job: &Job| {
            let seat = job.seat().filter(|seat| seat.is_polled());
            let waits = seat.is_some_and(|seat| match seat.stage {
                Stage::Waits(worker) => {
                    self.model.crowd(worker).0 < super::model::RUNNING_MAX[worker]
                }
                Stage::Absent | Stage::Runs(_) => false,
            });
            waits && job.is_running()
        };
        if let Some(number) = self.model.pick(0, may_enter) {
            self.stage_asks(number, 0);
            return true;
        }
        let may_stand_still = |job: &Job| {
            let seat = job.seat().filter(|seat| !seat.is_polled());
            seat.is_some() && job.is_running()
        };
        if let Some(number) = self.model.pick(0, may_stand_still) {
            self.stands_still(number);
            return true;
        }
        let may_go_on = |job: &Job| {
            let is_paused =
                job.place == Place::Paused || job.seat().is_some_and(|seat| seat.is_paused);
            is_paused && self.model.others_may_resume(job)
        };
        if let Some(number) = self.model.pick(0, may_go_on) {
            self.pause(number, false);
            return true;
        }
        false
    }
}
