//! Reads an environment variable in both ways. Job: its name. Result: `{"host",
//! "std"}`, each a string or nil.

use serde::Serialize;
use wodehost_guest::{host, worker};

#[derive(Serialize)]
struct Env {
    host: Option<String>,
    std: Option<String>,
}

#[worker]
fn env_read(name: &str) -> Env {
    Env {
        host: host::env(name),
        std: std::env::var(name).ok(),
    }
}
