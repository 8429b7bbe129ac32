//! Waits through WASI, for ever. Job: ignored.

use std::time::Duration;

#[wodehost_guest::worker]
fn wasi_sleep() -> ! {
    loop {
        std::thread::sleep(Duration::from_hours(1));
    }
}
