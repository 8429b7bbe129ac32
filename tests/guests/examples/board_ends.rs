//! A producer and a consumer that write on their lines. The producer says how many jobs it
//! gave, gives `jobs` of its configuration to worker `worker`, and then waits for ever if
//! `waits` is true. The consumer says how many outcomes it took.

use serde::Deserialize;
use std::time::Duration;
use wodehost_guest::{Dispatch, Failure, Outcome, Raw, board, clock, consumer, host, producer};

#[derive(Deserialize)]
#[serde(default)]
struct Config {
    jobs: u64,
    worker: String,
    waits: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            jobs: 3,
            worker: "noop".to_owned(),
            waits: false,
        }
    }
}

#[producer]
fn give() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    let mut given = 0;
    Ok(std::iter::from_fn(move || {
        if given == config.jobs {
            if !config.waits {
                return None;
            }
            loop {
                clock::sleep(Duration::from_millis(5));
            }
        }
        if given == 0 {
            board::start(config.jobs);
        }
        given += 1;
        board::say(&format!("gave {given}"));
        Some(board::tick(1).map(|()| Dispatch::to(&*config.worker)))
    }))
}

#[consumer]
fn take(count: &mut u64, _: Raw, _: Outcome) -> Result<(), Failure> {
    *count += 1;
    board::say(&format!("took {count}"));
    Ok(())
}
