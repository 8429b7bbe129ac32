//! Consumer that appends "ID DATA" to a file for each outcome, then counts it in its
//! checkpoint. Config: `{"file"}`.

use std::fs::OpenOptions;
use std::io::Write;

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, Raw, checkpoint, consumer, host};

#[derive(Deserialize)]
struct Config {
    file: String,
}

#[consumer]
fn append_outcome(_job: Raw, outcome: Outcome) -> Result<(), Failure> {
    let config: Config = host::config()?;
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(config.file)?;
    let data = wodehost_test_guests::json(&outcome.data()?);
    file.write_all(format!("{} {data}\n", outcome.id).as_bytes())?;
    let count: u64 = checkpoint::load()?.unwrap_or(0);
    checkpoint::save(&(count + 1))
}
