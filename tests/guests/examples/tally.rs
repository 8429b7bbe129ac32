//! Consumer that counts by status. Config: `{"file"?}`. At the end it logs "tally:
//! failure=1 success=3" (names in order, none for 0) and writes that to `file`.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, Raw, consumer, host, log};

#[derive(Deserialize)]
struct Config {
    file: Option<String>,
}

#[consumer(finish = report)]
fn tally(counts: &mut BTreeMap<&'static str, u64>, _job: Raw, outcome: Outcome) {
    *counts.entry(outcome.status.as_str()).or_default() += 1;
}

fn report(counts: &mut BTreeMap<&'static str, u64>) -> Result<(), Failure> {
    let mut line = "tally:".to_owned();
    for (status, count) in counts {
        write!(line, " {status}={count}")?;
    }
    log::info(&line);
    let config: Config = host::config()?;
    if let Some(file) = config.file {
        std::fs::write(file, line)?;
    }
    Ok(())
}
