//! Waits through the host, for ever. Job: ignored.

use std::time::Duration;

use wodehost_guest::{clock, worker};

#[worker]
fn sleep_forever() -> ! {
    loop {
        clock::sleep(Duration::MAX);
    }
}
