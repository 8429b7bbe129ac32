//! Appends a line for each call: its number in this store, then the job as JSON. Config:
//! `{"file", "is_op"?}`. Job: anything; with `is_op` `[a, b]`, numbers or strings.
//! Result: the job, or whether a is before b.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use wodehost_guest::{Failure, Raw, host, worker};

static CALLS: AtomicU64 = AtomicU64::new(0);

#[derive(Deserialize)]
struct Config {
    file: String,
    #[serde(default)]
    is_op: bool,
}

#[worker]
fn record(job: Raw) -> Result<Raw, Failure> {
    let config: Config = host::config()?;
    let call = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(config.file)?;
    let json = wodehost_test_guests::json(&job.read()?);
    file.write_all(format!("{call} {json}\n").as_bytes())?;
    if !config.is_op {
        return Ok(job);
    }
    let (a, b): (rmpv::Value, rmpv::Value) = job.read()?;
    let is_before = match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_str() < b.as_str(),
    };
    Raw::of(&is_before)
}
