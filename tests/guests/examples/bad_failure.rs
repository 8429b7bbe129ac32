//! Returns a malformed error value. Job: a kind, see `malformed`.

use wodehost_guest::{Failure, worker};

#[worker]
fn bad_failure(kind: &str) -> Result<(), Failure> {
    Err(Failure::of(&wodehost_test_guests::malformed(kind)))
}
