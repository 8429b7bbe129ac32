//! What the attribute macros expand to, apart from the exports themselves.
//!
//! Not part of the public interface: it changes with the macros. Nothing in
//! here calls the host, so it is tested natively.

mod consumer;
mod done;
mod gate;
mod producer;
mod worker;

use std::io::Write;

pub use crate::arguments::Arguments;
pub use consumer::{consume, finish, on_emit};
pub use done::Done;
pub use gate::{Admission, admit};
pub use producer::{Item, Items, boxed, boxed_or_fail, next};
pub use worker::{reply, reply_or_fail, run, set_up};

/// What crosses the boundary when a call fails.
type Problem = Vec<u8>;

/// Sends on what was printed without a newline at its end: a component has no
/// exit at which the standard library would do so.
pub(crate) fn flush() {
    // Nobody can be told that stdout is gone.
    let _ = std::io::stdout().flush();
}
