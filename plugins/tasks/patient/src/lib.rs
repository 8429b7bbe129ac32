//! Takes long, and says between rounds that it is alive, unless it is told not to.

use serde::Deserialize;
use std::time::Duration;
use wodehost_guest::{clock, task, worker};

#[derive(Deserialize)]
struct Job {
    rounds: u32,
    round_ms: u64,
    #[serde(default)]
    quiet: bool,
}

#[worker]
fn patient(job: Job) -> u32 {
    for _ in 0..job.rounds {
        // What takes the time.
        clock::sleep(Duration::from_millis(job.round_ms));
        if !job.quiet {
            task::keepalive();
        }
    }
    job.rounds
}
