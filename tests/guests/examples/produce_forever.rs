//! Producer of 0, 1, 2 … without end. Config: `{"worker", "sleep_ms"?}`.

use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, clock, host, producer};

#[derive(Deserialize)]
struct Config {
    worker: String,
    #[serde(default)]
    sleep_ms: u64,
}

#[producer]
fn produce_forever() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    Ok((0_u64..).map(move |n| {
        if config.sleep_ms > 0 {
            clock::sleep(Duration::from_millis(config.sleep_ms));
        }
        Dispatch::to(&config.worker).arg(&n)
    }))
}
