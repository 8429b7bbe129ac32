//! Writes `lines` log lines of `bytes` bytes. Job: `{"lines", "bytes"}`.
//! Result: lines.

use serde::Deserialize;
use wodehost_guest::{log, worker};

#[derive(Deserialize)]
struct Job {
    lines: u32,
    bytes: usize,
}

#[worker]
fn log_flood(job: Job) -> u32 {
    let line = "x".repeat(job.bytes);
    for _ in 0..job.lines {
        log::info(&line);
    }
    job.lines
}
