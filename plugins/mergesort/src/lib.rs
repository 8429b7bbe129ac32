//! A worker that sorts an array by submitting its halves to itself.
//!
//! It is there to show nested jobs: a real sort has no need of a sandbox per half. Each
//! job waits for two more, down to arrays that are sorted directly, and lends its slot
//! meanwhile, so that all of them get by with one.

mod element;
mod sort;

use serde::Deserialize;
use wodehost_guest::jobs::{self, Job, SubmitError};
use wodehost_guest::{Dispatch, Failure, Raw, host, task, worker};

use sort::Nested;

/// `[plugins.mergesort.config]`.
#[derive(Deserialize)]
#[serde(default)]
struct Config {
    /// Up to so many elements are sorted without further jobs.
    leaf: usize,
    /// The name that this worker has in this host.
    worker: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            leaf: 1000,
            worker: "mergesort".to_owned(),
        }
    }
}

#[worker]
fn mergesort(job: Raw) -> Result<Raw, Failure> {
    let config: Config = host::config()?;
    match sort::sort(&job.0, config.leaf, &Itself(config.worker)) {
        Ok(sorted) => Ok(Raw(sorted)),
        // Declared as final: the same elements are no better the next time, and a half that
        // failed was tried again already. Were it tried at each level anew, the attempts
        // would multiply.
        Err(failure) => task::failure(Some(&failure)),
    }
}

/// This worker under its name.
struct Itself(String);

impl Nested for Itself {
    type Job = Job;

    fn submit(&self, array: Vec<u8>) -> Result<Job, SubmitError> {
        jobs::submit(Dispatch::to(&self.0).raw_arg(Raw(array)))
    }

    fn wait(&self, job: Job) -> Result<Vec<u8>, Failure> {
        match job.result() {
            Ok(Raw(sorted)) => Ok(sorted),
            // From whatever depth, it is told once.
            Err(error) if error.reason == "declared" => Err(Failure::of(&error.data::<Raw>()?)),
            Err(error) => Err(error.into()),
        }
    }
}
