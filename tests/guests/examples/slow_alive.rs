//! Waits and gives a sign of life, `n` times. Job: `{"n", "ms"}`. Result: n.

use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{clock, task, worker};

#[derive(Deserialize)]
struct Job {
    n: u64,
    ms: u64,
}

#[worker]
fn slow_alive(job: Job) -> u64 {
    for _ in 0..job.n {
        clock::sleep(Duration::from_millis(job.ms));
        task::keepalive();
    }
    job.n
}
