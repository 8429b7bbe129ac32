//! Processes items one by one and survives that it hangs now and then: what is done is
//! kept in the carried state after every item, so that the next attempt goes on behind it.
//! Job: an array of numbers. Result: `{"processed": [their squares]}`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wodehost_guest::{Failure, clock, task, worker};

/// An attempt hangs after so many items, as a service that stops answering would make it.
const HANGS_AFTER: usize = 100;

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Progress {
    processed: Vec<u64>,
}

#[worker]
fn thousand(items: Vec<u64>) -> Result<Progress, Failure> {
    // Empty in the first attempt; later what the attempts before have done.
    let mut progress: Progress = task::data()?;
    let rest = &items[progress.processed.len()..];
    for (n, item) in (1..).zip(rest) {
        progress.processed.push(item * item);
        // From here on nobody does this item again, whatever happens.
        task::update(&progress)?;
        if n % HANGS_AFTER == 0 {
            clock::sleep(Duration::MAX);
        }
    }
    Ok(progress)
}
