//! Returns the job, byte for byte. Job: anything.

use wodehost_guest::{Raw, worker};

#[worker]
fn echo(job: Raw) -> Raw {
    job
}
