//! Producer of 0, 1 … n-1. Config: `{"n", "worker", "fail_at"?, "sleep_ms"?}`; at
//! `fail_at` it gives an error instead, and it waits `sleep_ms` before each.

use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, clock, host, producer};

#[derive(Deserialize)]
struct Config {
    n: u64,
    worker: String,
    fail_at: Option<u64>,
    #[serde(default)]
    sleep_ms: u64,
}

#[producer]
fn count_to() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    Ok((0..config.n).map(move |n| {
        if config.sleep_ms > 0 {
            clock::sleep(Duration::from_millis(config.sleep_ms));
        }
        if config.fail_at == Some(n) {
            return Err(Failure::code("as-configured", format!("no job {n}")));
        }
        Dispatch::to(&config.worker).arg(&n)
    }))
}
