//! Consumer that counts outcomes in its checkpoint. Config: `{"file"?}`. At the end it
//! logs "count: n" and writes n to `file`.

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, Raw, checkpoint, consumer, host, log};

#[derive(Deserialize)]
struct Config {
    file: Option<String>,
}

#[consumer(finish = report)]
fn consumer_checkpoint(_job: Raw, _outcome: Outcome) -> Result<(), Failure> {
    checkpoint::save(&(so_far()? + 1))
}

fn report() -> Result<(), Failure> {
    let count = so_far()?;
    log::info!("count: {count}");
    let config: Config = host::config()?;
    if let Some(file) = config.file {
        std::fs::write(file, count.to_string())?;
    }
    Ok(())
}

fn so_far() -> Result<u64, Failure> {
    Ok(checkpoint::load()?.unwrap_or(0))
}
