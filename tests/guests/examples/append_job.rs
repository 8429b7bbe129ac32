//! Appends the job as a line of JSON to a file, after a pause. Config: `{"file", "ms"}`.
//! Job: anything. Result: nil.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Failure, clock, host, worker};

#[derive(Deserialize)]
struct Config {
    file: String,
    #[serde(default)]
    ms: u64,
}

#[worker]
fn append_job(job: rmpv::Value) -> Result<(), Failure> {
    let config: Config = host::config()?;
    clock::sleep(Duration::from_millis(config.ms));
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(config.file)?;
    let line = wodehost_test_guests::json(&job);
    file.write_all(format!("{line}\n").as_bytes())?;
    Ok(())
}
