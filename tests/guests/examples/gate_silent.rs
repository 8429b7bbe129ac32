//! Gate that computes for ever.

use std::time::Duration;

use wodehost_guest::gate;

#[gate]
fn gate_silent() -> Option<Duration> {
    wodehost_test_guests::spin()
}
