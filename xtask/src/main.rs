//! `cargo xtask`: the project's own commands, in place of shell scripts.
//!
//! Each verb installs what it lacks, says what it does in short lines on
//! stderr, and ends with exit code 0 (done), 1 (failed) or 2 (usage). It calls
//! `cargo`, `rustup` and the programs it has built; it knows nothing of the
//! host's insides.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: printing is what it is for"
)]

mod bench;
mod cargo;
mod debian;
mod demo;
mod error;
mod fuzz;
mod guests;
mod installed;
mod languages;
mod make;
mod peers;
mod process;
mod steps;
mod tally;
mod test;
mod toolchain;
mod verb;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::error::Error;
use crate::verb::{Request, Verb};
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    match verb::parse(&args) {
        Ok(Request::Help) => {
            print!("{}", verb::USAGE);
            ExitCode::SUCCESS
        }
        Ok(Request::Run(verb, rest)) => match run(verb, rest) {
            Ok(code) => code,
            Err(error) => {
                eprint!("{error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprint!("{error}\n{}", verb::USAGE);
            ExitCode::from(2)
        }
    }
}

fn run(verb: Verb, rest: &[OsString]) -> Result<ExitCode, Error> {
    let workspace = Workspace::load()?;
    match verb {
        Verb::Plugins => guests::ensure(&workspace)?,
        Verb::Install => installed::install_for_user(&workspace)?,
        Verb::Demo => demo::run(&workspace)?,
        Verb::Languages => {
            languages::build_program(&workspace)?;
            let program = languages::program(&workspace);
            languages::build(&workspace, &program, languages::Tools::Installed)?;
        }
        Verb::Test => return Ok(test::run(workspace, rest)),
        Verb::Fuzz => fuzz::by_hand(&workspace, rest)?,
        Verb::Bench => bench::run(&workspace, rest)?,
    }
    Ok(ExitCode::SUCCESS)
}
