//! Submits jobs to itself and waits for each before the next. Job: how many; those below
//! get 0. Result: how many succeeded.

use wodehost_guest::{Dispatch, Failure, jobs, worker};

#[worker]
fn each(n: u32) -> Result<u32, Failure> {
    let mut succeeded = 0;
    for _ in 0..n {
        let job = jobs::submit(Dispatch::to("each").arg(&0)?)?;
        succeeded += u32::from(job.await_outcome()?.is_success());
    }
    Ok(succeeded)
}
