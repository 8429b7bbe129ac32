//! Submits a job. Job: the worker's name. Result: the error's name, such as
//! "closed", or "accepted".

use wodehost_guest::{Dispatch, jobs, worker};

#[worker]
fn submit_closed(worker: &str) -> &'static str {
    match jobs::submit(Dispatch::to(worker)) {
        Ok(_) => "accepted",
        Err(refused) => refused.name(),
    }
}
