//! Writes on its line what it is told. Job: a list of steps, each a word or a map of one to
//! its value; see `Step`. Result: the errors of ticks that were refused.

#![expect(clippy::print_stdout, reason = "that is one of its steps")]

use serde::Deserialize;
use std::time::Duration;
use wodehost_guest::{Failure, board, clock, log, task, worker};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Say(String),
    Look(String),
    Pin(bool),
    Start(u64),
    Tick(u64),
    Complete,
    Clear,
    Name(String),
    /// Logs a text as info.
    Log(String),
    /// Prints a text to stdout.
    Print(String),
    /// Replaces the carried state.
    Update(rmpv::Value),
    /// Gives signs of life until it is cancelled.
    Wait,
    Sleep(u64),
    /// Ends with an error in the attempts before this one.
    Until(u32),
    /// Ends with an error.
    Fail(String),
}

#[worker]
fn board_steps(steps: Vec<Step>) -> Result<Vec<String>, Failure> {
    let mut refused = Vec::new();
    for step in steps {
        match step {
            Step::Say(text) => board::say(&text),
            Step::Look(look) => board::look(named(&look)),
            Step::Pin(on) => board::pin(on),
            Step::Start(total) => board::start(total),
            Step::Tick(steps) => {
                refused.extend(board::tick(steps).err().map(|e| e.message().to_owned()));
            }
            Step::Complete => board::complete(),
            Step::Clear => board::clear(),
            Step::Name(name) => task::set_name(&name),
            Step::Log(text) => log::info(&text),
            Step::Print(text) => println!("{text}"),
            Step::Update(value) => task::update(&value)?,
            Step::Wait => loop {
                task::keepalive();
                clock::sleep(Duration::from_millis(5));
            },
            Step::Sleep(ms) => clock::sleep(Duration::from_millis(ms)),
            Step::Until(attempt) if task::attempt() < attempt => {
                return Err(Failure::new("not yet"));
            }
            Step::Until(_) => {}
            Step::Fail(text) => return Err(Failure::new(text)),
        }
    }
    Ok(refused)
}

fn named(look: &str) -> board::Look {
    match look {
        "success" => board::Look::Success,
        "warning" => board::Look::Warning,
        "error" => board::Look::Error,
        _ => board::Look::Normal,
    }
}
