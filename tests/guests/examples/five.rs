//! Submits five jobs to `note`, appends "ID CHILD" to a file for each, and waits for them.
//! Config: `{"file", "ms"}`, the latter for the children. Job: n; those of its children
//! are 5n, 5n+1 … Result: the sum of theirs.

use std::fs::OpenOptions;
use std::io::Write;

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, host, jobs, task, worker};

#[derive(Deserialize)]
struct Config {
    file: String,
    ms: u64,
}

#[worker]
fn five(n: u64) -> Result<u64, Failure> {
    let config: Config = host::config()?;
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(config.file)?;
    let mut children = Vec::new();
    for child in 0..5 {
        let job = Dispatch::to("note").arg(&(n * 5 + child))?;
        let child = jobs::submit(job.arg(&config.ms)?)?;
        file.write_all(format!("{} {}\n", task::id(), child.id()).as_bytes())?;
        children.push(child);
    }
    let mut sum = 0;
    for child in children {
        sum += child.result::<u64>()?;
    }
    Ok(sum)
}
