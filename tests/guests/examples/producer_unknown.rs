//! Producer of one job, nil, for a worker that is not there. Config: `{"worker"?}`,
//! "nobody" without.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, host, producer};

#[derive(Deserialize)]
struct Config {
    worker: Option<String>,
}

#[producer]
fn producer_unknown() -> Result<Vec<Dispatch>, Failure> {
    let config: Config = host::config()?;
    Ok(vec![Dispatch::to(
        config.worker.as_deref().unwrap_or("nobody"),
    )])
}
