//! Renames itself. Job: the new name. Result: `[before, after]`.

use wodehost_guest::{host, task, worker};

#[worker]
fn name(new: &str) -> (String, String) {
    let before = host::name();
    task::set_name(new);
    (before, host::name())
}
