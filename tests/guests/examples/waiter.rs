//! Submits one job and waits for it. Job: `[worker, value]`. Result: the status it
//! ended with, or the error of the submit, such as `limit(live)`.

use wodehost_guest::{Dispatch, Failure, Raw, jobs, worker};
use wodehost_test_guests::refusal;

#[worker]
fn waiter(worker: &str, value: Raw) -> Result<String, Failure> {
    Ok(match jobs::submit(Dispatch::to(worker).raw_arg(value)) {
        Ok(job) => job.await_outcome()?.status.to_string(),
        Err(refused) => refusal(&refused),
    })
}
