//! What events do to the model, and what the machine has to tell because of them.

use super::model::{Gate, Job, Model, Place, Stage};
use crate::dispatch::events::{Stopping, Why};
use crate::dispatch::live::{LoopId, Standing};

/// What the machine has to tell besides who runs now.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// A job that starts at once, whoever waits.
    pub(super) at_once: Option<u64>,
    pub(super) refused: Vec<(u64, Why)>,
    pub(super) cancel: Vec<(LoopId, Why)>,
    pub(super) ask: Vec<LoopId>,
    pub(super) pause: Vec<LoopId>,
    pub(super) unpause: Vec<LoopId>,
    pub(super) families: Vec<u64>,
    pub(super) orphans: Vec<u64>,
    pub(super) wake_stages: bool,
    pub(super) slots_back: usize,
}

impl Model {
    /// A job waits for a slot, unless what stops the host stops it too.
    pub(super) fn queue(&mut self, number: u64, expected: &mut Expected) {
        if self.stopping < Stopping::Closing {
            self.job(number).place = Place::Queued;
        } else {
            self.refuse(number, Why::Cancelled, expected);
        }
    }

    pub(super) fn refuse(&mut self, number: u64, why: Why, expected: &mut Expected) {
        self.job(number).place = Place::Unanswered(Some(why));
        expected.refused.push((number, why));
    }

    /// A job comes in.
    pub(super) fn submitted(&mut self, job: Job, expected: &mut Expected) {
        let (number, depth) = (job.number, job.depth);
        self.load_jobs += 1;
        self.load_bytes += job.bytes;
        let at_once = job.slotless
            && self.has_room(depth)
            && self.worker_has_place(&job)
            && self.gate == Gate::Absent;
        self.jobs.insert(number, job);
        if !self.takes(depth) {
            self.refuse(number, Why::Cancelled, expected);
        } else if at_once {
            expected.at_once = Some(number);
        }
    }

    /// A job comes in that needs no slot, or none yet.
    pub(super) fn opened(&mut self, job: Job) {
        self.load_jobs += 1;
        self.load_bytes += job.bytes;
        let number = job.number;
        self.jobs.insert(number, job);
        self.started(number);
    }

    pub(super) fn started(&mut self, number: u64) {
        self.job(number).has_started = true;
        let waits = |job: &Job| {
            job.seat()
                .is_some_and(|seat| seat.timed == Some(number) && seat.awaited == [number])
        };
        let waiting = self.jobs.values().filter(|job| waits(job));
        let waiting: Vec<u64> = waiting.map(|job| job.number).collect();
        for waiter in waiting {
            self.back(waiter);
        }
    }

    /// An attempt has waited long enough.
    pub(super) fn back(&mut self, number: u64) {
        let seat = self.seat(number);
        if seat.standing == Standing::Waiting {
            seat.awaited.clear();
            seat.standing = if seat.is_paused {
                Standing::Still
            } else {
                Standing::Returning
            };
        }
    }

    /// Gives up the slot and the worker's place of an attempt that runs.
    pub(super) fn step_aside(&mut self, number: u64, to: Standing, expected: &mut Expected) {
        let seat = self.seat(number);
        let before = std::mem::replace(&mut seat.standing, to);
        let slot = seat.slot.take();
        self.free.extend(slot);
        if before == Standing::Running {
            self.wake(self.jobs[&number].bounded, expected);
        }
    }

    /// A place among a bounded worker's is free.
    pub(super) fn wake(&mut self, worker: Option<usize>, expected: &mut Expected) {
        expected.wake_stages |= worker.is_some_and(|worker| self.crowd(worker).1 > 0);
    }

    /// An attempt leaves its loop.
    pub(super) fn leave(&mut self, number: u64, expected: &mut Expected) {
        assert_eq!(self.seat(number).stage, Stage::Absent);
        self.step_aside(number, Standing::Still, expected);
    }

    /// A job leaves the load.
    pub(super) fn replace(&mut self, number: u64, outcome_bytes: Option<u64>) {
        self.load_bytes -= self.job(number).bytes;
        match outcome_bytes {
            Some(bytes) => {
                self.load_bytes += bytes;
                self.undelivered.push(bytes);
            }
            None => self.load_jobs -= 1,
        }
    }

    /// A job is over.
    pub(super) fn over(&mut self, number: u64, expected: &mut Expected) {
        let job = self.jobs.remove(&number).expect("it was not over");
        self.displaced.remove(&number);
        if let Some(parent) = job.parent.and_then(|parent| self.jobs.get_mut(&parent)) {
            parent.children.remove(&number);
        }
        if let Some(whole) = job.whole.and_then(|whole| self.jobs.get_mut(&whole)) {
            whole.items_left -= 1;
            if whole.items_left == 0 {
                whole.place = Place::Unanswered(None);
            }
        }
        let waits = |job: &Job| {
            job.seat()
                .is_some_and(|seat| seat.awaited.contains(&number))
        };
        let waiting = self.jobs.values().filter(|job| waits(job));
        let waiting: Vec<u64> = waiting.map(|job| job.number).collect();
        for waiter in waiting {
            self.back(waiter);
        }
        if job.had_children {
            expected.families.push(number);
        }
        self.orphan(job.children, expected);
    }

    pub(super) fn orphan(
        &mut self,
        children: impl IntoIterator<Item = u64>,
        expected: &mut Expected,
    ) {
        for child in children {
            let numbers = self.job(child).numbers.clone();
            if numbers.end - numbers.start > 1 {
                expected.orphans.push(child);
            }
            let is_meant = |job: &Job| numbers.contains(&job.number);
            self.job(child).paused_by_parent = false;
            self.cancel(is_meant, Why::ParentEnded, false, expected);
        }
    }

    pub(super) fn cancel(
        &mut self,
        is_meant: impl Fn(&Job) -> bool,
        why: Why,
        gently: bool,
        expected: &mut Expected,
    ) {
        for job in self.jobs.values_mut().filter(|job| is_meant(job)) {
            match &mut job.place {
                Place::Queued | Place::Delayed | Place::Paused => {
                    job.paused_by_parent = false;
                    job.place = Place::Unanswered(Some(why));
                    expected.refused.push((job.number, why));
                }
                Place::Live(seat) => {
                    job.paused_by_parent = false;
                    seat.is_cancelled = true;
                    if seat.is_shielded {
                    } else if gently && !seat.is_paused {
                        expected.ask.push(seat.at);
                    } else {
                        seat.told_cancel = true;
                        expected.cancel.push((seat.at, why));
                    }
                }
                Place::Gathering | Place::Unanswered(_) => {}
            }
        }
    }

    pub(super) fn stop(&mut self, stopping: Stopping, expected: &mut Expected) {
        if stopping <= self.stopping {
            return;
        }
        self.stopping = stopping;
        let everything = stopping >= Stopping::Cancelling;
        for job in self.jobs.values_mut() {
            let is_meant = match &mut job.place {
                Place::Queued => everything || (job.depth == 0 && !job.comes_again),
                Place::Delayed | Place::Paused => everything || job.depth == 0,
                Place::Live(seat) => {
                    if everything && (stopping == Stopping::Closing || !seat.is_shielded) {
                        seat.told_cancel = true;
                        expected.cancel.push((seat.at, Why::Cancelled));
                    }
                    false
                }
                Place::Gathering | Place::Unanswered(_) => false,
            };
            if is_meant {
                job.place = Place::Unanswered(Some(Why::Cancelled));
                expected.refused.push((job.number, Why::Cancelled));
            }
        }
    }

    pub(super) fn pause(&mut self, is_meant: impl Fn(&Job) -> bool, expected: &mut Expected) {
        for job in self.jobs.values_mut().filter(|job| is_meant(job)) {
            match &mut job.place {
                Place::Queued | Place::Delayed => job.place = Place::Paused,
                Place::Live(seat) if !seat.is_paused && !seat.is_afterwards => {
                    seat.is_paused = true;
                    seat.told_pause = true;
                    if seat.standing == Standing::Returning {
                        seat.standing = Standing::Still;
                    }
                    expected.pause.push(seat.at);
                }
                Place::Live(_) | Place::Paused | Place::Gathering | Place::Unanswered(_) => {}
            }
        }
    }

    pub(super) fn resume(&mut self, is_meant: impl Fn(&Job) -> bool, expected: &mut Expected) {
        for job in self.jobs.values_mut().filter(|job| is_meant(job)) {
            match &mut job.place {
                Place::Paused => job.place = Place::Queued,
                Place::Live(seat) if seat.is_paused => {
                    seat.is_paused = false;
                    if seat.standing == Standing::Still {
                        seat.standing = Standing::Returning;
                    } else {
                        seat.told_pause = false;
                        expected.unpause.push(seat.at);
                    }
                }
                Place::Live(_)
                | Place::Queued
                | Place::Delayed
                | Place::Gathering
                | Place::Unanswered(_) => {}
            }
        }
    }

    /// The loop of an attempt that was to stand still polls it no more.
    pub(super) fn stands_still(&mut self, number: u64, expected: &mut Expected) {
        let seat = self.seat(number);
        if !seat.is_paused {
            seat.told_pause = false;
            return expected.unpause.push(seat.at);
        }
        match seat.standing {
            Standing::Running => self.step_aside(number, Standing::Still, expected),
            Standing::Returning => seat.standing = Standing::Still,
            Standing::Waiting | Standing::Still => {}
        }
    }

    /// The attempts of a job are over.
    pub(super) fn attempts_over(&mut self, number: u64, expected: &mut Expected) {
        let seat = self.seat(number);
        seat.is_afterwards = true;
        seat.told_pause = false;
        if std::mem::take(&mut seat.is_paused) {
            expected.unpause.push(seat.at);
        }
        let worker = self.job(number).bounded.take();
        self.wake(worker, expected);
        let children = self.job(number).children.clone();
        self.orphan(children, expected);
    }

    /// A job that lost its slot needs another one.
    pub(super) fn requeued(&mut self, number: u64, comes_again: bool, expected: &mut Expected) {
        self.leave(number, expected);
        let seat = self.seat(number).clone();
        let is_cancelled = seat.is_cancelled || self.stopping >= Stopping::Cancelling;
        if comes_again {
            self.job(number).comes_again = true;
            self.job(number).bounded = None;
            let children = self.job(number).children.clone();
            self.orphan(children, expected);
        } else if is_cancelled {
            return self.refuse(number, Why::Cancelled, expected);
        } else {
            self.children_go_on(number, expected);
        }
        if seat.is_paused && !is_cancelled {
            self.job(number).place = Place::Paused;
        } else {
            self.queue(number, expected);
        }
    }

    /// Between two attempts of a job what it paused goes on.
    fn children_go_on(&mut self, number: u64, expected: &mut Expected) {
        for child in self.job(number).children.clone() {
            let child = self.job(child);
            if std::mem::take(&mut child.paused_by_parent) {
                let numbers = child.numbers.clone();
                self.resume(|job| numbers.contains(&job.number), expected);
            }
        }
    }

    /// A job waits for the time of its next attempt.
    pub(super) fn delayed(&mut self, number: u64, expected: &mut Expected) {
        self.leave(number, expected);
        let seat = self.seat(number).clone();
        let depth = self.job(number).depth;
        if !self.takes(depth) || seat.is_cancelled {
            return self.refuse(number, Why::Cancelled, expected);
        }
        self.children_go_on(number, expected);
        self.timers.push(number);
        self.job(number).place = if seat.is_paused {
            Place::Paused
        } else {
            Place::Delayed
        };
    }
}
