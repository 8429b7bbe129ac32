//! Works through items one by one and notes after each how far it came, so that an
//! attempt that is cut off costs no item twice. On demand it gets stuck, to show it.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use wodehost_guest::{Failure, clock, task, worker};

#[derive(Deserialize)]
struct Job {
    items: u64,
    /// Each attempt gets stuck after so many.
    stall_every: Option<u64>,
}

/// The carried state: empty in the first attempt, then what was noted last.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Progress {
    done: u64,
    sum: u64,
}

#[worker]
fn steps(job: Job) -> Result<Progress, Failure> {
    let mut progress: Progress = task::data()?;
    let before = progress.done;
    while progress.done < job.items {
        if job.stall_every == Some(progress.done - before) {
            loop {
                clock::sleep(Duration::from_mins(1));
            }
        }
        progress.done += 1;
        progress.sum += progress.done;
        task::update(&progress)?;
    }
    Ok(progress)
}
