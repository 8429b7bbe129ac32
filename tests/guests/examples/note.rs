//! Appends "start ID N" to a file, waits, appends "end ID N". Config: `{"file"}`. Job: `n`, or
//! `[n, ms]` with how long it waits. Result: twice n.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Failure, Raw, clock, host, task, worker};

#[derive(Deserialize)]
struct Config {
    file: String,
}

#[worker]
fn note(job: Raw) -> Result<u64, Failure> {
    let (n, ms) = match job.read::<(u64, u64)>() {
        Ok(both) => both,
        Err(_) => (job.read()?, 0),
    };
    append("start", n)?;
    clock::sleep(Duration::from_millis(ms));
    append("end", n)?;
    Ok(n * 2)
}

fn append(word: &str, n: u64) -> Result<(), Failure> {
    let config: Config = host::config()?;
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(config.file)?;
    file.write_all(format!("{word} {} {n}\n", task::id()).as_bytes())?;
    Ok(())
}
