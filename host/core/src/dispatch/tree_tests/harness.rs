//! Hands the machine what the hub could hand it, and the model the same.

use super::effects::Expected;
use super::model::{Job, Model, Place, RUNNING_MAX, Shape, Stage};
use crate::dispatch::dispatcher::{Capacity, Dispatcher};
use crate::dispatch::events::{Actions, Event, HighWater, Stopping, Target, Why};
use crate::dispatch::live::Standing;
use crate::dispatch::slots::SlotId;

/// Low, so that the producer is held now and then.
pub(super) const SMALL: HighWater = HighWater {
    jobs: 8,
    bytes: 200,
};

/// The machine and the model.
pub(super) struct Harness {
    pub(super) machine: Dispatcher<u64>,
    pub(super) model: Model,
    pub(super) slots: usize,
    is_prompt: bool,
}

impl Harness {
    pub(super) fn new(shape: Shape) -> Harness {
        let machine = Dispatcher::new(Capacity {
            slots: shape.slots,
            is_borrowing: shape.is_borrowing,
            live: shape.slots + shape.spare,
            running_max: &RUNNING_MAX,
            high_water: SMALL,
            is_gated: shape.is_gated,
        });
        Harness {
            machine,
            model: Model::new(shape),
            slots: shape.slots,
            is_prompt: shape.is_prompt,
        }
    }

    /// The machine hears of something that the model has taken in.
    pub(super) fn handle(&mut self, event: Event<u64>, expected: Expected) {
        let was_held = self.machine.is_held();
        let actions = self.machine.handle(event);
        let is_let_go = was_held && !self.machine.is_held();
        assert_eq!(actions.resume_producer, is_let_go, "who is let go hears it");
        self.answered(actions, expected);
    }

    pub(super) fn answered(&mut self, actions: Actions<u64>, expected: Expected) {
        self.model.read(actions, expected);
        self.check();
        if self.is_prompt {
            self.answer_all();
        }
    }

    /// Answers everything that is refused.
    pub(super) fn answer_all(&mut self) {
        let unanswered = |job: &Job| matches!(job.place, Place::Unanswered(_));
        while let Some(number) = self.model.pick(0, unanswered) {
            self.answer(number, !self.model.jobs[&number].comes_again);
        }
    }

    pub(super) fn back(&mut self, number: u64) {
        let seat = self.model.seat(number);
        let at = seat.at;
        seat.is_late |= seat.standing == Standing::Waiting;
        self.model.back(number);
        self.handle(Event::Back { at }, Expected::default());
    }

    /// The child whose start is awaited is not wanted any more.
    pub(super) fn withdraw(&mut self, number: u64) {
        let Some(child) = self.model.seat(number).timed else {
            return;
        };
        let mut expected = Expected::default();
        let is_waiting = |job: &&Job| matches!(job.place, Place::Queued | Place::Paused);
        let job = self.model.jobs.get(&child).filter(is_waiting);
        let is_withdrawn = job.is_some_and(|job| !job.has_started);
        if is_withdrawn {
            let seat = self.model.seat(number);
            seat.is_late |= seat.standing == Standing::Waiting;
            self.model.refuse(child, Why::Withdrawn, &mut expected);
        }
        self.handle(Event::Withdraw { number: child }, expected);
    }

    pub(super) fn end(&mut self, number: u64, outcome_bytes: u64) {
        let at = self.model.seat(number).at;
        let mut expected = Expected::default();
        self.model.leave(number, &mut expected);
        let outcome_bytes = self.ended(number, outcome_bytes, &mut expected);
        self.handle(Event::Ended { at, outcome_bytes }, expected);
    }

    fn ended(&mut self, number: u64, bytes: u64, expected: &mut Expected) -> Option<u64> {
        let outcome_bytes = self.model.job(number).is_counted.then_some(bytes);
        self.model.replace(number, outcome_bytes);
        self.model.over(number, expected);
        outcome_bytes
    }

    /// Ends a job that was refused, or has it come for what is after its attempts.
    pub(super) fn answer(&mut self, number: u64, may_come_again: bool) {
        let job = &self.model.jobs[&number];
        let why = match job.place {
            Place::Unanswered(why) => why,
            Place::Queued | Place::Delayed | Place::Paused | Place::Live(_) | Place::Gathering => {
                return;
            }
        };
        let is_final = matches!(why, Some(Why::NoPlace | Why::Withdrawn));
        let comes_again = may_come_again && job.has_afterwards && !is_final;
        let mut expected = Expected::default();
        // Somebody may have closed the host in between, as long as it is for the first time.
        if comes_again && (self.model.stopping < Stopping::Closing || !job.comes_again) {
            let job = self.model.job(number);
            (job.comes_again, job.bounded) = (true, None);
            let (facts, payload) = (job.facts(), number);
            let children = job.children.clone();
            self.model.orphan(children, &mut expected);
            self.model.queue(number, &mut expected);
            return self.handle(Event::Again { facts, payload }, expected);
        }
        let bytes = job.bytes;
        let outcome_bytes = self.ended(number, 1, &mut expected);
        let event = Event::Closed {
            number,
            bytes,
            outcome_bytes,
        };
        self.handle(event, expected);
    }

    pub(super) fn requeue(&mut self, number: u64, comes_again: bool) {
        let at = self.model.seat(number).at;
        let mut expected = Expected::default();
        self.model.requeued(number, comes_again, &mut expected);
        let event = Event::Requeued {
            at,
            comes_again,
            payload: number,
        };
        self.handle(event, expected);
    }

    pub(super) fn delay(&mut self, number: u64) {
        let at = self.model.seat(number).at;
        let mut expected = Expected::default();
        self.model.delayed(number, &mut expected);
        let payload = number;
        self.handle(Event::Delayed { at, payload }, expected);
    }

    /// The time of a job has come that was delayed, and may not be any more.
    pub(super) fn due(&mut self, which: usize) {
        let count = self.model.timers.len();
        let Some(nth) = which.checked_rem(count) else {
            return;
        };
        let number = self.model.timers.swap_remove(nth);
        if let Some(job) = self.model.jobs.get_mut(&number)
            && job.place == Place::Delayed
        {
            job.place = Place::Queued;
        }
        self.handle(Event::Due { number }, Expected::default());
    }

    pub(super) fn attempts_over(&mut self, number: u64) {
        let at = self.model.seat(number).at;
        let mut expected = Expected::default();
        self.model.attempts_over(number, &mut expected);
        self.handle(Event::AttemptsOver { at }, expected);
    }

    /// A stage wants a place, for the first time or once more.
    pub(super) fn stage_asks(&mut self, number: u64, worker: usize) {
        let before = self.model.seat(number).stage;
        let worker = match before {
            Stage::Waits(worker) | Stage::Runs(worker) => worker,
            Stage::Absent => worker,
        };
        let enters = self.model.crowd(worker).0 < RUNNING_MAX[worker];
        let entered = self.machine.enter(worker as u32);
        assert_eq!(entered, enters, "a stage runs when its worker has a place");
        let waits = !enters;
        self.model.seat(number).stage = if enters {
            Stage::Runs(worker)
        } else {
            Stage::Waits(worker)
        };
        if waits != (before != Stage::Absent) {
            let worker = worker as u32;
            self.handle(Event::Waits { worker, waits }, Expected::default());
        }
    }

    /// The stage of a job is over, or is given up.
    pub(super) fn stage_ends(&mut self, number: u64) {
        let stage = std::mem::replace(&mut self.model.seat(number).stage, Stage::Absent);
        let mut expected = Expected::default();
        let event = match stage {
            Stage::Absent => return,
            Stage::Waits(worker) => Event::Waits {
                worker: worker as u32,
                waits: false,
            },
            Stage::Runs(worker) => {
                self.model.wake(Some(worker), &mut expected);
                Event::Left {
                    worker: worker as u32,
                }
            }
        };
        self.handle(event, expected);
    }

    pub(super) fn shield(&mut self, number: u64) {
        let may_run = self.model.stopping < Stopping::Closing;
        let seat = self.model.seat(number);
        seat.is_shielded = may_run;
        if may_run {
            // The hub clears the loop.
            seat.told_cancel = false;
        }
        assert_eq!(self.machine.shield(seat.at), may_run);
    }

    /// Somebody has a job stand still, or go on.
    pub(super) fn pause(&mut self, number: u64, is_paused: bool) {
        let numbers = self.model.jobs[&number].numbers.clone();
        let target = Target::Numbers(numbers.clone());
        let is_meant = |job: &Job| numbers.contains(&job.number);
        let mut expected = Expected::default();
        let event = if is_paused {
            self.model.pause(is_meant, &mut expected);
            Event::Pause(target)
        } else {
            self.model.job(number).paused_by_parent = false;
            self.model.resume(is_meant, &mut expected);
            Event::Resume(target)
        };
        self.handle(event, expected);
    }

    pub(super) fn stands_still(&mut self, number: u64) {
        let at = self.model.seat(number).at;
        let mut expected = Expected::default();
        self.model.stands_still(number, &mut expected);
        self.handle(Event::StandsStill { at }, expected);
    }

    pub(super) fn stop(&mut self, stopping: Stopping) {
        let mut expected = Expected::default();
        self.model.stop(stopping, &mut expected);
        self.handle(Event::Stop(stopping), expected);
    }

    /// A running attempt emits a value.
    pub(super) fn emit(&mut self, which: u16, bytes: u64) {
        if self.model.pick(which, Job::is_in_attempt).is_some() {
            self.model.emitted += bytes;
            self.model.load_bytes += bytes;
            self.handle(Event::Emitted { bytes }, Expected::default());
            let is_high = self.model.load_bytes >= SMALL.bytes;
            assert!(!is_high || self.machine.is_held(), "values hold, too");
        }
    }

    pub(super) fn deliver(&mut self, count: usize) {
        let count = count.min(self.model.undelivered.len());
        let bytes: u64 = self.model.undelivered.drain(..count).sum();
        let bytes = bytes + std::mem::take(&mut self.model.emitted);
        self.model.load_jobs -= count as u64;
        self.model.load_bytes -= bytes;
        let outcomes = count as u64;
        self.handle(Event::Delivered { outcomes, bytes }, Expected::default());
    }

    /// A slot is borrowed: one that is wanted, or one that is not any more.
    pub(super) fn slot_came(&mut self, is_late: bool) {
        if !self.model.is_borrowing || (self.model.wanted == 0 && !is_late) {
            return;
        }
        let mut expected = Expected::default();
        self.model.wanted = self.model.wanted.saturating_sub(1);
        match self.model.absent.pop_first() {
            Some(slot) => drop(self.model.free.insert(slot)),
            None => expected.slots_back = 1,
        }
        self.handle(Event::SlotCame, expected);
    }

    pub(super) fn pool_gone(&mut self) {
        if self.model.is_borrowing {
            self.model.is_borrowing = false;
            let absent: Vec<SlotId> = std::mem::take(&mut self.model.absent).into_iter().collect();
            self.model.free.extend(absent);
            self.handle(Event::PoolGone, Expected::default());
        }
    }
}
