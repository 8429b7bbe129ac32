//! Computes for `turns` turns and gives a sign of life, `n` times.
//! Job: `{"n", "turns"}`. Result: n.

use std::hint::black_box;

use serde::Deserialize;
use wodehost_guest::{task, worker};

#[derive(Deserialize)]
struct Job {
    n: u64,
    turns: u64,
}

#[worker]
fn fuel_alive(job: Job) -> u64 {
    for _ in 0..job.n {
        for turn in 0..job.turns {
            black_box(turn);
        }
        task::keepalive();
    }
    job.n
}
