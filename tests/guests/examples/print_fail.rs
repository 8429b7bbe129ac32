//! Prints the job to stdout, without a newline, and a line to stderr; then fails
//! with `{"message": "printed"}`. Job: a string.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "that is what it is for"
)]

use wodehost_guest::{Failure, worker};

#[worker]
fn print_fail(text: &str) -> Result<(), Failure> {
    print!("{text}");
    eprintln!("about to fail: {text}");
    Err(Failure::new("printed"))
}
