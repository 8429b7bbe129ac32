//! Emits 0, 1, 2 … until refused. Job: how many to try. Result: `{"taken": n,
//! "error": text or nil}`.

use serde::Serialize;
use wodehost_guest::{task, worker};

#[derive(Serialize)]
struct Emitted {
    taken: u64,
    error: Option<String>,
}

#[worker]
fn emit_many(count: u64) -> Emitted {
    for n in 0..count {
        if let Err(refused) = task::emit(&n) {
            let error = Some(refused.message().to_owned());
            return Emitted { taken: n, error };
        }
    }
    Emitted {
        taken: count,
        error: None,
    }
}
