//! Counts its attempts in the carried state, `{"count": n}`, and traps in the first
//! ones. Job: how many attempts trap. Result: the state.

use serde::{Deserialize, Serialize};
use wodehost_guest::{Failure, task, worker};

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct State {
    count: u64,
}

#[worker]
fn state(traps: u64) -> Result<State, Failure> {
    let mut state: State = task::data()?;
    state.count += 1;
    task::update(&state)?;
    if state.count <= traps {
        wodehost_test_guests::trap();
    }
    Ok(state)
}
