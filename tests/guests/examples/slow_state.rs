//! Counts its attempts in the carried state, a number. The first one then stays alive and
//! waits for ever; later ones give the count. Job: ignored.

use std::time::Duration;

use wodehost_guest::{Failure, Raw, clock, task, worker};

#[worker]
fn slow_state(_job: Raw) -> Result<u64, Failure> {
    // A state that was never set is a map, which is no number.
    let count = task::data().unwrap_or(0_u64) + 1;
    task::update(&count)?;
    if count > 1 {
        return Ok(count);
    }
    loop {
        clock::sleep(Duration::from_millis(20));
        task::keepalive();
    }
}
