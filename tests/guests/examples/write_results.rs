//! Consumer that appends a line of JSON for each outcome and each emitted value, then
//! "finished". Config: `{"file"}`. Lines: `{"id", "worker", "status", "reason",
//! "attempts", "message", "job", "data"}` and `{"job_id", "attempt", "seq", "emitted"}`.

use std::fs::OpenOptions;
use std::io::Write;

use serde::{Deserialize, Serialize};
use wodehost_guest::{Emitted, Failure, Outcome, consumer, host};

#[derive(Deserialize)]
struct Config {
    file: String,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    worker: &'a str,
    status: &'a str,
    reason: &'a str,
    attempts: u32,
    message: Option<&'a str>,
    job: rmpv::Value,
    data: rmpv::Value,
}

#[derive(Serialize)]
struct EmittedLine<'a> {
    job_id: &'a str,
    attempt: u32,
    seq: u64,
    emitted: rmpv::Value,
}

#[consumer(finish = finished, on_emit = emitted)]
fn write_results(job: rmpv::Value, outcome: Outcome) -> Result<(), Failure> {
    append(&serde_json::to_string(&Line {
        id: &outcome.id,
        worker: &outcome.worker,
        status: outcome.status.as_str(),
        reason: &outcome.reason,
        attempts: outcome.attempts,
        message: outcome.message.as_deref(),
        job,
        data: outcome.data()?,
    })?)
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is the SDK's")]
fn emitted(value: Emitted) -> Result<(), Failure> {
    append(&serde_json::to_string(&EmittedLine {
        job_id: &value.job_id,
        attempt: value.attempt,
        seq: value.seq,
        emitted: value.data()?,
    })?)
}

fn finished() -> Result<(), Failure> {
    append("finished")
}

fn append(line: &str) -> Result<(), Failure> {
    let config: Config = host::config()?;
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(config.file)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    Ok(())
}
