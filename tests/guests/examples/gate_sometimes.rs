//! Gate that waits n times and then goes, and begins again. Config: `{"waits"?, "ms"?}`:
//! how often before each go (0 without), and for how long (10 without).

use std::cell::Cell;
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Failure, gate, host};

#[derive(Deserialize)]
#[serde(default)]
struct Config {
    waits: u32,
    ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config { waits: 0, ms: 10 }
    }
}

thread_local! {
    /// How often it said wait since it last said go.
    static WAITED: Cell<u32> = const { Cell::new(0) };
}

#[gate]
fn gate_sometimes() -> Result<Option<Duration>, Failure> {
    let config: Config = host::config()?;
    let waited = WAITED.get();
    if waited < config.waits {
        WAITED.set(waited + 1);
        return Ok(Some(Duration::from_millis(config.ms)));
    }
    WAITED.set(0);
    Ok(None)
}
