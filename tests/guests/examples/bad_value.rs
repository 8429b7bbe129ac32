//! Returns a malformed result. Job: a kind, see `malformed`.

use wodehost_guest::{Raw, worker};

#[worker]
fn bad_value(kind: &str) -> Raw {
    wodehost_test_guests::malformed(kind)
}
