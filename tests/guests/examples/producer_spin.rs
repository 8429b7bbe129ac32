//! Producer that computes for ever after `k` jobs (0, 1 …). Config: `{"worker",
//! "k"?}`, k is 0 without.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, host, producer};

#[derive(Deserialize)]
struct Config {
    worker: String,
    #[serde(default)]
    k: u64,
}

#[producer]
fn producer_spin() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    Ok((0..=config.k).map(move |n| {
        if n == config.k {
            wodehost_test_guests::spin();
        }
        Dispatch::to(&config.worker).arg(&n)
    }))
}
