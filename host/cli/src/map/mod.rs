//! A stream of jobs: a thread reads and submits, the command collects and writes.
//!
//! In between is a window: so many values are in memory at most, whether they
//! wait, run, or have ended behind a slow one. Nothing is read beyond it.

mod collect;
mod emits;
mod feed;
mod window;

pub(crate) use collect::{Collector, Counts, Order};
pub(crate) use emits::Hearing;
pub(crate) use feed::{Feeder, Gate};
pub(crate) use window::Window;
