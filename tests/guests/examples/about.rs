//! Says who it is. Job: ignored. Result: `{"id", "group", "attempt", "retries_left",
//! "name", "data", "stopping"}`; `retries_left` is nil when there is no end.

use serde::Serialize;
use wodehost_guest::{Failure, host, task, worker};

#[derive(Serialize)]
struct About {
    id: String,
    group: String,
    attempt: u32,
    retries_left: Option<u32>,
    name: String,
    data: rmpv::Value,
    stopping: bool,
}

#[worker]
fn about() -> Result<About, Failure> {
    Ok(About {
        id: task::id(),
        group: task::group(),
        attempt: task::attempt(),
        retries_left: task::retries_left(),
        name: host::name(),
        data: task::data()?,
        stopping: task::stopping(),
    })
}
