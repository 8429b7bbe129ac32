//! Consumer that takes no emitted values, and no outcome before a file is there. Config:
//! `{"file"}`.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, Raw, clock, consumer, host};

#[derive(Deserialize)]
struct Config {
    file: String,
}

#[consumer]
fn consumer_door(_job: Raw, _outcome: Outcome) -> Result<(), Failure> {
    let config: Config = host::config()?;
    while !Path::new(&config.file).exists() {
        clock::sleep(Duration::from_millis(2));
    }
    Ok(())
}
