//! Counts in its carried state, says so and fails, until it has counted to `to`. Config:
//! `{"file", "to", "ms"}`: "ID COUNT" is appended to the file when the count is recorded,
//! `ms` before the attempt ends. Job: anything. Result: the count.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wodehost_guest::{Failure, Raw, clock, host, task, worker};

#[derive(Deserialize)]
struct Config {
    file: String,
    to: u64,
    ms: u64,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct State {
    count: u64,
}

#[worker]
fn count_up(_job: Raw) -> Result<u64, Failure> {
    let config: Config = host::config()?;
    let mut state: State = task::data()?;
    // An attempt that counted to the end may be lost with its host.
    state.count = config.to.min(state.count + 1);
    task::update(&state)?;
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(config.file)?;
    file.write_all(format!("{} {}\n", task::id(), state.count).as_bytes())?;
    clock::sleep(Duration::from_millis(config.ms));
    if state.count < config.to {
        wodehost_test_guests::trap();
    }
    Ok(state.count)
}
