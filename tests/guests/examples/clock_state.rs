//! Keeps the hour of each attempt in the carried state, an array, and traps in the first
//! ones. Job: how many attempts trap. Result: the state.

use wodehost_guest::{Failure, clock, task, worker};

#[worker]
fn clock_state(traps: usize) -> Result<Vec<u64>, Failure> {
    // A state that was never set is a map, which is no array.
    let mut state: Vec<u64> = task::data().unwrap_or_default();
    state.push(clock::now().as_millis() as u64);
    task::update(&state)?;
    if state.len() <= traps {
        wodehost_test_guests::trap();
    }
    Ok(state)
}
