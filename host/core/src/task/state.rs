//! Where a job stands between its attempts, and whether there is another one.
//!
//! It is pure: what happened comes in, what to do goes out; time and jitter come in
//! as data. Rows are phases, columns events, cells what [`TaskState::next`] answers and
//! the phase after it; `–` = it cannot happen and changes nothing.
//!
//! | phase   | started       | ended: final    | ended: again at once | ended: again later | due          | cancelled       |
//! |---------|---------------|-----------------|----------------------|--------------------|--------------|-----------------|
//! | queued  | run, running  | –               | –                    | –                  | –            | finish, done    |
//! | running | –             | finish, done    | again, queued        | wait, delayed      | –            | –               |
//! | delayed | –             | –               | –                    | –                  | –, queued    | finish, done    |
//! | done    | –             | –               | –                    | –                  | –            | –               |
//!
//! A running job that is cancelled ends with its attempt, whose end is final. A fault of the
//! host is an end after which there is another attempt at once, three times in a job's life.

use super::retry::{Retries, Retry, RetryClass};
use super::status::Reason;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU64;
use std::time::Duration;

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It waits for a slot.
    Queued,
    /// An attempt runs.
    Running,
    /// It waits for its time.
    Delayed,
    /// It has ended.
    Done,
}

/// What happened to a job.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    /// It has a slot.
    Started,
    /// Its attempt ended.
    Ended(End),
    /// Its time has come.
    Due,
    /// It was stopped while no attempt ran.
    Cancelled,
}

/// What decides about the end of an attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) reason: Reason,
    /// What tells the place of a trap.
    pub(crate) place: Option<u64>,
    /// Whether another attempt may go another way: the carried state is another one than at
    /// the attempt's start, or others had part in its end.
    pub(crate) may_differ: bool,
    /// A random number for the backoff.
    pub(crate) jitter: u32,
    /// Somebody wants the job to end.
    pub(crate) is_stopped: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Start an attempt, now.
    Run,
    /// Another attempt may start at once, on the same slot.
    Again,
    /// Give the slot back and come again after this time.
    Wait(Duration),
    /// The job is over.
    Finish(Over),
    /// Nothing.
    Nothing,
}

/// Why there is no other attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// The end is one after which there is none.
    Final,
    /// None is left.
    NoneLeft,
    /// There would be one if nobody had stopped the job.
    Stopped,
    /// The same trap as before, with nothing changed: another one would be the same.
    SameTrap,
}

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskState {
    phase: Phase,
    /// How many attempts were started.
    attempts: u32,
    /// How many of them a fault of the host ended and were made up for.
    faults: u8,
    /// What tells the kind and the place of the latest trap.
    trap: Option<NonZeroU64>,
}

impl TaskState {
    pub(crate) const NEW: TaskState = TaskState {
        phase: Phase::Queued,
        attempts: 0,
        faults: 0,
        trap: None,
    };

    /// A job that comes from an earlier host, after so many attempts, of which so many were lost
    /// with their host. What its last trap was is not known.
    pub(crate) fn recovered(attempts: u32, lost: u32) -> TaskState {
        TaskState {
            attempts,
            faults: u8::try_from(lost).unwrap_or(u8::MAX),
            ..TaskState::NEW
        }
    }

    /// How many attempts were started.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How many restarts are left; `None` = without end.
    pub(crate) fn retries_left(&self, retry: &Retry) -> Option<u32> {
        let used = self.attempts.saturating_sub(1 + u32::from(self.faults));
        retry
            .retries
            .count()
            .map(|count| count.saturating_sub(used))
    }

    /// Takes an event and says what to do; see the table.
    pub(crate) fn next(&mut self, event: Event, retry: &Retry) -> Step {
        match (self.phase, event) {
            (Phase::Queued, Event::Started) => self.run(),
            (Phase::Running, Event::Ended(end)) => self.ended(end, retry),
            (Phase::Delayed, Event::Due) => {
                self.phase = Phase::Queued;
                Step::Nothing
            }
            (Phase::Queued | Phase::Delayed, Event::Cancelled) => self.finish(Over::Final),
            (Phase::Queued, Event::Ended(_) | Event::Due)
            | (Phase::Running, Event::Started | Event::Due | Event::Cancelled)
            | (Phase::Delayed, Event::Started | Event::Ended(_))
            | (Phase::Done, _) => Step::Nothing,
        }
    }

    fn run(&mut self) -> Step {
        self.phase = Phase::Running;
        self.attempts = self.attempts.saturating_add(1);
        Step::Run
    }

    fn finish(&mut self, over: Over) -> Step {
        self.phase = Phase::Done;
        Step::Finish(over)
    }

    fn ended(&mut self, end: End, retry: &Retry) -> Step {
        if end.reason == Reason::Internal {
            return self.at_fault(end.is_stopped);
        }
        let class = RetryClass::of(end.reason).filter(|class| retry.on.holds(*class));
        let Some(class) = class else {
            return self.finish(Over::Final);
        };
        if end.is_stopped {
            return self.finish(Over::Stopped);
        }
        let trap = (class == RetryClass::Trap).then(|| place(&end));
        let is_same = trap.is_some() && self.trap == trap && !end.may_differ;
        self.trap = trap;
        if self.retries_left(retry) == Some(0) {
            return self.finish(Over::NoneLeft);
        }
        // A number that somebody gave is a number that is tried.
        if is_same && retry.retries == Retries::Unsaid {
            return self.finish(Over::SameTrap);
        }
        let pause = retry
            .backoff
            .map(|backoff| backoff.delay(self.attempts, end.jitter))
            .filter(|pause| !pause.is_zero());
        match pause {
            None => {
                self.phase = Phase::Queued;
                Step::Again
            }
            Some(pause) => {
                self.phase = Phase::Delayed;
                Step::Wait(pause)
            }
        }
    }

    /// A fault of the host is none of the job's, and takes nothing from its retries.
    fn at_fault(&mut self, is_stopped: bool) -> Step {
        if is_stopped {
            return self.finish(Over::Stopped);
        }
        if self.faults >= FAULTS_MAX {
            return self.finish(Over::NoneLeft);
        }
        self.faults += 1;
        self.phase = Phase::Queued;
        Step::Again
    }
}

/// So many attempts of a job that faults of the host ended are made up for, whatever was
/// said of retries.
pub(crate) const FAULTS_MAX: u8 = 3;

/// A number for the kind and the place of a trap.
fn place(end: &End) -> NonZeroU64 {
    let mut hasher = DefaultHasher::new();
    end.reason.to_string().hash(&mut hasher);
    end.place.hash(&mut hasher);
    NonZeroU64::new(hasher.finish()).unwrap_or(NonZeroU64::MIN)
}

#[cfg(test)]
mod tests {
    use super::super::retry::{Backoff, RetryOn};
    use super::*;
    use crate::limits::Limit;
    use proptest::prelude::*;
    use wasmtime::Trap;

    const PHASES: [Phase; 4] = [Phase::Queued, Phase::Running, Phase::Delayed, Phase::Done];

    fn end(reason: Reason) -> Event {
        Event::Ended(End {
            reason,
            place: Some(7),
            may_differ: false,
            jitter: u32::MAX,
            is_stopped: false,
        })
    }

    fn retry(retries: Retries) -> Retry {
        Retry {
            retries,
            ..Retry::default()
        }
    }

    fn later() -> Retry {
        let pause = Duration::from_secs(1);
        let backoff = Backoff {
            first: pause,
            most: pause,
        };
        Retry {
            backoff: Some(backoff),
            ..Retry::default()
        }
    }

    fn cell(phase: Phase, event: Event, retry: &Retry) -> String {
        let mut state = TaskState {
            phase,
            ..TaskState::NEW
        };
        let step = state.next(event, retry);
        let phase_after = format!("{:?}", state.phase).to_lowercase();
        let word = match step {
            Step::Run => "run",
            Step::Again => "again",
            Step::Wait(_) => "wait",
            Step::Finish(_) => "finish",
            Step::Nothing => "–",
        };
        if state.phase == phase && step == Step::Nothing {
            return word.to_owned();
        }
        format!("{word}, {phase_after}")
    }

    // M7 M9 M40: every pair of phase and event, as the table in the module says.
    #[test]
    fn the_table_is_what_the_machine_does() {
        let source = include_str!("state.rs");
        let rows: Vec<Vec<&str>> = source
            .lines()
            .filter_map(|line| line.strip_prefix("//! | "))
            .map(|line| {
                line.trim_end_matches('|')
                    .split('|')
                    .map(str::trim)
                    .collect()
            })
            .collect();
        let (at_once, later) = (Retry::default(), later());
        let columns = [
            (Event::Started, &at_once),
            (end(Reason::Declared), &at_once),
            (end(Reason::Silent), &at_once),
            (end(Reason::Silent), &later),
            (Event::Due, &at_once),
            (Event::Cancelled, &at_once),
        ];
        for (phase, row) in PHASES.into_iter().zip(&rows[1..]) {
            assert_eq!(row[0], format!("{phase:?}").to_lowercase());
            for ((event, retry), written) in columns.iter().zip(&row[1..]) {
                assert_eq!(cell(phase, *event, retry), *written, "{phase:?} {event:?}");
            }
        }
        assert_eq!(rows.len(), PHASES.len() + 1);
    }

    // M7
    #[test]
    fn faults_of_the_host_have_retries_of_their_own() {
        let retry = retry(Retries::Of(1));
        let mut state = TaskState::NEW;
        let mut attempt = |reason| {
            assert_eq!(state.next(Event::Started, &retry), Step::Run);
            state.next(end(reason), &retry)
        };
        assert_eq!(attempt(Reason::Internal), Step::Again);
        assert_eq!(attempt(Reason::Silent), Step::Again);
        assert_eq!(attempt(Reason::Internal), Step::Again);
        assert_eq!(attempt(Reason::Internal), Step::Again);
        assert_eq!(attempt(Reason::Internal), Step::Finish(Over::NoneLeft));
        assert_eq!((state.attempts(), state.retries_left(&retry)), (5, Some(0)));
    }

    #[test]
    fn retries_are_restarts_and_attempts_one_more() {
        for retries in 0..5 {
            let retry = retry(Retries::Of(retries));
            let mut state = TaskState::NEW;
            let mut step = state.next(Event::Started, &retry);
            let mut runs = 0;
            while step == Step::Run {
                runs += 1;
                assert_eq!(state.retries_left(&retry), Some(retries + 1 - runs));
                step = state.next(end(Reason::Error), &retry);
                if step == Step::Again {
                    step = state.next(Event::Started, &retry);
                }
            }
            assert_eq!(step, Step::Finish(Over::NoneLeft));
            assert_eq!((runs, state.attempts()), (retries + 1, retries + 1));
        }
    }

    // M9 M10 M14
    #[test]
    fn which_ends_are_tried_again() {
        let after = |reason, on| {
            let retry = Retry {
                on,
                ..Retry::default()
            };
            let mut state = TaskState::NEW;
            state.next(Event::Started, &retry);
            state.next(end(reason), &retry) == Step::Again
        };
        let all = RetryOn::default();
        for reason in [
            Reason::Silent,
            Reason::OutOfFuel,
            Reason::Deadline,
            Reason::Trap(Trap::UnreachableCodeReached),
            Reason::Limit(Limit::Memory),
            Reason::Limit(Limit::Tables),
            Reason::Error,
            Reason::Exit(0),
        ] {
            assert!(after(reason, all), "{reason}");
            assert!(!after(reason, RetryOn::NONE), "{reason}");
        }
        for reason in [Reason::RestartAsked, Reason::Internal] {
            assert!(after(reason, RetryOn::NONE), "{reason}");
        }
        for reason in [
            Reason::Returned,
            Reason::Declared,
            Reason::Limit(Limit::HostCalls),
            Reason::Limit(Limit::Handles),
            Reason::BadValue,
            Reason::ValueTooLarge,
            Reason::BadAbi,
            Reason::Cancelled,
        ] {
            assert!(!after(reason, all), "{reason}");
        }
    }

    // M2
    #[test]
    fn a_stopped_job_is_not_started_again_and_a_result_stands() {
        let over = |reason| {
            let mut state = TaskState::NEW;
            let retry = Retry::default();
            state.next(Event::Started, &retry);
            let Event::Ended(end) = end(reason) else {
                return Step::Nothing;
            };
            let is_stopped = true;
            state.next(Event::Ended(End { is_stopped, ..end }), &retry)
        };
        assert_eq!(over(Reason::Error), Step::Finish(Over::Stopped));
        assert_eq!(over(Reason::Internal), Step::Finish(Over::Stopped));
        assert_eq!(over(Reason::Returned), Step::Finish(Over::Final));
    }

    // M9
    #[test]
    fn the_same_trap_twice_is_enough_unless_somebody_said_how_often() {
        let trap = Reason::Trap(Trap::UnreachableCodeReached);
        let other = Reason::Trap(Trap::IntegerDivisionByZero);
        let elsewhere = |event: Event| match event {
            Event::Ended(end) => Event::Ended(End {
                place: Some(8),
                ..end
            }),
            other @ (Event::Started | Event::Due | Event::Cancelled) => other,
        };
        let changed = |event: Event| match event {
            Event::Ended(end) => Event::Ended(End {
                may_differ: true,
                ..end
            }),
            other @ (Event::Started | Event::Due | Event::Cancelled) => other,
        };
        let run = |retry: &Retry, ends: &[Event]| {
            let mut state = TaskState::NEW;
            let steps = ends.iter().map(|end| {
                state.next(Event::Started, retry);
                state.next(*end, retry)
            });
            steps.collect::<Vec<_>>()
        };
        let unsaid = retry(Retries::Unsaid);
        let same = [end(trap), end(trap)];
        assert_eq!(
            run(&unsaid, &same),
            [Step::Again, Step::Finish(Over::SameTrap)]
        );
        assert_eq!(
            run(&retry(Retries::Of(3)), &same),
            [Step::Again, Step::Again]
        );
        for goes_on in [
            [end(trap), end(other)],
            [end(trap), changed(end(trap))],
            [end(trap), elsewhere(end(trap))],
            [end(Reason::Error), end(trap)],
            [end(Reason::Error), end(Reason::Error)],
        ] {
            assert_eq!(run(&unsaid, &goes_on), [Step::Again, Step::Again]);
        }
        // An end of another kind in between: the trap is not the same one again.
        assert_eq!(
            run(&unsaid, &[end(trap), end(Reason::Silent), end(trap)]),
            [Step::Again; 3]
        );
    }

    proptest! {
        // M7: whatever comes, there is an end, and never more attempts than allowed.
        #[test]
        fn every_job_ends(retries in 0u32..6, events in proptest::collection::vec(0..6usize, 0..60)) {
            let retry = retry(Retries::Of(retries));
            let mut state = TaskState::NEW;
            for event in events {
                state.next([
                    Event::Started,
                    end(Reason::Returned),
                    end(Reason::Error),
                    end(Reason::RestartAsked),
                    Event::Due,
                    Event::Cancelled,
                ][event], &retry);
                prop_assert!(state.attempts() <= retries + 1);
                prop_assert!(state.attempts() > 0 || matches!(state.phase, Phase::Queued | Phase::Done));
            }
        }
    }
}
