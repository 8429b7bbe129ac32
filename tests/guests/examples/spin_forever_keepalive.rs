//! Gives signs of life for ever. Job: ignored.

use wodehost_guest::{task, worker};

#[worker]
fn spin_forever_keepalive() -> ! {
    loop {
        task::keepalive();
    }
}
