//! Reads the clocks. Job: milliseconds to wait between two looks at the monotonic
//! one. Result: `{"now_ms", "system_ns", "elapsed_ns"}`: the host's clock, WASI's wall
//! clock (both since 1970), and what WASI's monotonic clock says the wait took.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use wodehost_guest::{Failure, clock, worker};

#[derive(Serialize)]
struct Report {
    now_ms: u64,
    system_ns: u64,
    elapsed_ns: u64,
}

#[worker]
fn clock_report(ms: u64) -> Result<Report, Failure> {
    let start = Instant::now();
    clock::sleep(Duration::from_millis(ms));
    Ok(Report {
        now_ms: clock::now().as_millis() as u64,
        system_ns: SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64,
        elapsed_ns: start.elapsed().as_nanos() as u64,
    })
}
