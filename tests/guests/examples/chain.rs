//! Jobs inside one another. Job: n. Result: n, counted by a chain of n jobs below this
//! one; or, from whichever job was refused one, the error as a text: `limit(depth)`.

use wodehost_guest::{Dispatch, Failure, Raw, jobs, worker};
use wodehost_test_guests::refusal;

#[worker]
fn chain(n: u32) -> Result<Raw, Failure> {
    if n == 0 {
        return Raw::of(&0);
    }
    match jobs::submit(Dispatch::to("chain").arg(&(n - 1))?) {
        Ok(job) => below(job.result()?),
        Err(refused) => Raw::of(&refusal(&refused)),
    }
}

/// One more than a number; a text as it is.
fn below(result: Raw) -> Result<Raw, Failure> {
    match result.read::<u32>() {
        Ok(count) => Raw::of(&(count + 1)),
        Err(_) => Ok(result),
    }
}
