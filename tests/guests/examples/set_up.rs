//! Has a `set-up`. Config: `{"set_up": "fail" | "trap" | "spin"}`, anything else is
//! fine. Job: ignored. Result: how often `set-up` ran in this store.

use std::sync::atomic::{AtomicU32, Ordering};

use serde::Deserialize;
use wodehost_guest::{Failure, host, worker};

static PREPARED: AtomicU32 = AtomicU32::new(0);

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    set_up: String,
}

#[worker(set_up = prepare)]
fn set_up() -> u32 {
    PREPARED.load(Ordering::Relaxed)
}

fn prepare() -> Result<(), Failure> {
    let config: Config = host::config()?;
    PREPARED.fetch_add(1, Ordering::Relaxed);
    match config.set_up.as_str() {
        "fail" => Err(Failure::new("set-up failed, as configured")),
        "trap" => wodehost_test_guests::trap(),
        "spin" => wodehost_test_guests::spin(),
        _ => Ok(()),
    }
}
