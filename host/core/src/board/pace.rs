//! How a run gets on: counts, rate, how long it takes still.

use super::snapshot::Snapshot;
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
    /// Attempts that run or wait for others.
    pub live: u64,
    /// Jobs that wait.
    pub waiting: u64,
    /// Jobs that ended; what could not become one is among the failures.
    pub tally: Tally,
    /// All jobs, as far as that is known; an estimate while the input is read.
    pub total: Option<u64>,
    /// Jobs that end in a second.
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
    /// So many have ended by now.
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
        let waiting = [queue.delayed, queue.paused];
        let waiting = waiting.into_iter().fold(queue.queued, u64::saturating_add);
        let ended = tally.total();
        let known = [lines.len() as u64, waiting];
        let known = known.into_iter().fold(ended, u64::saturating_add);
        let total = match source {
            Source {
                jobs,
                has_ended: true,
                ..
            } => Some(jobs.max(known)),
            Source {
                jobs,
                fraction: Some(fraction),
                ..
            } if fraction > 0.0 => Some(((jobs as f64 / fraction) as u64).max(known)),
            Source { .. } => None,
        };
        let (since, before) = self.ended.front().copied().unwrap_or_default();
        let window = now.saturating_sub(since).as_secs_f64();
        let per_second = if window > 0.0 {
            ended.saturating_sub(before) as f64 / window
        } else {
            0.0
        };
        let left = total.filter(|_| per_second > 0.0);
        let left = left.map(|total| total.saturating_sub(ended) as f64 / per_second);
        Pace {
            live: lines.len() as u64,
            waiting,
            tally,
            total,
            per_second,
            elapsed: now,
            left: left.and_then(|left| Duration::try_from_secs_f64(left).ok()),
        }
    }
}
