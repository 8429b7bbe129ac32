//! Does nothing and returns nil. Job: ignored.

#[wodehost_guest::worker]
fn noop() {}
