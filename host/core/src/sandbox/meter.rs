//! Counts what one store uses and refuses what goes over its limits.

use super::memory_total::{MemoryTotal, Taken};
use crate::limits::{Limit, Limits};
use std::sync::Arc;

/// The interfaces whose calls are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// `host`
    Host,
    /// `log`
    Log,
    /// `clock`
    Clock,
    /// `random`
    Random,
    /// `task`
    Task,
    /// `board`
    Board,
    /// `jobs`
    Jobs,
    /// `checkpoint`
    Checkpoint,
    /// Everything of WASI.
    Wasi,
}

impl Interface {
    /// How many there are.
    pub const COUNT: usize = 9;

    /// All of them, in order.
    pub const ALL: [Interface; Self::COUNT] = [
        Interface::Host,
        Interface::Log,
        Interface::Clock,
        Interface::Random,
        Interface::Task,
        Interface::Board,
        Interface::Jobs,
        Interface::Checkpoint,
        Interface::Wasi,
    ];

    /// Its name in receipts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Interface::Host => "host",
            Interface::Log => "log",
            Interface::Clock => "clock",
            Interface::Random => "random",
            Interface::Task => "task",
            Interface::Board => "board",
            Interface::Jobs => "jobs",
            Interface::Checkpoint => "checkpoint",
            Interface::Wasi => "wasi",
        }
    }
}

/// A growth that was refused, with both numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) limit: Limit,
    pub(crate) asked: u64,
    /// The most for all live attempts together, where that is what was reached.
    pub(crate) together: Option<u64>,
}

/// How much there is of something that only grows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Grown {
    total: u64,
    /// The most that there was.
    pub(crate) peak: u64,
    /// What a growth in progress added, to be taken back if it fails after all.
    pending: u64,
}

impl Grown {
    /// Grows one part from `current` to `desired`: whether it may, or, where our limit
    /// forbids it, what the sum would be. The guest's own maximum is no limit of ours.
    fn grow(
        &mut self,
        (current, desired): (usize, usize),
        maximum: Option<usize>,
        limit: u64,
    ) -> Result<bool, u64> {
        let growth = (desired as u64).saturating_sub(current as u64);
        let total = self.total.saturating_add(growth);
        if total > limit {
            return Err(total);
        }
        if maximum.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        self.pending = growth;
        self.total = total;
        self.peak = self.peak.max(total);
        Ok(true)
    }

    /// The latest growth failed after all.
    fn take_back(&mut self) {
        self.total -= std::mem::take(&mut self.pending);
    }
}

/// The counters of one store.
#[derive(Debug)]
pub(crate) struct Meter {
    /// The limits that hold for this store.
    pub(crate) limits: Arc<Limits>,
    /// Bytes of all linear memories together.
    pub(crate) memory: Grown,
    /// What it takes of the memory for all live attempts.
    taken: Option<Taken>,
    /// Elements of all tables together.
    pub(crate) tables: Grown,
    /// The latest refusal: if the attempt then ends badly, this is why.
    pub(crate) refused: Option<Refused>,
    /// Calls by interface since the last [`Meter::new_call`].
    pub(crate) host_calls: [u32; Interface::COUNT],
    host_calls_total: u64,
    /// The fuel that the store was filled with at the latest refill, as it is bounded now.
    pub(crate) filled: u64,
    /// Fuel used up before the latest refill.
    pub(crate) fuel_before_refill: u64,
    /// The most fuel used in one keepalive window.
    pub(crate) fuel_peak_window: u64,
    /// Bytes of log lines kept so far.
    pub(crate) log_kept_bytes: u64,
    /// Bytes of log lines dropped so far.
    pub(crate) log_dropped_bytes: u64,
}

/// The guest called the host more often than its limit allows.
#[derive(Debug, thiserror::Error)]
#[error("more than {limit} calls to the host")]
pub(crate) struct HostCallsExhausted {
    pub(crate) limit: u64,
}

impl Meter {
    pub(crate) fn new(limits: Arc<Limits>) -> Meter {
        Meter {
            filled: limits.get(Limit::Fuel),
            limits,
            memory: Grown::default(),
            taken: None,
            tables: Grown::default(),
            refused: None,
            host_calls: [0; Interface::COUNT],
            host_calls_total: 0,
            fuel_before_refill: 0,
            fuel_peak_window: 0,
            log_kept_bytes: 0,
            log_dropped_bytes: 0,
        }
    }

    /// Starts the counters that hold per call anew, for a store that lives long.
    pub(crate) fn new_call(&mut self) {
        self.host_calls_total = 0;
        self.refused = None;
    }

    /// Starts all counters anew but what the store itself holds, for the next job in it.
    pub(crate) fn new_job(&mut self) {
        self.new_call();
        self.host_calls = [0; Interface::COUNT];
        self.fuel_before_refill = 0;
        self.fuel_peak_window = 0;
        self.log_kept_bytes = 0;
        self.log_dropped_bytes = 0;
    }

    /// Counts a call to the host.
    pub(crate) fn count(&mut self, interface: Interface) -> Result<(), HostCallsExhausted> {
        self.count_unchecked(interface);
        self.check_host_calls()
    }

    /// Counts a call where no error can be given back; [`Meter::check_host_calls`]
    /// notices, see [`giving_way`](super::giving_way).
    pub(crate) fn count_unchecked(&mut self, interface: Interface) {
        let calls = &mut self.host_calls[interface as usize];
        *calls = calls.saturating_add(1);
        self.host_calls_total += 1;
    }

    /// Whether the guest may call the host once more.
    pub(crate) fn check_host_calls(&self) -> Result<(), HostCallsExhausted> {
        let limit = self.limits.get(Limit::HostCalls);
        if self.host_calls_total > limit {
            return Err(HostCallsExhausted { limit });
        }
        Ok(())
    }

    /// The fuel that was used since the latest refill, when so much is left.
    pub(crate) fn window(&self, left: u64) -> u64 {
        self.filled.saturating_sub(left)
    }

    /// Calls to the host since the last [`Meter::new_call`].
    pub(crate) fn host_calls_total(&self) -> u64 {
        self.host_calls_total
    }

    /// Takes `bytes` of log lines: how many of them may be kept. Lines have half of
    /// the limit, stdout and stderr a quarter each.
    pub(crate) fn keep_log(&mut self, bytes: usize) -> usize {
        let limit = self.limits.get(Limit::Log) / 2;
        let left = limit.saturating_sub(self.log_kept_bytes);
        let kept = (bytes as u64).min(left);
        self.log_kept_bytes += kept;
        self.log_dropped_bytes += bytes as u64 - kept;
        kept as usize
    }

    /// Notes a growth that our limit forbids.
    fn judge(&mut self, limit: Limit, grown: Result<bool, u64>) -> bool {
        grown.unwrap_or_else(|asked| {
            self.refused = Some(Refused {
                limit,
                asked,
                together: None,
            });
            false
        })
    }
}

impl Meter {
    /// A memory wants to grow from and to so many bytes: whether it may.
    pub(crate) fn grow_memory(
        &mut self,
        from_to: (usize, usize),
        maximum: Option<usize>,
        total: &Arc<MemoryTotal>,
    ) -> bool {
        let limit = self.limits.get(Limit::Memory);
        let grown = self.memory.grow(from_to, maximum, limit);
        if !self.judge(Limit::Memory, grown) {
            return false;
        }
        let asked = self.memory.total;
        let has_room = total.has_room(asked, &mut self.taken);
        if !has_room {
            self.memory.take_back();
            self.refused = Some(Refused {
                limit: Limit::Memory,
                asked,
                together: Some(total.max),
            });
        }
        has_room
    }

    /// The latest growth of a memory failed after all.
    pub(crate) fn memory_did_not_grow(&mut self) {
        self.memory.take_back();
    }

    /// A table wants to grow from and to so many elements: whether it may.
    pub(crate) fn grow_table(&mut self, from_to: (usize, usize), maximum: Option<usize>) -> bool {
        let limit = self.limits.get(Limit::Tables);
        let grown = self.tables.grow(from_to, maximum, limit);
        self.judge(Limit::Tables, grown)
    }

    /// The latest growth of a table failed after all.
    pub(crate) fn table_did_not_grow(&mut self) {
        self.tables.take_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(limit: Limit, value: u64) -> Meter {
        let mut limits = Limits::default();
        limits.set(limit, value);
        Meter::new(Arc::new(limits))
    }

    fn grow(meter: &mut Meter, bytes: usize) -> bool {
        let total = Arc::new(MemoryTotal::new(None, 1));
        meter.grow_memory((0, bytes), None, &total)
    }

    // J5
    #[test]
    fn what_all_may_have_together_is_told_apart() {
        let mut meter = meter(Limit::Memory, 1000);
        let total = Arc::new(MemoryTotal::new(Some(100), 1));
        assert!(meter.grow_memory((0, 100), None, &total));
        assert!(!meter.grow_memory((0, 1), None, &total));
        let refused = meter.refused.expect("refused");
        assert_eq!((refused.asked, refused.together), (101, Some(100)));
        assert_eq!(meter.memory.total, 100);
    }

    #[test]
    fn memories_are_added_up() {
        let mut meter = meter(Limit::Memory, 300);
        assert!(grow(&mut meter, 200));
        assert!(!grow(&mut meter, 200));
        assert_eq!(
            meter.refused,
            Some(Refused {
                limit: Limit::Memory,
                asked: 400,
                together: None,
            })
        );
        assert!(grow(&mut meter, 100));
        assert_eq!(meter.memory.peak, 300);
    }

    #[test]
    fn a_growth_that_fails_after_all_is_taken_back() {
        let mut meter = meter(Limit::Memory, 300);
        assert!(grow(&mut meter, 200));
        meter.memory_did_not_grow();
        assert!(grow(&mut meter, 300));
    }

    #[test]
    fn host_calls_end_at_the_limit_and_begin_anew_with_the_next_call() {
        let mut meter = meter(Limit::HostCalls, 2);
        assert!(meter.count(Interface::Clock).is_ok());
        assert!(meter.count(Interface::Log).is_ok());
        assert!(meter.count(Interface::Clock).is_err());
        meter.new_call();
        assert!(meter.count(Interface::Clock).is_ok());
    }

    #[test]
    fn log_past_the_limit_is_counted_and_dropped() {
        let mut meter = meter(Limit::Log, 20);
        assert_eq!(meter.keep_log(8), 8);
        assert_eq!(meter.keep_log(8), 2);
        assert_eq!((meter.log_kept_bytes, meter.log_dropped_bytes), (10, 6));
    }
}
