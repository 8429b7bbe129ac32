//! Lets jobs start in even seconds only.

use std::time::Duration;
use wodehost_guest::{clock, gate};

#[gate]
fn admit() -> Option<Duration> {
    let now = clock::now();
    let is_odd = now.as_secs() % 2 == 1;
    is_odd.then(|| Duration::from_secs(now.as_secs() + 1) - now)
}
