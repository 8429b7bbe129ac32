//! What all outcomes of a run come to.

use crate::job::JobId;
use crate::task::{Outcome, Reason, Status};
use std::cmp::Reverse;
use std::sync::Arc;

/// How many of the slowest jobs are kept.
const SLOWEST_MAX: usize = 5;

/// What outcomes come to, taken one by one.
#[derive(Debug, Clone, Default)]
pub struct Digest {
    /// Few: most jobs end in the same ways.
    counts: Vec<(Status, Reason, u64)>,
    slowest: Vec<Slow>,
    /// Attempts beyond the first of each job.
    pub retries: u64,
    /// Fuel of all attempts; 0 when the engine has none.
    pub fuel: u64,
    /// The most memory that one attempt had, bytes.
    pub memory_peak_bytes: u64,
}

/// A job that took long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slow {
    /// Which one.
    pub job: JobId,
    /// Its worker.
    pub worker: Arc<str>,
    /// How long its attempts took together, nanoseconds.
    pub wall_nanos: u64,
    /// How many they were.
    pub attempts: u32,
    /// How it ended.
    pub status: Status,
}

impl Digest {
    /// Adds an outcome; the items of a parallel job count in its place.
    pub fn take(&mut self, outcome: &Outcome) {
        if !outcome.items.is_empty() {
            return outcome.items.iter().for_each(|item| self.take(item));
        }
        self.count(outcome.status, outcome.reason);
        self.retries += u64::from(outcome.attempts.saturating_sub(1));
        let mut wall_nanos = 0_u64;
        for receipt in outcome.receipts.iter() {
            self.fuel = self.fuel.saturating_add(receipt.fuel);
            self.memory_peak_bytes = self.memory_peak_bytes.max(receipt.memory_peak_bytes);
            wall_nanos = wall_nanos.saturating_add(receipt.wall_nanos);
        }
        if outcome.attempts > 0 && self.is_slow(wall_nanos) {
            self.keep_slow(Slow {
                job: outcome.id,
                worker: outcome.worker.clone(),
                wall_nanos,
                attempts: outcome.attempts,
                status: outcome.status,
            });
        }
    }

    fn count(&mut self, status: Status, reason: Reason) {
        let mut known = self.counts.iter_mut();
        match known.find(|(s, r, _)| *s == status && *r == reason) {
            Some((_, _, count)) => *count += 1,
            None => self.counts.push((status, reason, 1)),
        }
    }

    fn is_slow(&self, wall_nanos: u64) -> bool {
        let last = self.slowest.last();
        self.slowest.len() < SLOWEST_MAX || last.is_some_and(|last| last.wall_nanos < wall_nanos)
    }

    fn keep_slow(&mut self, slow: Slow) {
        let place = self
            .slowest
            .partition_point(|other| other.wall_nanos >= slow.wall_nanos);
        self.slowest.insert(place, slow);
        self.slowest.truncate(SLOWEST_MAX);
    }

    /// How many jobs ended with which status for which reason; the most first.
    #[must_use]
    pub fn counts(&self) -> Vec<(Status, Reason, u64)> {
        let mut counts = self.counts.clone();
        counts.sort_by_key(|(_, _, count)| Reverse(*count));
        counts
    }

    /// The slowest jobs, the slowest first.
    #[must_use]
    pub fn slowest(&self) -> &[Slow] {
        &self.slowest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::HostId;
    use crate::sandbox::Receipt;

    fn outcome(number: u64, reason: Reason, wall_nanos: u64, attempts: u32) -> Outcome {
        let host = HostId::from_random(0);
        let mut outcome =
            Outcome::without_attempt(JobId { host, number }, "scale".into(), reason, None);
        outcome.attempts = attempts;
        outcome.receipts.push(Receipt {
            fuel: 10,
            wall_nanos,
            memory_peak_bytes: number << 16,
            ..Receipt::default()
        });
        outcome
    }

    #[test]
    fn outcomes_come_to_counts_and_the_slowest() {
        let mut digest = Digest::default();
        for number in 1..=10 {
            digest.take(&outcome(number, Reason::Returned, number * 100, 1));
        }
        digest.take(&outcome(11, Reason::Silent, 550, 4));
        assert_eq!(
            digest.counts(),
            [
                (Status::Success, Reason::Returned, 10),
                (Status::Timeout, Reason::Silent, 1)
            ]
        );
        let slowest: Vec<u64> = digest.slowest().iter().map(|s| s.job.number).collect();
        assert_eq!(slowest, [10, 9, 8, 7, 6]);
        assert_eq!(
            (digest.retries, digest.fuel, digest.memory_peak_bytes),
            (3, 110, 11 << 16)
        );
    }

    #[test]
    fn the_items_of_a_parallel_job_count_in_its_place() {
        let mut parallel = outcome(1, Reason::Items, 0, 0);
        parallel.items = vec![
            outcome(2, Reason::Returned, 5, 1),
            outcome(3, Reason::Error, 6, 2),
        ];
        let mut digest = Digest::default();
        digest.take(&parallel);
        assert_eq!(digest.counts().len(), 2);
        assert_eq!((digest.retries, digest.fuel), (1, 20));
    }
}
