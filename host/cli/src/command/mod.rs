//! The commands, a file each. Each takes its flags and says how the process ends.

pub(crate) mod build;
pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod jobs;
pub(crate) mod man;
pub(crate) mod map;
pub(crate) mod new;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod top;

use crate::args::{Cli, Command};
use crate::config::{Look, User};
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::logging::{self, Guests};
use crate::printer;
use serde::Serialize;

/// Runs what the command line asks for.
pub(crate) fn dispatch(cli: &Cli) -> Result<Exit, Error> {
    let globals = &cli.globals;
    // A broken file of looks must not stop the command that would find it.
    let is_doctor = matches!(cli.command, Command::Doctor(_));
    let user = match User::load() {
        Err(_) if is_doctor => User::default(),
        user => user?,
    };
    if let Some(color) = globals.color.or(user.color) {
        color.apply();
    }
    let guests = if let Command::Check(args) = &cli.command {
        args.guests()
    } else {
        Guests::Shown
    };
    logging::start(globals.printer(), globals.verbose, globals.log_json, guests)?;
    match &cli.command {
        Command::Run(args) => run::run(globals, args),
        Command::Map(args) => map::run(globals, args),
        Command::Call(args) => call::run(globals, args),
        Command::Replay(args) => replay::run(globals, args, user.output),
        Command::Top(args) => top::run(args, user.output),
        Command::Jobs(args) => jobs::run(globals, args, user.output),
        Command::New(args) => new::run(globals, args),
        Command::Build(args) => build::run(globals, args),
        Command::Inspect(args) => inspect::run(globals, args, user.output),
        Command::Check(args) => check::run(globals, args, user.output),
        Command::Doctor(args) => doctor::run(globals, args, user.output),
        Command::Config(args) => config::run(globals, args, user.output),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}

/// A report, as the flag or the user's file wants it.
fn report(
    flag: Option<Look>,
    user: Option<Look>,
    human: impl FnOnce() -> String,
    json: &impl Serialize,
) -> Result<(), Error> {
    match flag.or(user).unwrap_or(Look::Human) {
        Look::Human => printer::report(&human()),
        Look::Json => {
            let text = serde_json::to_string_pretty(json).map_err(|e| {
                Error::new(Kind::Internal, "the report cannot be written").because(e.to_string())
            })?;
            printer::data(format!("{text}\n").as_bytes())
        }
    }
}

/// The flag of reports.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct LookFlag {
    /// How to print it: human or json [default: human]
    #[arg(short, long, value_name = "FORMAT", hide_possible_values = true)]
    output: Option<Look>,
}
