//! Consumer that returns an error for each outcome, or only where the data is
//! `error_on`. Config: `{"error_on"?: any}`. Logs "took" and the data otherwise.

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, Raw, consumer, host, log};

#[derive(Deserialize)]
struct Config {
    error_on: Option<rmpv::Value>,
}

#[consumer]
fn consumer_error(_job: Raw, outcome: Outcome) -> Result<(), Failure> {
    let config: Config = host::config()?;
    let data: rmpv::Value = outcome.data()?;
    if config.error_on.is_none_or(|error_on| error_on == data) {
        return Err(Failure::code("as-configured", "not taken"));
    }
    log::info!("took {}", wodehost_test_guests::json(&data));
    Ok(())
}
