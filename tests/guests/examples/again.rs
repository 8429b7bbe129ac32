//! Asks for restarts. Job: how many. Counts them in its carried state; the result is
//! the count.

use wodehost_guest::{task, worker};

#[worker]
fn again(restarts: u32) -> u32 {
    let count: u32 = task::data().unwrap_or_default();
    if count < restarts {
        // The state is a number; one that was never set is a map, which is none.
        let _ = task::update(&(count + 1));
        task::restart();
    }
    count
}
