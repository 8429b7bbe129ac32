//! The hostile corpus, walked in the library; what its rows are stands in `src/corpus`.

#![expect(
    clippy::unwrap_used,
    reason = "tests stop at the first thing that goes wrong"
)]

mod canaries;
mod crowd;
mod flips;
mod granted;
mod parts;
mod pools;
mod table;
mod twice;
mod watch;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Some of these tests look at what the process holds: all of them take turns.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
