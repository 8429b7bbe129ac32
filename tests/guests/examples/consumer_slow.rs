//! Consumer that waits for each outcome. Config: `{"ms"}`. Logs "took" and the data.

use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, Raw, clock, consumer, host, log};

#[derive(Deserialize)]
struct Config {
    ms: u64,
}

#[consumer]
fn consumer_slow(_job: Raw, outcome: Outcome) -> Result<(), Failure> {
    let config: Config = host::config()?;
    clock::sleep(Duration::from_millis(config.ms));
    let data: rmpv::Value = outcome.data()?;
    log::info!("took {}", wodehost_test_guests::json(&data));
    Ok(())
}
