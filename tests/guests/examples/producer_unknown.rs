//! Producer of one job, a text, for a worker that is not there. Config: `{"worker"?}`,
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
    let worker = config.worker.as_deref().unwrap_or("nobody");
    Ok(vec![Dispatch::to(worker).arg("a job")?])
}
