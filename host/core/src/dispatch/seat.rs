//! Where a run's producer and consumer sit, for whoever looks at the host: what they have
//! on the board, and how far they are.

use crate::board::{Line, ResidentNow, ResidentStanding};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// See the module.
pub(crate) struct Seat {
    plugin: Arc<str>,
    line: Arc<Line>,
    /// Calls that came back.
    count: AtomicU64,
    is_done: AtomicBool,
    /// How many they were when it was first seen that they are so many. A call is not timed
    /// for those who do not look.
    seen: Mutex<Option<(u64, Instant)>>,
}

/// Who takes part in the run, or did in the last one.
#[derive(Clone, Default)]
pub(crate) struct Seats {
    pub(crate) producer: Option<Arc<Seat>>,
    /// None where it is no plugin.
    pub(crate) consumer: Option<Arc<Seat>>,
}

impl Seat {
    pub(crate) fn new(plugin: Arc<str>, line: Arc<Line>) -> Seat {
        Seat {
            plugin,
            line,
            count: AtomicU64::new(0),
            is_done: AtomicBool::new(false),
            seen: Mutex::new(None),
        }
    }

    /// A call came back.
    pub(super) fn counts(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// There will be no more calls.
    pub(crate) fn is_done(&self) {
        self.is_done.store(true, Ordering::Relaxed);
    }

    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    pub(super) fn plugin(&self) -> &str {
        &self.plugin
    }

    /// What it is doing; `idle` = what it waits for, where it is not being called.
    pub(super) fn look(&self, idle: Option<ResidentStanding>, now: Instant) -> ResidentNow {
        let count = self.count.load(Ordering::Relaxed);
        let standing = if self.is_done.load(Ordering::Relaxed) {
            ResidentStanding::Done
        } else {
            idle.unwrap_or_else(|| self.working(count, now))
        };
        ResidentNow {
            plugin: self.plugin.to_string(),
            count,
            standing,
            said: self.line.said(),
        }
    }

    fn working(&self, count: u64, now: Instant) -> ResidentStanding {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match *seen {
            Some((before, since)) if before == count => {
                let ms = now.saturating_duration_since(since).as_millis();
                ResidentStanding::WorkingFor(u64::try_from(ms).unwrap_or(u64::MAX))
            }
            Some(_) | None => {
                *seen = Some((count, now));
                ResidentStanding::Working
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    // A28
    #[test]
    fn a_call_is_timed_from_the_first_look_that_sees_it() {
        let seat = Seat::new("list".into(), Arc::default());
        let start = Instant::now();
        let standing = |ms| {
            let now = start + Duration::from_millis(ms);
            seat.look(None, now).standing
        };
        assert_eq!(standing(0), ResidentStanding::Working);
        assert_eq!(standing(300), ResidentStanding::WorkingFor(300));
        seat.counts();
        assert_eq!(standing(400), ResidentStanding::Working);
        assert_eq!(standing(450), ResidentStanding::WorkingFor(50));
        let full = seat.look(Some(ResidentStanding::QueueFull), start);
        assert_eq!(
            (full.standing, full.count),
            (ResidentStanding::QueueFull, 1)
        );
        seat.is_done();
        assert_eq!(standing(500), ResidentStanding::Done);
    }
}
