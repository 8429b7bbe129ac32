//! When a job is tried again, how often, and after how long.

use super::status::Reason;
use crate::limits::Limit;
use std::fmt;
use std::time::Duration;

/// How a job is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retry {
    /// How often.
    pub retries: Retries,
    /// After which ends.
    pub on: RetryOn,
    /// After how long; `None` = at once, on the same slot.
    pub backoff: Option<Backoff>,
}

/// The number of restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retries {
    /// Nobody said: [`Retries::DEFAULT`], and fewer where another one is hopeless.
    #[default]
    Unsaid,
    /// So many.
    Of(u32),
    /// Without end.
    Unlimited,
}

/// The ends after which a job is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryOn {
    /// Silence, fuel, deadline.
    pub timeout: bool,
    /// A trap, or memory that was refused.
    pub trap: bool,
    /// An error value, or an exit code instead of a result.
    pub error: bool,
}

/// What kind of end may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryClass {
    Timeout,
    Trap,
    Error,
    /// The guest asked for it.
    Asked,
}

/// A pause before each restart: doubled each time, with jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Before the first restart.
    pub first: Duration,
    /// It never gets longer than this.
    pub most: Duration,
}

impl Retries {
    /// What it is when nobody said.
    pub const DEFAULT: u32 = 3;

    /// How many restarts; `None` = without end.
    #[must_use]
    pub fn count(self) -> Option<u32> {
        match self {
            Retries::Unsaid => Some(Self::DEFAULT),
            Retries::Of(count) => Some(count),
            Retries::Unlimited => None,
        }
    }

    /// What holds when a guest asks for `other` where the user said this.
    pub(crate) fn tightened(self, other: Retries) -> Retries {
        match (self, other) {
            (Retries::Of(count), Retries::Of(asked)) => Retries::Of(count.min(asked)),
            (Retries::Of(count), Retries::Unlimited) => Retries::Of(count),
            (Retries::Unsaid | Retries::Unlimited, asked) => asked,
            (said, Retries::Unsaid) => said,
        }
    }
}

impl fmt::Display for Retries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count() {
            Some(count) => write!(f, "{count}"),
            None => f.write_str("inf"),
        }
    }
}

impl Default for RetryOn {
    fn default() -> Self {
        RetryOn {
            timeout: true,
            trap: true,
            error: true,
        }
    }
}

impl RetryOn {
    /// After no end but one that the guest asked for.
    pub const NONE: RetryOn = RetryOn {
        timeout: false,
        trap: false,
        error: false,
    };

    /// What holds when a guest asks for `other` where the user said this.
    pub(crate) fn tightened(self, other: RetryOn) -> RetryOn {
        RetryOn {
            timeout: self.timeout && other.timeout,
            trap: self.trap && other.trap,
            error: self.error && other.error,
        }
    }

    pub(crate) fn holds(self, class: RetryClass) -> bool {
        match class {
            RetryClass::Timeout => self.timeout,
            RetryClass::Trap => self.trap,
            RetryClass::Error => self.error,
            // Whoever asks for a restart knows why.
            RetryClass::Asked => true,
        }
    }
}

impl RetryClass {
    /// The class of an end; `None` = it is final.
    pub(crate) fn of(reason: Reason) -> Option<RetryClass> {
        match reason {
            Reason::Silent | Reason::OutOfFuel | Reason::Deadline => Some(RetryClass::Timeout),
            Reason::Trap(_) | Reason::Limit(Limit::Memory | Limit::Tables) => {
                Some(RetryClass::Trap)
            }
            Reason::Error | Reason::Exit(_) => Some(RetryClass::Error),
            Reason::RestartAsked => Some(RetryClass::Asked),
            Reason::Returned
            | Reason::Declared
            | Reason::Limit(_)
            | Reason::BadValue
            | Reason::ValueTooLarge
            | Reason::BadOptions
            | Reason::BadAbi
            | Reason::UnknownWorker
            | Reason::Items
            | Reason::Pipeline(_)
            | Reason::Rejected
            | Reason::Internal
            | Reason::Lost
            | Reason::Quarantined
            | Reason::Interrupted
            | Reason::Cancelled
            | Reason::ParentEnded
            | Reason::NotPermitted
            | Reason::NestedLimit => None,
        }
    }
}

impl Backoff {
    /// The longest pause unless somebody says so.
    pub const MOST: Duration = Duration::from_mins(1);

    /// The pause before a restart, counted from 1: between half of the doubled time
    /// and all of it, so that jobs which failed together do not come back together.
    /// `jitter` is random.
    #[must_use]
    pub fn delay(&self, restart: u32, jitter: u32) -> Duration {
        let doublings = restart.saturating_sub(1).min(31);
        let whole = self.first.saturating_mul(1 << doublings).min(self.most);
        let half = whole / 2;
        half + whole
            .saturating_sub(half)
            .mul_f64(f64::from(jitter) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_pause_doubles_up_to_its_most() {
        let backoff = Backoff {
            first: SECOND,
            most: 5 * SECOND,
        };
        let full = |restart| backoff.delay(restart, u32::MAX).as_secs();
        assert_eq!(
            [full(1), full(2), full(3), full(4), full(400)],
            [1, 2, 4, 5, 5]
        );
        assert_eq!(backoff.delay(1, 0), SECOND / 2);
    }

    proptest! {
        #[test]
        fn a_pause_is_between_half_and_all(first in 0..1u64 << 40, most in 0..1u64 << 50, restart: u32, jitter: u32) {
            let backoff = Backoff {
                first: Duration::from_nanos(first),
                most: Duration::from_nanos(most.max(first)),
            };
            let (low, pause, high) = (
                backoff.delay(restart, 0),
                backoff.delay(restart, jitter),
                backoff.delay(restart, u32::MAX),
            );
            prop_assert!(low <= pause && pause <= high && high <= backoff.most);
            prop_assert!(high <= low * 2 + Duration::from_nanos(1));
        }
    }

    #[test]
    fn a_guest_asks_for_no_more_restarts_than_the_user_said() {
        let said = Retries::Of(2);
        assert_eq!(said.tightened(Retries::Of(1)), Retries::Of(1));
        assert_eq!(said.tightened(Retries::Of(9)), said);
        assert_eq!(said.tightened(Retries::Unlimited), said);
        assert_eq!(Retries::Unsaid.tightened(Retries::Of(9)), Retries::Of(9));
        assert_eq!(Retries::Unlimited.tightened(Retries::Of(9)), Retries::Of(9));
    }
}
