//! A worker that bakes a cake, which takes its time, and tells how far it is: on its line
//! of the board, in its log, and by what it emits.
//!
//! It computes nothing of use. It is there to be watched.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use wodehost_guest::{Failure, board, clock, host, log, task, worker};

/// Looks into the oven.
const LOOKS: u64 = 20;

/// `[plugins.bakery.config]`.
#[derive(Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct Config {
    /// Each cake whose number this divides burns; 0 = none.
    burns: u64,
    /// Each cake whose number this divides turns out dark; 0 = none.
    dark: u64,
    /// Milliseconds in the oven.
    bake_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            burns: 7,
            dark: 5,
            bake_ms: 1000,
        }
    }
}

/// What is served.
#[derive(Serialize)]
struct Cake {
    number: u64,
    degrees: u64,
}

#[worker]
fn bakery(number: u64) -> Result<Cake, Failure> {
    let config: Config = host::config()?;
    let is = |each: u64| each > 0 && number.is_multiple_of(each);
    board::say("mixing");
    pause(config.bake_ms / LOOKS);
    board::say("in the oven");
    board::start(LOOKS);
    let mut degrees = 20;
    for look in 1..=LOOKS {
        pause(config.bake_ms / LOOKS);
        degrees = 20 + look * 8;
        board::tick(1)?;
        if look % 5 == 0 {
            task::emit(&degrees)?;
        }
        if is(config.burns) && look == LOOKS / 2 {
            log::warn!("cake {number} smells at {degrees} degrees");
            board::look(board::Look::Error);
            board::say("burnt");
            // The next one would burn as well.
            task::failure(Some(&Failure::code("burnt", format!("cake {number}"))));
        }
    }
    if is(config.dark) {
        board::look(board::Look::Warning);
        board::say("a bit dark");
        board::pin(true);
    } else {
        board::look(board::Look::Success);
        board::say("done");
    }
    Ok(Cake { number, degrees })
}

/// Waits, and says that it lives.
fn pause(ms: u64) {
    clock::sleep(Duration::from_millis(ms));
    task::keepalive();
}
