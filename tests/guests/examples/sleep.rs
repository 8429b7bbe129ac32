//! Waits once, without a sign of life. Job: milliseconds. Result: the same.

use std::time::Duration;

use wodehost_guest::{clock, worker};

#[worker]
fn sleep(ms: u64) -> u64 {
    clock::sleep(Duration::from_millis(ms));
    ms
}
