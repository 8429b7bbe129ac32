//! Whether a number is over a bound. Config: `{"bound"?}`, 10 otherwise. Job: a number.
//! Result: a boolean.

use serde::Deserialize;
use wodehost_guest::{Failure, host, worker};

#[derive(Deserialize)]
struct Config {
    bound: Option<f64>,
}

#[worker]
fn over(number: f64) -> Result<bool, Failure> {
    let config: Config = host::config()?;
    Ok(number > config.bound.unwrap_or(10.0))
}
