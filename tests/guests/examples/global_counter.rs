//! Counts its calls in a global. Job: ignored. Result: 1, if the store is fresh.

use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

#[wodehost_guest::worker]
fn global_counter() -> u32 {
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}
