//! Counts how many of its kind run at the same time, in whichever hosts: each leaves a
//! mark in a folder while it runs. Config: `{"folder", "ms"}`. Job: a name that no other
//! job has. Result: how many marks there were, its own among them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Failure, clock, host, worker};

#[derive(Deserialize)]
struct Config {
    folder: String,
    ms: u64,
}

#[worker]
fn at_once(name: String) -> Result<usize, Failure> {
    let config: Config = host::config()?;
    let folder = Path::new(&config.folder);
    fs::write(folder.join(&name), "")?;
    let marks = fs::read_dir(folder)?.count();
    clock::sleep(Duration::from_millis(config.ms));
    fs::remove_file(folder.join(&name))?;
    Ok(marks)
}
