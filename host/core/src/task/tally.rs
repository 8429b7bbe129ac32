//! Counts of how jobs ended.

use super::status::Status;
use serde::{Deserialize, Serialize};

/// How many jobs ended in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Counts one more.
    pub fn count(&mut self, status: Status) {
        let counted = match status {
            Status::Success => &mut self.success,
            Status::Failure => &mut self.failure,
            Status::Timeout => &mut self.timeout,
            Status::Mixed => &mut self.mixed,
            Status::Rejected => &mut self.rejected,
            Status::Cancelled => &mut self.cancelled,
            Status::Unspecified => return,
        };
        *counted += 1;
    }

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
