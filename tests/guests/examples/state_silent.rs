//! Sets the job as carried state, then computes for ever. Job: anything.

use wodehost_guest::{Raw, task, worker};

#[worker]
fn state_silent(job: Raw) -> ! {
    match task::update(&job) {
        Ok(()) => wodehost_test_guests::spin(),
        Err(refused) => task::failure(Some(&refused)),
    }
}
