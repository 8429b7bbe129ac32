//! What a deterministic job begins with: its moment, and the seed of its random numbers.
//!
//! Everything else that a job draws or dates follows from the two. The library only keeps
//! them here; what is done with them is in `sandbox`.

use super::Backoff;
use crate::sandbox::Receipt;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// When the job starts by its own clock: milliseconds since 1970-01-01 00:00 UTC.
    pub start_ms: u64,
    /// What its random numbers are made of.
    pub seed: u64,
}

impl Recorded {
    /// 2000-01-01 00:00 UTC, and 0: what holds where nobody says otherwise.
    pub const DEFAULT: Recorded = Recorded {
        start_ms: 946_684_800_000,
        seed: 0,
    };

    /// What the jobs of a worker begin with where nobody said it.
    pub(crate) fn of_worker(self, worker: &str) -> Recorded {
        self.derived("worker", worker.as_bytes())
    }

    /// What one of these jobs begins with: it follows from what the job is, and not from when it
    /// came.
    pub(crate) fn of_job(self, value: &[u8]) -> Recorded {
        self.derived("job", value)
    }

    /// What an attempt of a job that began with this begins with, when so much virtual time has
    /// passed since the job began.
    pub(crate) fn of_attempt(self, attempt: u32, elapsed_nanos: u64) -> Recorded {
        if attempt < 2 {
            return self;
        }
        let own = self.derived("attempt", &attempt.to_le_bytes());
        own.later(elapsed_nanos)
    }

    /// The virtual time of an attempt of a job that began with this, and of the pause behind it.
    pub(crate) fn passed(
        self,
        attempt: u32,
        receipt: Option<&Receipt>,
        backoff: Option<Backoff>,
    ) -> u64 {
        let wall = receipt.map_or(0, |receipt| receipt.wall_nanos);
        let pause = backoff.map_or(Duration::ZERO, |backoff| {
            backoff.delay(attempt, self.jitter(attempt))
        });
        wall.saturating_add(pause.as_nanos() as u64)
    }

    /// The jitter of the pause behind an attempt of a job that began with this.
    pub(crate) fn jitter(self, attempt: u32) -> u32 {
        let own = self.derived("jitter", &[]);
        own.derived("attempt", &attempt.to_le_bytes()).seed as u32
    }

    /// The same moment with a seed that follows from this one, from what it is for, and
    /// from some bytes. Nobody can tell one such seed from another.
    pub(crate) fn derived(self, what: &str, bytes: &[u8]) -> Recorded {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update((what.len() as u64).to_le_bytes());
        hash.update(what);
        hash.update(bytes);
        let digest: [u8; 32] = hash.finalize().into();
        let (first, _) = digest.split_first_chunk().unwrap_or((&[0; 8], &[]));
        Recorded {
            seed: u64::from_le_bytes(*first),
            ..self
        }
    }

    /// The same seed at a later moment.
    pub(crate) fn later(self, nanos: u64) -> Recorded {
        let later = Duration::from_nanos(nanos).as_millis() as u64;
        Recorded {
            start_ms: self.start_ms.saturating_add(later),
            ..self
        }
    }
}

impl Default for Recorded {
    fn default() -> Self {
        Recorded::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_follows_from_all_that_it_is_for() {
        let base = Recorded::DEFAULT;
        let seeds = [
            base,
            base.derived("job", b"a"),
            base.derived("job", b"b"),
            base.derived("joba", b""),
            base.derived("job", b"a").derived("job", b"a"),
            Recorded { seed: 1, ..base }.derived("job", b"a"),
        ];
        let seeds = seeds.map(|recorded| recorded.seed);
        for (n, seed) in seeds.iter().enumerate() {
            assert!(!seeds[..n].contains(seed), "{seeds:?}");
        }
        assert_eq!(base.derived("job", b"a"), base.derived("job", b"a"));
    }

    #[test]
    fn time_goes_on_and_the_seed_stays() {
        let later = Recorded::DEFAULT.later(2_500_000);
        assert_eq!(later.start_ms, Recorded::DEFAULT.start_ms + 2);
        assert_eq!(later.seed, Recorded::DEFAULT.seed);
    }
}
