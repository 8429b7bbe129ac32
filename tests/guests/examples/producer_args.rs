//! Producer of one job for each list of arguments. Config: `{"worker", "jobs": [[arg,
//! …], …]}`.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, host, producer};

#[derive(Deserialize)]
struct Config {
    worker: String,
    jobs: Vec<Vec<rmpv::Value>>,
}

#[producer]
fn producer_args() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    Ok(config.jobs.into_iter().map(move |args| {
        args.iter()
            .try_fold(Dispatch::to(&config.worker), Dispatch::arg)
    }))
}
