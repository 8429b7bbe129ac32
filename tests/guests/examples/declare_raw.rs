//! Ends with a malformed result, declared. Job: a kind, see `malformed`.

use wodehost_guest::{task, worker};

#[worker]
fn declare_raw(kind: &str) -> ! {
    task::success(Some(&wodehost_test_guests::malformed(kind)))
}
