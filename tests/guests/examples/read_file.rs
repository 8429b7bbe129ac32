//! Reads a file. Job: its path. Result: `{"ok": text}` or `{"error", "kind"}`.

use wodehost_guest::worker;
use wodehost_test_guests::Answer;

#[worker]
fn read_file(path: &str) -> Answer<String> {
    std::fs::read_to_string(path).into()
}
