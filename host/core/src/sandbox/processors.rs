//! How many processors there are for us.

use std::sync::LazyLock;

/// Processors that the process may use, at least 1. The system is asked once: each answer takes a
/// dozen reads of what it says about containers, 30 µs.
pub(crate) fn processors() -> usize {
    static PROCESSORS: LazyLock<usize> =
        LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));
    *PROCESSORS
}
