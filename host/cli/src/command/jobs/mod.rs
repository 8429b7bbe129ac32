//! `wodehost jobs`: what a store has of jobs, and what can be done about them.

mod export;
mod list;
mod logs;
mod show;

use super::LookFlag;
use crate::config::Look;
use crate::error::Error;
use crate::exit::Exit;
use crate::printer;
use wodehost::Value;

/// Flags of `jobs`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost jobs list --store jobs.db --dead\n\n\
    A store is the file that `run`, `map` or `call` was given as --store. Looking at it takes no lock\n\
    and changes nothing; a host may have it meanwhile."
)]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Lists jobs, the newest first
    List(Box<list::ListArgs>),
    /// Shows all that is known of a job
    Show(show::ShowArgs),
    /// Shows what a job logged and wrote
    Logs(logs::LogsArgs),
    /// Writes all that is known of jobs, a value each
    Export(Box<export::ExportArgs>),
}

/// Runs it.
pub(crate) fn run(args: &JobsArgs, user: Option<Look>) -> Result<Exit, Error> {
    match &args.what {
        What::List(args) => list::run(args, user),
        What::Show(args) => show::run(args, user),
        What::Logs(args) => logs::run(args, user),
        What::Export(args) => export::run(args),
    }
}

/// A report of which the form for programs is a value.
fn report_value(
    flag: &LookFlag,
    user: Option<Look>,
    human: impl FnOnce() -> String,
    value: impl FnOnce() -> Value,
) -> Result<Exit, Error> {
    match flag.output.or(user).unwrap_or(Look::Human) {
        Look::Human => printer::report(&human())?,
        Look::Json => {
            let text = value().to_json_pretty();
            printer::data(format!("{text}\n").as_bytes())?;
        }
    }
    Ok(Exit::Success)
}
