//! Waits, and says when it began and when it was done. Job: milliseconds. Result:
//! `[began, done]`, milliseconds since 1970.

use std::time::Duration;

use wodehost_guest::{clock, worker};

#[worker]
fn span(ms: u64) -> [u64; 2] {
    let began = clock::now().as_millis() as u64;
    clock::sleep(Duration::from_millis(ms));
    [began, clock::now().as_millis() as u64]
}
