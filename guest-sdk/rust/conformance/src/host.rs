//! Requests about what surrounds an attempt: facts, log, board, clock, random.

use crate::request::{Request, refused};
use rmpv::Value;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;
use wodehost_guest::{Failure, board, clock, host, log, random, task};

pub(crate) fn answer(request: &Request) -> Result<Value, Failure> {
    Ok(match request.what.as_str() {
        "facts" => facts()?,
        "env" => host::env(request.text()?).map_or(Value::Nil, Value::from),
        "set-name" => {
            task::set_name(request.text()?);
            host::name().into()
        }
        "emit" => {
            let items = request.items()?;
            items.iter().try_for_each(task::emit)?;
            items.len().into()
        }
        "log" => {
            log::error!("an error");
            log::warn!("a warning");
            log::info!("an information");
            log::debug!("a detail");
            Value::Nil
        }
        "print" => {
            let text = request.text()?;
            println(text);
            Value::Nil
        }
        "tick-early" => refused(board::tick(1)),
        "clock" => {
            let before = clock::now();
            clock::sleep(Duration::from_millis(request.number()?));
            Value::Array(vec![millis(before), millis(clock::now())])
        }
        "random" => {
            // What Rust's own hash maps are seeded with.
            let own = RandomState::new().hash_one(0) as f64 / u64::MAX as f64;
            let bytes = || Value::Binary(random::bytes(16));
            Value::Array(vec![bytes(), bytes(), Value::F64(own)])
        }
        "wait-for-stop" => {
            while !task::stopping() {
                task::keepalive();
                clock::sleep(Duration::from_millis(5));
            }
            "stopped".into()
        }
        "sleep" => {
            clock::sleep(Duration::from_millis(request.number()?));
            Value::Nil
        }
        other => on_board(other)?,
    })
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "that is what was asked for"
)]
fn println(text: &str) {
    println!("{text}");
    eprintln!("{text}");
}

fn facts() -> Result<Value, Failure> {
    let left = task::retries_left().map_or(Value::Nil, Value::from);
    Ok(Value::Map(vec![
        ("id".into(), task::id().into()),
        ("group".into(), task::group().into()),
        ("attempt".into(), task::attempt().into()),
        ("retries-left".into(), left),
        ("name".into(), host::name().into()),
        ("config".into(), host::config()?),
        ("stopping".into(), task::stopping().into()),
    ]))
}

fn on_board(what: &str) -> Result<Value, Failure> {
    board::say("working");
    board::look(board::Look::Warning);
    board::pin(true);
    board::start(10);
    board::tick(3)?;
    match what {
        "board-end" => {
            board::complete();
            board::look(board::Look::Success);
        }
        "board-clear" => board::clear(),
        _ => (),
    }
    Ok(Value::Nil)
}

fn millis(time: Duration) -> Value {
    (time.as_millis() as u64).into()
}
