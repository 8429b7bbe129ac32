//! Gate that traps. Config: `{"waits"?}`: so often it waits a millisecond before, 0
//! without; it forgets how often when it traps.

use std::cell::Cell;
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Failure, gate, host};

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    waits: u32,
}

thread_local! {
    static WAITED: Cell<u32> = const { Cell::new(0) };
}

#[gate]
fn gate_trap() -> Result<Option<Duration>, Failure> {
    let config: Config = host::config()?;
    let waited = WAITED.get();
    if waited >= config.waits {
        wodehost_test_guests::trap();
    }
    WAITED.set(waited + 1);
    Ok(Some(Duration::from_millis(1)))
}
