//! Consumer that appends a line for each emitted value, "attempt.seq value", and for each
//! outcome, "reason". Config: `{"file", "door"?, "trap_on"?, "times"?, "error_on"?}`: it
//! waits with each value until the file `door` is there; it traps at the value `trap_on`,
//! for ever or `times` times, and answers `error_on` with an error. Its checkpoint counts
//! what it took; the last line is "took" and the count.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Emitted, Failure, Outcome, Raw, checkpoint, clock, consumer, host};

#[derive(Deserialize)]
struct Config {
    file: String,
    door: Option<String>,
    trap_on: Option<rmpv::Value>,
    times: Option<usize>,
    error_on: Option<rmpv::Value>,
}

#[consumer(on_emit = hear, finish = report)]
fn hears(_job: Raw, outcome: Outcome) -> Result<(), Failure> {
    let config: Config = host::config()?;
    append(&config.file, &outcome.reason)
}

#[expect(clippy::needless_pass_by_value, reason = "the SDK hands it over")]
fn hear(emitted: Emitted) -> Result<(), Failure> {
    let config: Config = host::config()?;
    let value: rmpv::Value = emitted.data()?;
    let json = wodehost_test_guests::json(&value);
    append(
        &config.file,
        &format!("{}.{} {json}", emitted.attempt, emitted.seq),
    )?;
    while config
        .door
        .as_ref()
        .is_some_and(|door| !Path::new(door).exists())
    {
        clock::sleep(Duration::from_millis(2));
    }
    // Before the trap: what is saved in a call that ends so does not count.
    checkpoint::save(&(so_far()? + 1))?;
    if config.trap_on.as_ref() == Some(&value) && again(&config)? {
        wodehost_test_guests::trap();
    }
    if config.error_on.as_ref() == Some(&value) {
        return Err(Failure::code("as-configured", "not taken"));
    }
    Ok(())
}

/// Whether it is to trap once more; a file has a byte for each time.
fn again(config: &Config) -> Result<bool, Failure> {
    let Some(times) = config.times else {
        return Ok(true);
    };
    let counter = format!("{}.traps", config.file);
    let so_far = std::fs::read(&counter).map_or(0, |bytes| bytes.len());
    if so_far >= times {
        return Ok(false);
    }
    let mut file = OpenOptions::new().create(true).append(true).open(counter)?;
    file.write_all(b".")?;
    Ok(true)
}

fn report() -> Result<(), Failure> {
    let config: Config = host::config()?;
    append(&config.file, &format!("took {}", so_far()?))
}

fn so_far() -> Result<u64, Failure> {
    Ok(checkpoint::load()?.unwrap_or(0))
}

fn append(file: &str, line: &str) -> Result<(), Failure> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    Ok(())
}
