//! Twice a number; every 20th waits some milliseconds first, every 50th traps in its first
//! attempt. Job: n.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wodehost_guest::{Failure, clock, task, worker};

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct State {
    has_trapped: bool,
}

#[worker]
fn unsteady(n: u64) -> Result<u64, Failure> {
    if n.is_multiple_of(20) {
        clock::sleep(Duration::from_millis(3));
    }
    if n.is_multiple_of(50) {
        let state: State = task::data()?;
        if !state.has_trapped {
            task::update(&State { has_trapped: true })?;
            wodehost_test_guests::trap();
        }
    }
    Ok(n * 2)
}
