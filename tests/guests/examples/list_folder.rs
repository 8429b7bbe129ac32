//! Lists a folder. Job: its path. Result: `{"ok": [name, …]}`, sorted, or
//! `{"error", "kind"}`.

use std::io;

use wodehost_guest::worker;
use wodehost_test_guests::Answer;

#[worker]
fn list_folder(path: &str) -> Answer<Vec<String>> {
    names(path).into()
}

fn names(path: &str) -> io::Result<Vec<String>> {
    let entries = std::fs::read_dir(path)?;
    let mut names = entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}
