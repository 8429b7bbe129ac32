//! Works until it is asked to stop, with signs of life. Job: ignored.
//! Result: `{"turns": n}`.

use std::time::Duration;

use serde::Serialize;
use wodehost_guest::{clock, task, worker};

#[derive(Serialize)]
struct Stopped {
    turns: u64,
}

#[worker]
fn stop_when_asked() -> Stopped {
    let mut turns = 0;
    while !task::stopping() {
        clock::sleep(Duration::from_millis(5));
        task::keepalive();
        turns += 1;
    }
    Stopped { turns }
}
