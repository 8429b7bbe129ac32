//! Declares its end, and would return "not reached". Job: `{"how": "success" |
//! "failure" | "restart", "value": any}`; without `value` the carried state counts.

use serde::Deserialize;
use wodehost_guest::{task, worker};

#[derive(Deserialize)]
struct Job {
    how: String,
    value: Option<rmpv::Value>,
}

#[worker]
fn declare(job: Job) -> &'static str {
    match job.how.as_str() {
        "success" => task::success(job.value.as_ref()),
        "failure" => task::failure(job.value.as_ref()),
        "restart" => task::restart(),
        _ => "not reached",
    }
}
