//! Producer of the jobs that its configuration lists. Config: `{"jobs": [{"worker",
//! "args"?, "options"?}], "times"?}`; the values go on as they are, the list `times` times.

use std::collections::BTreeMap;

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, Raw, host, producer};

#[derive(Clone, Deserialize)]
struct Job {
    worker: String,
    #[serde(default)]
    args: Vec<rmpv::Value>,
    #[serde(default)]
    options: BTreeMap<String, rmpv::Value>,
}

#[derive(Deserialize)]
struct Config {
    jobs: Vec<Job>,
    times: Option<usize>,
}

#[producer]
fn dispatches() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let Config { jobs, times } = host::config()?;
    let all = std::iter::repeat_n(jobs, times.unwrap_or(1)).flatten();
    Ok(all.map(|job| {
        let mut dispatch = Dispatch::to(&job.worker);
        for arg in &job.args {
            dispatch = dispatch.arg(arg)?;
        }
        for (key, value) in &job.options {
            dispatch = dispatch.option(key, Raw::of(value)?);
        }
        Ok(dispatch)
    }))
}
