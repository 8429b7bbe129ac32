//! Whether the `score` of a map is even. Job: a map. Result: a boolean.

use serde::Deserialize;
use wodehost_guest::worker;

#[derive(Deserialize)]
struct Scored {
    score: i64,
}

#[worker]
fn even_score(job: Scored) -> bool {
    job.score % 2 == 0
}
