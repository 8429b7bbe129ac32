//! A sort key. Job: a map. Result: its `score`, as it is.

use serde::Deserialize;
use wodehost_guest::worker;

#[derive(Deserialize)]
struct Scored {
    score: rmpv::Value,
}

#[worker]
fn score(job: Scored) -> rmpv::Value {
    job.score
}
