//! Updates the carried state with a malformed value. Job: a kind, see `malformed`.
//! Result: the error's text, or "taken".

use wodehost_guest::{bindings, worker};

#[worker]
fn bad_state(kind: &str) -> String {
    let value = wodehost_test_guests::malformed(kind);
    match bindings::wit::task::update_data(&value.0) {
        Ok(()) => "taken".to_owned(),
        Err(why) => why,
    }
}
