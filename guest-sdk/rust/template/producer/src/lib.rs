//! Dispatches a job for each name to the worker that the configuration names.

use wodehost_guest::{Dispatch, Failure, host, producer};

#[derive(serde::Deserialize)]
#[serde(default)]
struct Config {
    worker: String,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            worker: "hello".to_owned(),
        }
    }
}

#[derive(serde::Serialize)]
struct Guest {
    name: &'static str,
}

#[producer]
fn guests() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    let names = ["Ada", "Grace", "Hedy"];
    Ok(names
        .into_iter()
        .map(move |name| Dispatch::to(&config.worker).arg(&Guest { name })))
}
