//! Producer of 0, 1 … n-1 with options. Config: `{"n", "worker", "options": {key:
//! value}}`; the values go on as they are.

use std::collections::BTreeMap;

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, Raw, host, producer};

#[derive(Deserialize)]
struct Config {
    n: u64,
    worker: String,
    options: BTreeMap<String, rmpv::Value>,
}

#[producer]
fn producer_options() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    Ok((0..config.n).map(move |n| {
        let mut dispatch = Dispatch::to(&config.worker).arg(&n)?;
        for (key, value) in &config.options {
            dispatch = dispatch.option(key, Raw::of(value)?);
        }
        Ok(dispatch)
    }))
}
