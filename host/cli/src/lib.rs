//! The command line of Wodehost: `wodehost`.
//!
//! It reads flags, environment and `wodehost.toml`, calls the library, and shows
//! what came of it. What the library does is not decided here; what people see
//! and how a process ends is.
//!
//! A library only so that tests reach what the program consists of; the program
//! is [`main`].

mod args;
mod board;
mod command;
mod compile_child;
mod config;
mod conformance;
mod crash;
#[cfg(test)]
mod docs;
mod error;
mod exit;
mod flags;
mod grid;
mod halt;
mod input;
mod job_flags;
mod jobs;
mod jq;
mod logging;
mod make_pool;
mod map;
mod output;
mod printer;
mod project;
mod recording;
mod run;
mod screen;
mod session;
mod shown;
mod signals;
mod top;
mod watching;

pub use crate::config::shown_configuration;

use crate::error::{Error, HINT, did_you_mean};
use crate::exit::Exit;
use std::process::ExitCode;

/// Does what the process's arguments ask for, and says how the process ends. Call it once
/// and first of all.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(exit) = compile_child::if_asked(std::env::args_os()) {
        return exit;
    }
    // First of all: it has to know which files were there before ours.
    make_pool::inherit();
    crash::install();
    args::color_hint(std::env::args_os()).apply();
    let args: Vec<_> = std::env::args_os().collect();
    let exit = match args::parse(&args) {
        Ok(cli) => command::dispatch(&cli).unwrap_or_else(|error| failed(&error)),
        Err(error) => said_by_clap(&error),
    };
    // What went wrong with the store explains the rest.
    let exit = recording::end().map_or_else(|error| failed(&error), |()| exit);
    make_pool::give_back_all();
    ExitCode::from(exit.code())
}

/// Shows an error, unless it is the quiet end of a closed pipe.
fn failed(error: &Error) -> Exit {
    if error.kind() != error::Kind::ClosedPipe {
        printer::error(error);
    }
    error.exit()
}

/// Help and version are data that somebody asked for; the rest is wrong usage.
fn said_by_clap(error: &clap::Error) -> Exit {
    let text = error.render().ansi().to_string();
    if error.use_stderr() && std::env::args_os().any(|arg| arg == "--log-json") {
        let text = error.render().to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines.next().unwrap_or_default();
        let causes: Vec<String> = lines.map(str::to_owned).collect();
        let message = message.trim_start_matches("error: ");
        printer::to_stderr(&logging::json::error(message, &causes, &[]));
        return Exit::Usage;
    }
    if error.use_stderr() {
        // Our word for it.
        printer::to_stderr(&text.replacen("tip:", "hint:", 1));
        if let Some(hint) = args::swapped(error).and_then(|verb| did_you_mean(Some(&verb))) {
            printer::to_stderr(&format!("{HINT}hint:{HINT:#} {hint}\n"));
        }
        return Exit::Usage;
    }
    match printer::report(&text) {
        Ok(()) => Exit::Success,
        Err(error) => failed(&error),
    }
}
