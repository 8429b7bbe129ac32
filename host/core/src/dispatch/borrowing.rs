//! Takes slots out of a shared pool while the hub wants more of them.
//!
//! | the hub | the borrower |
//! |---|---|
//! | wants none | its thread sleeps; nothing is asked of the pool |
//! | wants n | asks the pool until n slots were handed on |
//! | wants none any more | stops asking; a slot that came meanwhile goes back |
//! | drops it | the same, and its thread has ended when the drop returns |
//!
//! It owns the thread and the number that is wanted. It owns no slot: each is handed on
//! as soon as it is there, and who takes it gives it back by dropping it. It does not
//! decide what is wanted.

use crate::slot_pool::{SlotPool, SlotPoolError, SlotToken};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// How long one question to the pool may last. A pool that can be woken answers sooner
/// when it has to; of one that cannot, this is how long a drop may take.
const PATIENCE: Duration = Duration::from_millis(100);

/// See the module.
pub(crate) struct Borrower {
    shared: Arc<Shared>,
    /// None once it was joined.
    thread: Option<JoinHandle<()>>,
}

/// What the thread and its owner see.
struct Shared {
    pool: Arc<dyn SlotPool>,
    wish: Mutex<Wish>,
    changed: Condvar,
}

/// Invariant: its lock is never held while the pool or a callback is called, so that
/// the hub may say what it wants under its own lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// So many slots more than were handed on.
    Slots(usize),
    /// The thread is to end.
    Over,
}

impl Borrower {
    /// Starts the thread. It calls `hand_on` for each slot that was wanted when it
    /// came, and `gone` once when the pool is gone; then it ends.
    ///
    /// # Errors
    ///
    /// When there is no thread to be had.
    pub(crate) fn start(
        pool: Arc<dyn SlotPool>,
        hand_on: impl FnMut(SlotToken) + Send + 'static,
        gone: impl FnOnce(SlotPoolError) + Send + 'static,
    ) -> io::Result<Borrower> {
        let shared = Arc::new(Shared {
            pool,
            wish: Mutex::new(Wish::Slots(0)),
            changed: Condvar::new(),
        });
        let its = shared.clone();
        let thread = Builder::new()
            .name("wodehost-borrower".to_owned())
            .spawn(move || {
                if let Err(error) = its.borrow(hand_on) {
                    gone(error);
                }
            })?;
        Ok(Borrower {
            shared,
            thread: Some(thread),
        })
    }

    /// Says how many slots more are wanted from now on, whatever was wanted before;
    /// each that is handed on makes them one fewer. Never blocks.
    pub(crate) fn want(&self, slots: usize) {
        let before = self.shared.wish(Wish::Slots(slots));
        if slots == 0 && before != Wish::Slots(0) {
            self.shared.pool.wake();
        }
    }
}

impl Drop for Borrower {
    /// Waits for the thread, unless it is the thread itself that drops the last of a
    /// hub. Must not be called under a lock that a callback takes.
    fn drop(&mut self) {
        self.shared.wish(Wish::Over);
        self.shared.pool.wake();
        let Some(thread) = self.thread.take() else {
            return;
        };
        if thread.thread().id() != std::thread::current().id() {
            // A callback that panicked has said so already.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// The thread's work, until it is over or the pool is gone.
    fn borrow(&self, mut hand_on: impl FnMut(SlotToken)) -> Result<(), SlotPoolError> {
        while self.wait_for_wish() {
            if let Some(token) = self.pool.take(PATIENCE)?
                && self.is_still_wanted()
            {
                hand_on(token);
            }
        }
        Ok(())
    }

    /// Sleeps while nothing is wanted; false = it is over.
    fn wait_for_wish(&self) -> bool {
        let wish = self
            .changed
            .wait_while(self.lock(), |wish| *wish == Wish::Slots(0));
        *wish.unwrap_or_else(PoisonError::into_inner) != Wish::Over
    }

    /// Counts a slot that came; false = it may go back.
    fn is_still_wanted(&self) -> bool {
        match &mut *self.lock() {
            Wish::Over | Wish::Slots(0) => false,
            Wish::Slots(slots) => {
                *slots -= 1;
                true
            }
        }
    }

    /// Replaces what is wanted, which it returns; what is over stays over.
    fn wish(&self, new: Wish) -> Wish {
        let mut wish = self.lock();
        let before = *wish;
        if before != Wish::Over {
            *wish = new;
            self.changed.notify_one();
        }
        before
    }

    fn lock(&self) -> MutexGuard<'_, Wish> {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "borrowing_tests.rs"]
mod tests;
