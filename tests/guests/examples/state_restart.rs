//! Sets `{"attempt": n}` as carried state and asks for a restart, for ever.
//! Job: ignored.

use serde::Serialize;
use wodehost_guest::{Failure, task, worker};

#[derive(Serialize)]
struct State {
    attempt: u32,
}

#[worker]
fn state_restart() -> Result<(), Failure> {
    let attempt = task::attempt();
    task::update(&State { attempt })?;
    task::restart()
}
