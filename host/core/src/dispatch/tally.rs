//! Counts of how jobs ended.

use crate::task::Status;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many jobs ended in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Jobs that succeeded.
    pub success: u64,
    /// Jobs that failed.
    pub failure: u64,
    /// Jobs that were silent too long, or ran out of fuel or time.
    pub timeout: u64,
    /// Parallel jobs whose items ended in different ways.
    pub mixed: u64,
    /// Jobs that were refused.
    pub rejected: u64,
    /// Jobs that were stopped.
    pub cancelled: u64,
}

impl Tally {
    /// All jobs that ended.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.success + self.failure + self.timeout + self.mixed + self.rejected + self.cancelled
    }
}

impl std::ops::Sub for Tally {
    type Output = Tally;

    /// What was counted between two looks.
    fn sub(self, earlier: Tally) -> Tally {
        Tally {
            success: self.success - earlier.success,
            failure: self.failure - earlier.failure,
            timeout: self.timeout - earlier.timeout,
            mixed: self.mixed - earlier.mixed,
            rejected: self.rejected - earlier.rejected,
            cancelled: self.cancelled - earlier.cancelled,
        }
    }
}

/// The same, counted by many threads.
#[derive(Debug, Default)]
pub(crate) struct Counter([AtomicU64; 7]);

impl Counter {
    pub(crate) fn count(&self, status: Status) {
        self.0[status as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Tally {
        let of = |status: Status| self.0[status as usize].load(Ordering::Relaxed);
        Tally {
            success: of(Status::Success),
            failure: of(Status::Failure),
            timeout: of(Status::Timeout),
            mixed: of(Status::Mixed),
            rejected: of(Status::Rejected),
            cancelled: of(Status::Cancelled),
        }
    }
}
