//! Consumer that traps where the outcome's data is `trap_on`. Config: `{"trap_on": any,
//! "times"?, "counter"?}`: for ever, or `times` times; the file `counter` then has a
//! byte for each trap, because nothing else survives one. Logs "took" and the data.

use std::fs::{self, OpenOptions};
use std::io::Write;

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, Raw, consumer, host, log};

#[derive(Deserialize)]
struct Config {
    trap_on: rmpv::Value,
    times: Option<usize>,
    counter: Option<String>,
}

#[consumer]
fn consumer_trap(_job: Raw, outcome: Outcome) -> Result<(), Failure> {
    let config: Config = host::config()?;
    let data: rmpv::Value = outcome.data()?;
    if data == config.trap_on && again(&config)? {
        wodehost_test_guests::trap();
    }
    log::info!("took {}", wodehost_test_guests::json(&data));
    Ok(())
}

fn again(config: &Config) -> Result<bool, Failure> {
    let Some(counter) = &config.counter else {
        return Ok(true);
    };
    let so_far = fs::read(counter).map_or(0, |bytes| bytes.len());
    if config.times.is_some_and(|times| so_far >= times) {
        return Ok(false);
    }
    let mut file = OpenOptions::new().create(true).append(true).open(counter)?;
    file.write_all(b".")?;
    Ok(true)
}
