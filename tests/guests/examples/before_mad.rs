//! A sort op that contradicts itself. Config: `{"answers": "always" | "any"}`. Job:
//! ignored. Result: true, or what a generator of numbers says.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use wodehost_guest::{Failure, host, worker};

static STATE: AtomicU64 = AtomicU64::new(42);

#[derive(Deserialize)]
struct Config {
    answers: String,
}

#[worker]
fn before_mad() -> Result<bool, Failure> {
    let config: Config = host::config()?;
    if config.answers == "always" {
        return Ok(true);
    }
    let state = STATE.load(Ordering::Relaxed);
    let next = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    STATE.store(next, Ordering::Relaxed);
    Ok(next >> 63 == 1)
}
