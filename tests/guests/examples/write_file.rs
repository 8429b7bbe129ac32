//! Writes a file anew. Job: `{"path", "contents"}`. Result: `{"ok": bytes}` or
//! `{"error", "kind"}`.

use serde::Deserialize;
use wodehost_guest::worker;
use wodehost_test_guests::Answer;

#[derive(Deserialize)]
struct Job {
    path: String,
    contents: String,
}

#[worker]
fn write_file(job: Job) -> Answer<usize> {
    let written = std::fs::write(&job.path, &job.contents);
    written.map(|()| job.contents.len()).into()
}
