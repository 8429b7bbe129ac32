//! Producer of one job with a malformed argument. Config: `{"worker", "kind"}`, see
//! `malformed`.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, host, producer};

#[derive(Deserialize)]
struct Config {
    worker: String,
    kind: String,
}

#[producer]
fn producer_bad_value() -> Result<Vec<Dispatch>, Failure> {
    let config: Config = host::config()?;
    let argument = wodehost_test_guests::malformed(&config.kind);
    Ok(vec![Dispatch::to(config.worker).raw_arg(argument)])
}
