//! How many emitted values wait for the consumer of a run, and who waits for fewer.
//!
//! The values themselves wait in the hub's queue among the outcomes, so that each comes
//! before the outcome of its job. They have the bound that the events of a job have: where
//! too many wait, the guest that emits is held.
//!
//! No deadlock comes of it. Who is held waits for the consumer's loop alone. That loop has no
//! slot and waits for no job: a consumer cannot submit any, and each of its calls ends, at
//! the latest by its keepalive. What it takes makes room, whether it was delivered or set
//! aside. The guest holds no lock meanwhile, and a cancel, its deadline or the end of the
//! host end its waiting; it keeps its slot, so a consumer that is slow slows the run, which
//! is what is meant.

use crate::task::{WAITING_BYTES_MAX, WAITING_MAX};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Emits {
    waiting: Mutex<Waiting>,
    /// There is room again, or nobody takes values any more.
    room: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Somebody takes values.
    is_open: bool,
    values: usize,
    bytes: usize,
    /// Somebody waits for room.
    is_awaited: bool,
}

/// Whether a value may go into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// It may, and is counted.
    Open,
    /// Not now: too many wait.
    Full,
    /// Nobody takes it.
    Closed,
}

impl Waiting {
    fn has_room(&self) -> bool {
        let fits = self.values < WAITING_MAX && self.bytes < WAITING_BYTES_MAX;
        fits || !self.is_open
    }

    fn is_half_empty(&self) -> bool {
        self.values <= WAITING_MAX / 2 && self.bytes <= WAITING_BYTES_MAX / 2
    }
}

impl Emits {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // It is changed in one step each.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody takes values from now on.
    pub(super) fn open(&self, is_open: bool) {
        self.waiting().is_open = is_open;
        self.room.notify_waiters();
    }

    /// Counts a value of so many bytes, if there is room for it.
    pub(super) fn enter(&self, bytes: usize) -> Entry {
        let mut waiting = self.waiting();
        if !waiting.is_open {
            return Entry::Closed;
        }
        if !waiting.has_room() {
            return Entry::Full;
        }
        waiting.values += 1;
        waiting.bytes += bytes;
        Entry::Open
    }

    /// A value of so many bytes waits no more.
    pub(super) fn left(&self, bytes: usize) {
        let mut waiting = self.waiting();
        waiting.values -= 1;
        waiting.bytes -= bytes;
        // Guests that wait are not woken for every single place.
        if waiting.is_half_empty() && std::mem::take(&mut waiting.is_awaited) {
            self.room.notify_waiters();
        }
    }

    /// Waits until there is room, or nobody takes values any more.
    pub(super) async fn room(&self) {
        loop {
            // Made before the look, so that no wake-up in between is missed.
            let room = self.room.notified();
            {
                let mut waiting = self.waiting();
                if waiting.has_room() {
                    return;
                }
                waiting.is_awaited = true;
            }
            room.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Waker};

    fn is_waiting(emits: &Emits) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        pin!(emits.room()).poll(&mut cx).is_pending()
    }

    // A3
    #[test]
    fn values_wait_for_who_takes_them_and_for_nobody_else() {
        let emits = Emits::default();
        assert_eq!(emits.enter(1), Entry::Closed);
        emits.open(true);
        assert_eq!(emits.enter(1), Entry::Open);
        emits.left(1);
        emits.open(false);
        assert_eq!(emits.enter(1), Entry::Closed);
    }

    // A3 W12
    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let emits = Emits::default();
        emits.open(true);
        (0..WAITING_MAX).for_each(|_| assert_eq!(emits.enter(1), Entry::Open));
        assert_eq!(emits.enter(1), Entry::Full);
        assert!(is_waiting(&emits));
        emits.left(1);
        assert_eq!(emits.enter(WAITING_BYTES_MAX), Entry::Open);
        emits.left(1);
        assert_eq!(emits.enter(1), Entry::Full, "of bytes, too");
        emits.left(WAITING_BYTES_MAX);
        assert_eq!(emits.enter(1), Entry::Open);
    }

    // A3
    #[test]
    fn who_waits_goes_on_when_half_is_taken_or_nobody_takes_any_more() {
        let emits = Emits::default();
        let mut cx = Context::from_waker(Waker::noop());
        for ends_by_closing in [false, true] {
            emits.open(true);
            while emits.enter(1) == Entry::Open {}
            let mut room = pin!(emits.room());
            assert!(room.as_mut().poll(&mut cx).is_pending());
            for _ in 1..WAITING_MAX / 2 {
                emits.left(1);
                assert!(room.as_mut().poll(&mut cx).is_pending());
            }
            if ends_by_closing {
                emits.open(false);
            } else {
                emits.left(1);
            }
            assert!(room.as_mut().poll(&mut cx).is_ready());
        }
    }
}
