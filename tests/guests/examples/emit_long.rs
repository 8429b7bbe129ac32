//! Emits a text of so many bytes. Job: how many. Result: the job.

use wodehost_guest::{Failure, task, worker};

#[worker]
fn emit_long(bytes: usize) -> Result<usize, Failure> {
    task::emit(&"x".repeat(bytes))?;
    Ok(bytes)
}
