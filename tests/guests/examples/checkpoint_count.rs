//! Producer of 0, 1 … n-1 that goes on where its checkpoint says. Config: `{"n",
//! "worker", "trap_at"?}`; it traps before it gives job `trap_at`. The checkpoint is
//! the next number.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, checkpoint, host, producer};

#[derive(Deserialize)]
struct Config {
    n: u64,
    worker: String,
    trap_at: Option<u64>,
}

#[producer]
fn checkpoint_count() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    let start: u64 = checkpoint::load()?.unwrap_or(0);
    Ok((start..config.n).map(move |n| {
        checkpoint::save(&(n + 1))?;
        if config.trap_at == Some(n) {
            wodehost_test_guests::trap();
        }
        Dispatch::to(&config.worker).arg(&n)
    }))
}
