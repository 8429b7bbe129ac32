//! What a test can make happen. A step that makes no sense in the state at hand does
//! nothing.

use super::effects::Expected;
use super::harness::Harness;
use super::model::{GROUPS, Gate, Job, Place, Stage};
use crate::dispatch::events::{Event, Stopping, Target, Why};
use crate::dispatch::lending::Waited;
use crate::dispatch::live::Standing;
use proptest::prelude::*;

/// What is to happen, to whom, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    kind: Kind,
    which: u16,
    how: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Submit,
    SubmitParallel,
    Nested(Nested),
    Ends(Ends),
    Afterwards(Afterwards),
    /// A running job does something to one of its children.
    Parent(Act),
    /// The program does.
    Program(Act),
    CancelGroup,
    Due,
    StandsStill,
    Stop,
    Emit,
    Deliver,
    Answer,
    Admit,
    SlotCame,
    PoolGone,
}

/// What attempts do with jobs of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nested {
    Child,
    Parallel,
    /// A child for whose start it waits.
    InTime,
    /// One that cannot be a job.
    TurnedAway,
    WaitOne,
    WaitAny,
    /// A wait lasts too long.
    Back,
    Withdraw,
}

/// How an attempt may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Over,
    Requeued,
    Delayed,
}

/// What comes after the attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    Begins,
    StageAsks,
    StageEnds,
    Shield,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Pause,
    Resume,
    Cancel,
}

/// How often each happens.
const KINDS: [(usize, Kind); 33] = [
    (10, Kind::Submit),
    (1, Kind::SubmitParallel),
    (16, Kind::Nested(Nested::Child)),
    (4, Kind::Nested(Nested::Parallel)),
    (4, Kind::Nested(Nested::InTime)),
    (1, Kind::Nested(Nested::TurnedAway)),
    (10, Kind::Nested(Nested::WaitOne)),
    (5, Kind::Nested(Nested::WaitAny)),
    (2, Kind::Nested(Nested::Back)),
    (2, Kind::Nested(Nested::Withdraw)),
    (12, Kind::Ends(Ends::Over)),
    (4, Kind::Ends(Ends::Requeued)),
    (3, Kind::Ends(Ends::Delayed)),
    (4, Kind::Afterwards(Afterwards::Begins)),
    (5, Kind::Afterwards(Afterwards::StageAsks)),
    (4, Kind::Afterwards(Afterwards::StageEnds)),
    (1, Kind::Afterwards(Afterwards::Shield)),
    (4, Kind::Parent(Act::Pause)),
    (2, Kind::Parent(Act::Resume)),
    (2, Kind::Parent(Act::Cancel)),
    (3, Kind::Program(Act::Pause)),
    (4, Kind::Program(Act::Resume)),
    (2, Kind::Program(Act::Cancel)),
    (1, Kind::CancelGroup),
    (4, Kind::Due),
    (6, Kind::StandsStill),
    (1, Kind::Stop),
    (4, Kind::Emit),
    (6, Kind::Deliver),
    (4, Kind::Answer),
    (6, Kind::Admit),
    (6, Kind::SlotCame),
    (1, Kind::PoolGone),
];

pub(super) fn step() -> impl Strategy<Value = Step> {
    let kinds = KINDS.iter();
    let kinds: Vec<Kind> = kinds
        .flat_map(|(weight, kind)| std::iter::repeat_n(*kind, *weight))
        .collect();
    (proptest::sample::select(kinds), any::<u16>(), any::<u16>())
        .prop_map(|(kind, which, how)| Step { kind, which, how })
}

impl Harness {
    pub(super) fn take(&mut self, step: Step) {
        let Step { kind, which, how } = step;
        match kind {
            Kind::Submit => drop(self.submit(None, how)),
            Kind::SubmitParallel => self.submit_parallel(None, how),
            Kind::Nested(what) => self.nested(what, which, how),
            Kind::Ends(what) => self.ends(what, which, how),
            Kind::Afterwards(what) => self.afterwards(what, which, how),
            Kind::Parent(act) => self.parent_acts(act, which, how),
            Kind::Program(act) => self.program_acts(act, which, how),
            Kind::CancelGroup => {
                let group = GROUPS[usize::from(how % 2)];
                self.cancel(Target::Group(group.into()), how.is_multiple_of(8));
            }
            Kind::Due => self.due(usize::from(which)),
            Kind::StandsStill => {
                let was_told = |job: &Job| job.seat().is_some_and(|seat| seat.told_pause);
                if let Some(number) = self.model.pick(which, was_told) {
                    self.stands_still(number);
                }
            }
            Kind::Stop => {
                // Most runs are to see few stops.
                match how % 16 {
                    0 => self.stop(Stopping::Closing),
                    1 | 2 => self.stop(Stopping::Cancelling),
                    3..6 => self.stop(Stopping::Draining),
                    _ => {}
                }
            }
            Kind::Emit => self.emit(which, u64::from(how % 40)),
            Kind::Deliver => self.deliver(usize::from(how % 4)),
            Kind::Answer => {
                let unanswered = |job: &Job| matches!(job.place, Place::Unanswered(_));
                if let Some(number) = self.model.pick(which, unanswered) {
                    self.answer(number, how % 2 == 0);
                }
            }
            Kind::Admit => self.admit(),
            Kind::SlotCame => self.slot_came(how % 8 == 0),
            Kind::PoolGone if how % 8 == 0 => self.pool_gone(),
            Kind::PoolGone => {}
        }
    }

    /// What a running attempt does with jobs of its own.
    fn nested(&mut self, what: Nested, which: u16, how: u16) {
        let model = &self.model;
        let waits = |job: &Job| {
            job.seat()
                .is_some_and(|seat| seat.standing == Standing::Waiting && seat.timed.is_none())
        };
        let has_timer = |job: &Job| {
            let seat = job.seat();
            seat.is_some_and(|seat| seat.timed.is_some() && seat.standing != Standing::Still)
        };
        let who = match what {
            Nested::Back => model.pick(which, waits),
            Nested::Withdraw => model.pick(which, has_timer),
            Nested::WaitOne | Nested::WaitAny => {
                model.pick(which, |job| job.is_in_attempt() && !job.children.is_empty())
            }
            Nested::Child | Nested::Parallel | Nested::InTime | Nested::TurnedAway => {
                model.pick(which, Job::is_in_attempt)
            }
        };
        let Some(number) = who else {
            return;
        };
        match what {
            Nested::Child => drop(self.submit(Some(number), how)),
            Nested::Parallel => self.submit_parallel(Some(number), how),
            Nested::InTime => self.submit_in_time(number, how),
            Nested::TurnedAway => self.turned_away(number, how),
            Nested::WaitOne => self.wait(number, 1, how),
            Nested::WaitAny => self.wait(number, 3, how),
            Nested::Back => self.back(number),
            Nested::Withdraw => self.withdraw(number),
        }
    }

    /// An attempt waits for some of its children; now and then one of them is over.
    fn wait(&mut self, number: u64, most: usize, how: u16) {
        let job = &self.model.jobs[&number];
        let children = job.children.iter().copied();
        let nth = usize::from(how) % job.children.len();
        let mut jobs: Vec<u64> = children.skip(nth).take(most).collect();
        if how.is_multiple_of(16) {
            jobs.push(0);
        }
        let is_paused = |number: &u64| self.model.jobs[number].paused_by_parent;
        let is_over = |number: &u64| !self.model.jobs.contains_key(number);
        let waits = !jobs.iter().any(is_over) && !jobs.iter().all(is_paused);
        self.waits(number, jobs, waits, false);
    }

    fn submit_in_time(&mut self, number: u64, how: u16) {
        if let Some(child) = self.submit(Some(number), how) {
            // It is over already where it was refused.
            let job = self.model.jobs.get(&child);
            let waits = job.is_some_and(|job| !job.has_started);
            self.waits(number, vec![child], waits, true);
        }
    }

    fn waits(&mut self, number: u64, jobs: Vec<u64>, waits: bool, is_timed: bool) {
        let at = self.model.seat(number).at;
        let (waited, actions) = if is_timed {
            self.machine.wait_for_start(at, jobs[0])
        } else {
            self.machine.wait(at, &jobs)
        };
        let due = if waits { Waited::Lent } else { Waited::Not };
        assert_eq!(waited, due, "an attempt waits for what comes");
        if waits {
            let mut expected = Expected::default();
            self.model
                .step_aside(number, Standing::Waiting, &mut expected);
            let seat = self.model.seat(number);
            seat.timed = is_timed.then(|| jobs[0]);
            seat.awaited = jobs;
            self.answered(actions, expected);
        }
    }

    /// An attempt ends, whatever it is doing.
    fn ends(&mut self, what: Ends, which: u16, how: u16) {
        let may_end = |job: &Job| {
            let seat = job.seat().filter(|seat| seat.is_polled());
            // Only who has no slot asks for another one; now and then it has just come.
            let is_lent = |job: &Job| !job.is_running() || how.is_multiple_of(8);
            seat.is_some_and(|seat| {
                (what == Ends::Over || !seat.is_afterwards)
                    && (what != Ends::Delayed || !job.comes_again)
                    && (what != Ends::Requeued || is_lent(job))
            })
        };
        let Some(number) = self.model.pick(which, may_end) else {
            return;
        };
        self.stage_ends(number);
        let comes_again = self.model.jobs[&number].comes_again || how % 16 > 7;
        match what {
            Ends::Requeued => self.requeue(number, comes_again),
            Ends::Delayed => self.delay(number),
            Ends::Over => self.end(number, u64::from(how % 40)),
        }
    }

    /// What comes after the attempts of a job.
    fn afterwards(&mut self, what: Afterwards, which: u16, how: u16) {
        let fits = |job: &Job| {
            let seat = job.seat().filter(|_| job.is_running());
            seat.is_some_and(|seat| match what {
                Afterwards::Begins => !seat.is_afterwards,
                Afterwards::StageEnds => matches!(seat.stage, Stage::Runs(_)),
                Afterwards::Shield => seat.is_afterwards && seat.stage == Stage::Absent,
                Afterwards::StageAsks => {
                    let is_free = !matches!(seat.stage, Stage::Runs(_));
                    seat.is_afterwards && is_free && !seat.is_shielded
                }
            })
        };
        let Some(number) = self.model.pick(which, fits) else {
            return;
        };
        match what {
            Afterwards::Begins => self.attempts_over(number),
            Afterwards::StageEnds => self.stage_ends(number),
            Afterwards::Shield => self.shield(number),
            Afterwards::StageAsks => self.stage_asks(number, usize::from(how % 2)),
        }
    }

    /// What a running attempt does to one of its children.
    fn parent_acts(&mut self, act: Act, which: u16, how: u16) {
        let is_parent = |job: &Job| job.is_in_attempt() && !job.children.is_empty();
        let Some(parent) = self.model.pick(which, is_parent) else {
            return;
        };
        let children = &self.model.jobs[&parent].children;
        let nth = usize::from(how) % children.len();
        let child = *children.iter().nth(nth).expect("there are so many");
        match act {
            Act::Cancel => self.cancel_numbers(child, how.is_multiple_of(4)),
            Act::Resume => self.parent_pauses(child, false),
            Act::Pause => self.parent_pauses(child, true),
        }
    }

    fn parent_pauses(&mut self, child: u64, is_paused: bool) {
        self.machine.paused_by_parent(child, is_paused);
        self.model.job(child).paused_by_parent = is_paused;
        self.pause(child, is_paused);
    }

    /// What the program does to a job, and to others.
    fn program_acts(&mut self, act: Act, which: u16, how: u16) {
        let Some(number) = self.model.pick(which, |_| true) else {
            return;
        };
        match act {
            Act::Pause => self.pause(number, true),
            Act::Resume => self.pause(number, false),
            Act::Cancel if how.is_multiple_of(8) => {
                let end = number + 1 + u64::from(how % 3);
                self.cancel(Target::Numbers(number..end), false);
            }
            Act::Cancel => self.cancel_numbers(number, how % 4 == 1),
        }
    }

    fn cancel_numbers(&mut self, number: u64, gently: bool) {
        let numbers = self.model.jobs[&number].numbers.clone();
        self.cancel(Target::Numbers(numbers), gently);
    }

    fn cancel(&mut self, target: Target, gently: bool) {
        let mut expected = Expected::default();
        if let Target::Numbers(numbers) = &target
            && let Some(job) = self.model.jobs.get_mut(&numbers.start)
        {
            job.paused_by_parent = false;
        }
        let is_meant = |job: &Job| target.means(&job.facts());
        let why = Why::Cancelled;
        self.model.cancel(is_meant, why, gently, &mut expected);
        let event = Event::Cancel {
            target,
            why,
            gently,
        };
        self.handle(event, expected);
    }

    /// The gates let a job start.
    pub(super) fn admit(&mut self) {
        if self.model.gate == Gate::Asked {
            self.model.gate = Gate::Open;
            self.handle(Event::Admitted, Expected::default());
        }
    }
}
