//! Emits each element of the job. Job: an array. Result: how many.

use wodehost_guest::{Failure, task, worker};

#[worker]
fn emit(values: Vec<rmpv::Value>) -> Result<usize, Failure> {
    for value in &values {
        task::emit(value)?;
    }
    Ok(values.len())
}
