//! Looks at what a process gets. Job: ignored. Result: `{"args": n, "env": n,
//! "stdin": {"ok": bytes} | {"error", "kind"}}`.

use std::io::Read;

use serde::Serialize;
use wodehost_guest::worker;
use wodehost_test_guests::Answer;

#[derive(Serialize)]
struct Process {
    args: usize,
    env: usize,
    stdin: Answer<usize>,
}

#[worker]
fn args_stdin() -> Process {
    let mut bytes = Vec::new();
    Process {
        args: std::env::args_os().count(),
        env: std::env::vars_os().count(),
        stdin: std::io::stdin().read_to_end(&mut bytes).into(),
    }
}
