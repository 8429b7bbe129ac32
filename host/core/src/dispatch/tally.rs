//! Counts of how jobs ended, taken by many threads.

use crate::task::{Status, Tally};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many jobs ended in which way.
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
