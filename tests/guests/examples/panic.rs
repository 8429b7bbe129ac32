//! Panics with the text it is given. Job: a string.

#![expect(clippy::panic, reason = "that is what it is for")]

#[wodehost_guest::worker]
fn panic(text: &str) {
    panic!("{text}");
}
