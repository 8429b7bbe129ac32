//! The conformance plugin of the Rust SDK: answers what `docs/conformance.md` asks. Worker,
//! producer and consumer in one component.

mod consumer;
mod ends;
mod host;
mod jobs;
mod producer;
mod request;
mod state;

use request::Request;
use rmpv::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use wodehost_guest::{Failure, Raw, worker};

/// Whether `set-up` was called in this sandbox.
static IS_SET_UP: AtomicBool = AtomicBool::new(false);

fn set_up() {
    IS_SET_UP.store(true, Ordering::Relaxed);
}

#[worker(set_up = set_up)]
fn conformance(job: Value) -> Result<Raw, Failure> {
    let request = Request::read(job)?;
    if let Some(bytes) = request.raw() {
        return Ok(Raw(bytes));
    }
    Raw::of(&answer(&request)?)
}

/// What is returned to a request.
fn answer(request: &Request) -> Result<Value, Failure> {
    Ok(match request.what.as_str() {
        "describe" => describe(),
        "echo" => request.with.clone(),
        "null" => Value::Nil,
        "nan" => Value::F64(f64::NAN),
        "argument" => Raw::of(&request.with)?
            .read::<i64>()
            .map_err(|wrong| Failure::code("bad-argument", wrong.message()))?
            .into(),
        "set-up" => IS_SET_UP.load(Ordering::Relaxed).into(),
        "fail" | "throw" | "throw-in-cause" | "trap" | "exit" | "spin" | "recurse" | "allocate"
        | "stay-alive" => return ends::answer(request),
        "carry" | "carry-and-trap" | "data" | "update" | "update-large" | "success"
        | "success-state" | "failure" | "failure-state" | "restart" => {
            return state::answer(request);
        }
        "facts" | "env" | "set-name" | "emit" | "log" | "print" | "board" | "board-end"
        | "board-clear" | "tick-early" | "clock" | "random" | "wait-for-stop" | "sleep" => {
            return host::answer(request);
        }
        "submit" | "submit-to" | "submit-many" | "wait-any" | "wait-timeout" | "cancel"
        | "pause" | "submit-within" | "through" => return jobs::answer(request),
        other => return Err(request::bad(&format!("there is no request `{other}`"))),
    })
}

fn describe() -> Value {
    let lacks = ["cyclic", "huge", "unsupported"].map(Value::from).to_vec();
    Value::Map(vec![
        ("conformance".into(), 1.into()),
        ("language".into(), "rust".into()),
        ("lacks".into(), Value::Array(lacks)),
    ])
}
