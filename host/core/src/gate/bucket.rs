//! Jobs per second: a bucket of tokens, over whatever clock it is told.
//!
//! What is kept is one moment: when the bucket will be full again. That is exact to
//! the nanosecond however long it runs, and an idle bucket costs nothing.

use std::fmt;
use std::time::{Duration, Instant};

/// The most starts a second that a rate can be.
pub(super) const PER_SECOND_MAX: u32 = 1_000_000;

/// The longest time from one token to the next; a rate below it never gives one.
const STEP_MAX: Duration = Duration::from_hours(24 * 366);

/// What a rate counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    Second,
    Minute,
}

/// How often a job may start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    count: f64,
    per: Per,
}

impl Rate {
    /// A rate; `None` = it would never give a token.
    pub(super) fn new(count: f64, per: Per) -> Option<Rate> {
        let rate = Rate { count, per };
        let step_secs = rate.per_second().recip();
        (step_secs <= STEP_MAX.as_secs_f64()).then_some(rate)
    }

    /// The same in jobs a second.
    pub(super) fn per_second(self) -> f64 {
        match self.per {
            Per::Second => self.count,
            Per::Minute => self.count / 60.0,
        }
    }

    /// The time from one token to the next.
    fn step(self) -> Duration {
        Duration::from_secs_f64(self.per_second().recip())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = match self.per {
            Per::Second => "s",
            Per::Minute => "m",
        };
        write!(f, "{}/{per}", self.count)
    }
}

/// Tokens of a rate: as many as in one second, at least one; full at first.
#[derive(Debug)]
pub(crate) struct Bucket {
    step: Duration,
    /// The time that all tokens but one take to come.
    slack: Duration,
    /// When it will be full again.
    full_at: Instant,
}

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Instant) -> Bucket {
        let step = rate.step();
        let size = rate.per_second().floor().max(1.0) as u32;
        Bucket {
            step,
            slack: step * (size - 1),
            full_at: now,
        }
    }

    /// How long it takes until there is a token; zero = there is one.
    pub(crate) fn lacks(&self, now: Instant) -> Duration {
        let missing = self.full_at.saturating_duration_since(now);
        missing.saturating_sub(self.slack)
    }

    /// Takes a token, which is there.
    pub(crate) fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn bucket(count: f64, per: Per) -> (Bucket, Instant) {
        let now = Instant::now();
        let rate = Rate::new(count, per).expect("a rate");
        (Bucket::new(rate, now), now)
    }

    /// How many tokens there are now; they are taken.
    fn drain(bucket: &mut Bucket, now: Instant) -> u32 {
        let mut tokens = 0;
        while bucket.lacks(now).is_zero() {
            bucket.take(now);
            tokens += 1;
        }
        tokens
    }

    // J22
    #[test]
    fn a_bucket_holds_one_second_worth_and_at_least_one() {
        for (count, per, tokens, lacks) in [
            (10.0, Per::Second, 10, 100 * MS),
            (2.5, Per::Second, 2, 400 * MS),
            (0.5, Per::Second, 1, 2000 * MS),
            (30.0, Per::Minute, 1, 2000 * MS),
            (120.0, Per::Minute, 2, 500 * MS),
        ] {
            let (mut bucket, now) = bucket(count, per);
            assert_eq!(drain(&mut bucket, now), tokens, "{count} {per:?}");
            assert_eq!(bucket.lacks(now), lacks, "{count} {per:?}");
            let later = now + Duration::from_hours(10);
            assert_eq!(drain(&mut bucket, later), tokens, "it does not overflow");
        }
    }

    // J22
    #[test]
    fn tokens_come_one_after_the_other() {
        let (mut bucket, now) = bucket(4.0, Per::Second);
        assert_eq!(drain(&mut bucket, now), 4);
        assert_eq!(bucket.lacks(now + 249 * MS), MS);
        assert_eq!(drain(&mut bucket, now + 250 * MS), 1);
        assert_eq!(drain(&mut bucket, now + 499 * MS), 0);
        assert_eq!(drain(&mut bucket, now + 1000 * MS), 3);
    }

    // J22
    #[test]
    fn in_the_long_run_it_is_the_rate() {
        for (count, per, in_an_hour) in [
            (100.0, Per::Second, 360_000),
            (3.0, Per::Second, 10_800),
            (7.0, Per::Minute, 420),
        ] {
            let (mut bucket, start) = bucket(count, per);
            let mut tokens = 0;
            let mut now = start;
            while now < start + Duration::from_hours(1) {
                now += bucket.lacks(now);
                bucket.take(now);
                tokens += 1;
            }
            let above = tokens - in_an_hour;
            assert!((0..=100).contains(&above), "{count} {per:?}: {tokens}");
        }
    }

    // J22
    #[test]
    fn looking_takes_nothing_and_time_that_stands_still_gives_nothing() {
        let (mut bucket, now) = bucket(1.0, Per::Second);
        assert!(bucket.lacks(now).is_zero() && bucket.lacks(now).is_zero());
        bucket.take(now);
        assert_eq!(bucket.lacks(now), Duration::from_secs(1));
        assert_eq!(bucket.lacks(now), Duration::from_secs(1));
    }
}
