//! The limits of an attempt: what each is called, its default, and its value.
//!
//! Every limit is on by default and names itself when it ends a job. The table
//! here is the only list: flags, configuration, options of a job, `inspect` and
//! receipts are made from it.

use crate::units::{INFINITE, QuantityError, Unit};
use crate::value::ScanLimits;
use std::time::Duration;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Linear memory of all instances together, bytes.
    Memory,
    /// Elements of all tables together.
    Tables,
    /// Core instances in one store.
    Instances,
    /// Fuel for each keepalive window; about one unit per instruction.
    Fuel,
    /// The longest silence, nanoseconds.
    Keepalive,
    /// The longest attempt, nanoseconds.
    Deadline,
    /// The largest value that goes in or out, bytes.
    Value,
    /// The largest carried state or checkpoint, bytes.
    State,
    /// Log, stdout and stderr kept per attempt, bytes.
    Log,
    /// The longest log line, bytes.
    LogLine,
    /// Calls from guest to host.
    HostCalls,
    /// Resource handles that live at the same time.
    Handles,
    /// Values emitted in one attempt.
    Emits,
    /// How deep a job may be nested.
    Depth,
    /// Jobs submitted by one attempt.
    Children,
    /// Jobs in one tree of nested jobs.
    Tree,
}

/// What is known of a limit besides its value.
#[derive(Debug, Clone, Copy)]
pub struct LimitInfo {
    /// Which one.
    pub limit: Limit,
    /// Its key in configuration and options, and its flag without the dashes.
    pub key: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// What it is when nobody says otherwise.
    pub default: u64,
    /// Whether `inf` is legal.
    pub may_be_infinite: bool,
    /// The most that it can be set to, apart from `inf`.
    pub most: u64,
    /// One sentence for people.
    pub about: &'static str,
}

const MIB: u64 = 1 << 20;
const SECOND: u64 = 1_000_000_000;

/// How many limits there are.
const COUNT: usize = 16;

/// All limits, in the order in which they are shown.
pub const LIMITS: [LimitInfo; COUNT] = [
    row(
        Limit::Memory,
        "memory",
        Unit::Bytes,
        128 * MIB,
        false,
        "memory of one attempt, all its linear memories together",
    ),
    row(
        Limit::Tables,
        "tables",
        Unit::Count,
        200_000,
        false,
        "table elements of one attempt, all its tables together",
    ),
    row(
        Limit::Instances,
        "instances",
        Unit::Count,
        64,
        false,
        "core instances in one attempt's store",
    ),
    row(
        Limit::Fuel,
        "fuel",
        Unit::Count,
        10_000_000_000,
        true,
        "fuel for each keepalive window, about one unit per instruction",
    ),
    row(
        Limit::Keepalive,
        "keepalive",
        Unit::Time,
        5 * SECOND,
        true,
        "longest time without a sign of life",
    ),
    row(
        Limit::Deadline,
        "deadline",
        Unit::Time,
        900 * SECOND,
        true,
        "longest time for one attempt, however often it says keepalive",
    ),
    row(
        Limit::Value,
        "value",
        Unit::Bytes,
        MIB,
        false,
        "size of one value: job, result, error",
    ),
    row(
        Limit::State,
        "state",
        Unit::Bytes,
        256 << 10,
        false,
        "size of the carried state and of a checkpoint",
    ),
    row(
        Limit::Log,
        "log",
        Unit::Bytes,
        256 << 10,
        false,
        "log lines (half of it), stdout and stderr (a quarter each) kept of one attempt",
    ),
    row(
        Limit::LogLine,
        "log-line",
        Unit::Bytes,
        8 << 10,
        false,
        "length of one log line",
    ),
    row(
        Limit::HostCalls,
        "host-calls",
        Unit::Count,
        10_000_000,
        true,
        "calls from the guest to the host in one attempt",
    ),
    row(
        Limit::Handles,
        "handles",
        Unit::Count,
        4096,
        false,
        "resource handles alive at the same time",
    ),
    row(
        Limit::Emits,
        "emitted",
        Unit::Count,
        10_000,
        false,
        "values emitted in one attempt",
    ),
    row(
        Limit::Depth,
        "depth",
        Unit::Count,
        64,
        false,
        "how deep jobs that submit jobs may be nested",
    ),
    row(
        Limit::Children,
        "children",
        Unit::Count,
        1_000,
        false,
        "jobs that one attempt may submit",
    ),
    row(
        Limit::Tree,
        "tree",
        Unit::Count,
        10_000,
        false,
        "jobs that a job and the jobs below it may be in all",
    ),
];

const fn row(
    limit: Limit,
    key: &'static str,
    unit: Unit,
    default: u64,
    may_be_infinite: bool,
    about: &'static str,
) -> LimitInfo {
    LimitInfo {
        limit,
        key,
        unit,
        default,
        may_be_infinite,
        most: match limit {
            // What 32 bits can address; the pools reserve no more.
            Limit::Memory => 4 << 30,
            // Sizes and counts beyond which a guest has no use for them.
            Limit::Value | Limit::State | Limit::Log | Limit::LogLine => 1 << 30,
            Limit::Tables | Limit::Handles | Limit::Emits | Limit::Children | Limit::Tree => {
                10_000_000
            }
            Limit::Instances | Limit::Depth => 10_000,
            Limit::Fuel | Limit::Keepalive | Limit::Deadline | Limit::HostCalls => INFINITE - 1,
        },
        about,
    }
}

/// Why a limit's value was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// The text is no quantity.
    #[error("{key}: {error}")]
    Quantity {
        /// The limit's key.
        key: &'static str,
        /// What is wrong with it.
        error: QuantityError,
    },
    /// This limit cannot be switched off.
    #[error("{key}: this limit cannot be `inf`, at most {most}")]
    Infinite {
        /// The limit's key.
        key: &'static str,
        /// The most that it can be, as text.
        most: String,
    },
    /// It is more than the limit can be set to.
    #[error("{key}: at most {most}")]
    TooMuch {
        /// The limit's key.
        key: &'static str,
        /// The most that it can be, as text.
        most: String,
    },
}

impl Limit {
    /// What is known of it.
    #[must_use]
    pub fn info(self) -> &'static LimitInfo {
        &LIMITS[self as usize]
    }

    /// Finds a limit by its key.
    #[must_use]
    pub fn by_key(key: &str) -> Option<Limit> {
        LIMITS.iter().find(|i| i.key == key).map(|i| i.limit)
    }

    /// Reads a value of this limit from a text such as `64MiB`.
    pub fn parse(self, text: &str) -> Result<u64, LimitError> {
        self.admit(self.info().unit.parse(text))
    }

    /// Takes a bare number in the limit's natural unit: bytes, seconds, a count.
    pub fn from_number(self, number: f64) -> Result<u64, LimitError> {
        self.admit(self.info().unit.from_number(number))
    }

    fn admit(self, value: Result<u64, QuantityError>) -> Result<u64, LimitError> {
        let info = self.info();
        let key = info.key;
        let most = || info.unit.format(info.most);
        match value {
            Ok(INFINITE) if info.may_be_infinite => Ok(INFINITE),
            Ok(INFINITE) => Err(LimitError::Infinite { key, most: most() }),
            Err(QuantityError::TooLarge(_)) => Err(LimitError::TooMuch { key, most: most() }),
            Err(error) => Err(LimitError::Quantity { key, error }),
            Ok(value) if value > info.most => Err(LimitError::TooMuch { key, most: most() }),
            Ok(value) => Ok(value),
        }
    }
}

/// A value for every limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits([u64; COUNT]);

impl Default for Limits {
    fn default() -> Self {
        let mut values = [0; COUNT];
        for info in &LIMITS {
            values[info.limit as usize] = info.default;
        }
        Limits(values)
    }
}

impl Limits {
    /// The value of a limit in its unit; [`INFINITE`] = none.
    #[must_use]
    pub fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// Sets a limit; for the user's own configuration, which may raise it.
    pub fn set(&mut self, limit: Limit, value: u64) -> &mut Self {
        self.0[limit as usize] = value;
        self
    }

    /// Lowers a limit to `value` and never raises it; for options from a guest.
    pub fn tighten(&mut self, limit: Limit, value: u64) -> &mut Self {
        let slot = &mut self.0[limit as usize];
        *slot = (*slot).min(value);
        self
    }

    /// A limit as a size in memory.
    #[must_use]
    pub fn size(&self, limit: Limit) -> usize {
        usize::try_from(self.get(limit)).unwrap_or(usize::MAX)
    }

    /// What a value may be where it enters under one of the size limits.
    #[must_use]
    pub fn scan(&self, limit: Limit) -> ScanLimits {
        ScanLimits {
            bytes_max: self.size(limit),
            ..ScanLimits::default()
        }
    }

    /// A limit as a time; `None` = no limit.
    #[must_use]
    pub fn time(&self, limit: Limit) -> Option<Duration> {
        match self.get(limit) {
            INFINITE => None,
            nanos => Some(Duration::from_nanos(nanos)),
        }
    }

    /// How much of a limit `used` is, in percent; 0 where there is no limit.
    #[must_use]
    pub fn percent(&self, limit: Limit, used: u64) -> u8 {
        match self.get(limit) {
            INFINITE | 0 => 0,
            max => (u128::from(used) * 100 / u128::from(max)).min(255) as u8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for info in &LIMITS {
            assert_eq!(info.limit.info().key, info.key);
            assert_eq!(Limit::by_key(info.key), Some(info.limit));
            assert_eq!(Limits::default().get(info.limit), info.default);
        }
    }

    #[test]
    fn a_guest_only_tightens() {
        let mut limits = Limits::default();
        limits.tighten(Limit::Memory, 1 << 40);
        assert_eq!(limits.get(Limit::Memory), 128 * MIB);
        limits.tighten(Limit::Memory, MIB);
        assert_eq!(limits.get(Limit::Memory), MIB);
    }

    #[test]
    fn some_limits_cannot_be_switched_off() {
        assert!(matches!(
            Limit::Memory.parse("inf"),
            Err(LimitError::Infinite { .. })
        ));
        assert_eq!(Limit::Keepalive.parse("inf"), Ok(INFINITE));
        for text in ["8GiB", "99999999999999GiB"] {
            let error = Limit::Memory.parse(text).expect_err("too much");
            assert_eq!(error.to_string(), "memory: at most 4GiB");
        }
        assert_eq!(Limit::Memory.parse("4GiB"), Ok(4 << 30));
    }
}
