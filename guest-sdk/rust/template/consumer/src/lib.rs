//! Logs each outcome, and at the end how many there were.

use wodehost_guest::{Outcome, Raw, consumer, log};

#[derive(Default)]
struct Seen {
    outcomes: u64,
}

#[consumer(finish = report)]
fn take(seen: &mut Seen, _job: Raw, outcome: Outcome) {
    seen.outcomes += 1;
    log::info!("{}: {} ({})", outcome.worker, outcome.status, outcome.reason);
}

fn report(seen: &mut Seen) {
    log::info!("{} outcomes", seen.outcomes);
}
