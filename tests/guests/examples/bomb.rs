//! A fork bomb: submits itself again and again and waits for nothing. Job: how many
//! refusals it takes to stop, nil = 5; its children get the same. Result: how many submits
//! were taken.

use wodehost_guest::{Dispatch, Failure, jobs, worker};

#[worker]
fn bomb(refusals_max: Option<u64>) -> Result<u64, Failure> {
    let again = Dispatch::to("bomb").arg(&refusals_max)?;
    let mut taken = 0;
    let mut refusals = 0;
    while refusals < refusals_max.unwrap_or(5) {
        match jobs::submit(again.clone()) {
            Ok(_) => taken += 1,
            Err(_) => refusals += 1,
        }
    }
    Ok(taken)
}
