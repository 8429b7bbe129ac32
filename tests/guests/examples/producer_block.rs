//! Producer that waits for ever after `k` jobs (0, 1 …). Config: `{"worker", "k"?}`, k
//! is 0 without.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, clock, host, producer};

#[derive(Deserialize)]
struct Config {
    worker: String,
    #[serde(default)]
    k: u64,
}

#[producer]
fn producer_block() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    Ok((0..=config.k).map(move |n| {
        if n == config.k {
            loop {
                clock::sleep(std::time::Duration::MAX);
            }
        }
        Dispatch::to(&config.worker).arg(&n)
    }))
}
