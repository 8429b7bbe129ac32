//! How a run gets on: counts, rate, how long it takes still.

use super::snapshot::{Snapshot, Standing};
use crate::task::Tally;
use std::collections::VecDeque;
use std::time::Duration;

/// Over how long the rate is taken.
const RATE_WINDOW: Duration = Duration::from_secs(5);

/// How far the input of a run was read.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Source {
    /// Jobs that came of it so far, with what could not become one.
    pub jobs: u64,
    /// What could not become a job: it counts as failed.
    pub refused: u64,
    /// The part of it that was read, 0 to 1; none = nobody knows how much there is.
    pub fraction: Option<f64>,
    /// It has no more.
    pub has_ended: bool,
}

/// How a run gets on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pace {
    /// Attempts that run.
    pub running: u64,
    /// Live attempts that wait for other jobs, or for their slot.
    pub held: u64,
    /// Jobs that are paused, live or not.
    pub paused: u64,
    /// Jobs that ended; what could not become one is among the failures.
    pub tally: Tally,
    /// All jobs that the input makes, as far as that is known; an estimate while it is read.
    pub total: Option<u64>,
    /// Jobs that end in a second, of late; at the end, on the whole. Those that were
    /// cancelled do not count.
    pub per_second: f64,
    /// Since the start.
    pub elapsed: Duration,
    /// How long it will take still.
    pub left: Option<Duration>,
}

/// How many jobs had ended when.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// The latest last; the first is the last one that is as old as the window.
    ended: VecDeque<(Duration, u64)>,
}

impl Rate {
    /// So many have ended by now, without those that were cancelled.
    pub(super) fn take(&mut self, now: Duration, ended: u64) {
        // A look at the same moment replaces the one before.
        self.ended.pop_back_if(|(before, _)| *before == now);
        self.ended.push_back((now, ended));
        while self.ended.len() > 2 && now.saturating_sub(self.ended[1].0) > RATE_WINDOW {
            self.ended.pop_front();
        }
    }

    /// How many moments are kept.
    #[cfg(test)]
    pub(super) fn moments(&self) -> usize {
        self.ended.len()
    }

    /// How the run gets on that was seen so now.
    pub(super) fn pace(&self, seen: &Snapshot, source: Source, now: Duration) -> Pace {
        let Snapshot { queue, lines, .. } = seen;
        let mut tally = seen.tally;
        tally.failure = tally.failure.saturating_add(source.refused);
        let count =
            |is: fn(Standing) -> bool| lines.iter().filter(|line| is(line.standing)).count() as u64;
        let still = count(|standing| standing == Standing::Paused);
        let ended = tally.total();
        let total = match source {
            Source {
                jobs,
                has_ended: true,
                ..
            } => Some(jobs.max(ended)),
            Source {
                jobs,
                fraction: Some(fraction),
                ..
            } if fraction > 0.0 => Some(((jobs as f64 / fraction) as u64).max(ended)),
            Source { .. } => None,
        };
        // What was cancelled is no work done.
        let done = ended.saturating_sub(tally.cancelled);
        let (since, before) = self.ended.front().copied().unwrap_or_default();
        let window = now.saturating_sub(since).as_secs_f64();
        let per_second = if window > 0.0 {
            done.saturating_sub(before) as f64 / window
        } else {
            0.0
        };
        // Of the whole time: of late there may have been a burst, or nothing.
        let mean = done as f64 / now.as_secs_f64();
        let may_start = seen.gate.is_none() && !seen.is_stopping;
        let left = total.filter(|_| may_start && mean > 0.0 && mean.is_finite());
        let left = left.map(|total| total.saturating_sub(ended) as f64 / mean);
        Pace {
            running: count(|s| matches!(s, Standing::Running | Standing::Afterwards)),
            held: count(|s| matches!(s, Standing::WaitsForJobs(_) | Standing::WaitsForSlot)),
            paused: queue.paused.saturating_add(still),
            tally,
            total,
            per_second,
            elapsed: now,
            left: left.and_then(|left| Duration::try_from_secs_f64(left).ok()),
        }
    }
}
