//! `cargo xtask bench --parts`: what single parts of the host take, and others for the same.
//!
//! Each part shows once that it does what is measured. Arguments are criterion's own:
//! a part of a name runs only what has it in its name.

#![expect(clippy::print_stderr, reason = "what is wrong is said to people")]

mod attempt;
mod guests;
mod json;
mod ledger;
mod machine;
mod pipeline;
mod samples;
mod scanner;

use criterion::Criterion;
use std::error::Error;
use std::time::Duration;

/// What comes of a part, or of a step of it.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() {
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50)
        .configure_from_args();
    or_end(scanner::bench(&mut criterion));
    or_end(json::bench(&mut criterion));
    machine::bench(&mut criterion);
    attempt::bench(&mut criterion);
    pipeline::bench(&mut criterion);
    ledger::bench(&mut criterion);
    criterion.final_summary();
}

/// Criterion has no way for an error to come back: it is said here.
fn or_end<T>(result: Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(1)
    })
}

/// An error unless this holds.
fn check(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}
