//! The clock of a store whose attempts are deterministic.
//!
//! It stands still but for two things: a unit of fuel is a nanosecond, and waiting passes
//! at once. Keepalive and deadline run on it, so the fuel that a store is filled with is
//! no more than what is left until the first of them: whatever ends an attempt ends it at
//! the same instruction each time.
//!
//! It knows no store: whoever asks says how much of the latest filling was used.

use super::guard::Silence;
use crate::limits::{Limit, Limits};

/// See the module. Times are nanoseconds since the clock began.
#[derive(Debug)]
pub(crate) struct VirtualClock {
    /// What passed besides the fuel of this window: earlier windows, and waiting.
    passed: u64,
    fuel: u64,
    keepalive: u64,
    /// What waiting means for the keepalive.
    silence: Silence,
    /// The latest sign of life.
    sign: u64,
    /// The longest time between two signs of the call.
    longest_silence: u64,
    /// When there is no more time.
    end: u64,
    deadline: u64,
}

/// A limit on time was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TimeUp {
    #[error("no sign of life")]
    Silent,
    #[error("no more time")]
    Deadline,
    /// There is no limit, and the guest waits for what never comes.
    #[error("waits for ever")]
    Endless,
}

/// How a guest waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// By its own will.
    Asleep,
    /// For other jobs: that is no silence.
    Held,
}

impl VirtualClock {
    /// A clock that begins now. A producer may wait as long as it likes; it has no end.
    pub(crate) fn new(limits: &Limits, silence: Silence) -> VirtualClock {
        let deadline = match silence {
            Silence::Always => limits.get(Limit::Deadline),
            Silence::Computing => u64::MAX,
        };
        VirtualClock {
            passed: 0,
            fuel: limits.get(Limit::Fuel),
            keepalive: limits.get(Limit::Keepalive),
            silence,
            sign: 0,
            longest_silence: 0,
            end: deadline,
            deadline,
        }
    }

    /// What it shows after so much fuel of this window.
    pub(crate) fn now(&self, used: u64) -> u64 {
        self.passed.saturating_add(used)
    }

    /// How much fuel is left until something ends the attempt.
    pub(crate) fn room(&self, used: u64) -> u64 {
        let until_end = self.bound().saturating_sub(self.now(used));
        until_end.min(self.fuel.saturating_sub(used))
    }

    /// A sign of life: a new window begins.
    pub(crate) fn sign(&mut self, used: u64) {
        self.longest_silence = self.longest_silence(used);
        self.passed = self.now(used);
        self.sign = self.passed;
    }

    /// The longest silence of the call so far.
    pub(crate) fn longest_silence(&self, used: u64) -> u64 {
        let silence = self.now(used).saturating_sub(self.sign);
        self.longest_silence.max(silence)
    }

    /// Another call of the store begins, with a deadline of its own unless it shares one.
    pub(crate) fn call(&mut self, used: u64, shares_deadline: bool) {
        self.sign(used);
        self.longest_silence = 0;
        if !shares_deadline {
            self.end = self.passed.saturating_add(self.deadline);
        }
    }

    /// Lets time pass between two calls, for which nothing is up.
    pub(crate) fn skip(&mut self, nanos: u64) {
        self.passed = self.passed.saturating_add(nanos);
        self.end = self.end.saturating_add(nanos);
        self.sign = self.sign.saturating_add(nanos);
    }

    /// What is left of another clock's deadline is all that there is.
    pub(crate) fn shares_deadline_with(&mut self, before: &VirtualClock, used: u64) {
        self.end = before.end.saturating_sub(before.now(used));
    }

    /// Lets time pass, up to where it is up.
    pub(crate) fn pass(&mut self, nanos: u64, used: u64, waiting: Waiting) -> Result<(), TimeUp> {
        if waiting == Waiting::Held || self.silence == Silence::Computing {
            self.sign = self.sign.saturating_add(nanos);
        }
        let left = self.bound().saturating_sub(self.now(used));
        self.passed = self.passed.saturating_add(nanos.min(left));
        match self.time_up(used) {
            None => Ok(()),
            Some(up) => Err(up),
        }
    }

    /// What is up, if anything is.
    pub(crate) fn time_up(&self, used: u64) -> Option<TimeUp> {
        let now = self.now(used);
        if now == u64::MAX {
            Some(TimeUp::Endless)
        } else if now >= self.end {
            Some(TimeUp::Deadline)
        } else if now >= self.silent_at() {
            Some(TimeUp::Silent)
        } else {
            None
        }
    }

    fn silent_at(&self) -> u64 {
        self.sign.saturating_add(self.keepalive)
    }

    fn bound(&self) -> u64 {
        self.end.min(self.silent_at())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(fuel: u64, keepalive: u64, deadline: u64, silence: Silence) -> VirtualClock {
        let mut limits = Limits::default();
        limits.set(Limit::Fuel, fuel);
        limits.set(Limit::Keepalive, keepalive);
        limits.set(Limit::Deadline, deadline);
        VirtualClock::new(&limits, silence)
    }

    #[test]
    fn the_nearest_limit_bounds_the_fuel() {
        assert_eq!(clock(5, 10, 20, Silence::Always).room(0), 5);
        assert_eq!(clock(50, 10, 20, Silence::Always).room(0), 10);
        let mut clock = clock(50, 10, 15, Silence::Always);
        clock.sign(10);
        assert_eq!((clock.now(0), clock.room(0)), (10, 5));
        assert_eq!(clock.time_up(4), None);
        assert_eq!(clock.time_up(5), Some(TimeUp::Deadline));
    }

    #[test]
    fn waiting_passes_at_once_and_counts() {
        let mut clock = clock(50, 10, 100, Silence::Always);
        assert_eq!(clock.pass(4, 3, Waiting::Asleep), Ok(()));
        assert_eq!((clock.now(3), clock.room(3)), (7, 3));
        assert_eq!(clock.pass(1000, 3, Waiting::Asleep), Err(TimeUp::Silent));
        assert_eq!(clock.now(3), 10, "it stops where time is up");
    }

    #[test]
    fn waiting_for_others_is_no_silence_but_takes_time() {
        let mut held = clock(50, 10, 100, Silence::Always);
        assert_eq!(held.pass(80, 3, Waiting::Held), Ok(()));
        assert_eq!(held.room(3), 7);
        assert_eq!(held.pass(80, 3, Waiting::Held), Err(TimeUp::Deadline));
        assert_eq!(held.now(3), 100);
        let mut producer = clock(50, 10, 100, Silence::Computing);
        assert_eq!(producer.pass(1000, 3, Waiting::Asleep), Ok(()));
        assert_eq!(producer.room(3), 7);
    }

    #[test]
    fn who_waits_for_ever_without_a_limit_is_told() {
        let mut clock = clock(50, u64::MAX, u64::MAX, Silence::Always);
        assert_eq!(
            clock.pass(u64::MAX, 3, Waiting::Asleep),
            Err(TimeUp::Endless)
        );
        let mut bounded = self::clock(50, u64::MAX, 7, Silence::Always);
        let up = bounded.pass(u64::MAX, 3, Waiting::Asleep);
        assert_eq!(up, Err(TimeUp::Deadline));
    }

    #[test]
    fn between_two_calls_nothing_is_up() {
        let mut clock = clock(50, 10, 100, Silence::Always);
        clock.skip(1000);
        assert_eq!((clock.now(0), clock.room(0)), (1000, 10));
        assert_eq!(clock.time_up(0), None);
    }

    #[test]
    fn a_call_has_its_own_deadline_unless_it_shares_one() {
        let mut clock = clock(u64::MAX, u64::MAX, 100, Silence::Always);
        clock.call(30, true);
        assert_eq!(clock.room(0), 70);
        clock.call(30, false);
        assert_eq!(clock.room(0), 100);
        assert_eq!(clock.now(0), 60);
    }
}
