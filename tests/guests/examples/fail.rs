//! Returns the job as its error value. Job: anything.

use wodehost_guest::{Failure, Raw, worker};

#[worker]
fn fail(job: Raw) -> Result<(), Failure> {
    Err(Failure::of(&job))
}
