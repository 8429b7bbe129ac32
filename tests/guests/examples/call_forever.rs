//! Calls the host for ever, with no sign of life. Job: ignored.

use wodehost_guest::{clock, worker};

#[worker]
fn call_forever() -> ! {
    loop {
        std::hint::black_box(clock::now());
    }
}
