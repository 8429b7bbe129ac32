//! `wodehost jobs`: what a store has of jobs, and what can be done about them.

mod backup;
mod cancel;
mod change;
mod compact;
mod drop;
mod export;
mod list;
mod logs;
mod retry;
mod show;

use super::LookFlag;
use crate::args::Globals;
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
    /// Queues jobs again that did not succeed
    Retry(Box<retry::RetryArgs>),
    /// Ends jobs that are not over
    Cancel(Box<cancel::CancelArgs>),
    /// Forgets jobs that are over
    Drop(Box<drop::DropArgs>),
    /// Writes all that is known of jobs, a value each
    Export(Box<export::ExportArgs>),
    /// Drops old successes, and makes the file as small as what is in it
    Compact(compact::CompactArgs),
    /// Copies a store, while a host may have it
    Backup(backup::BackupArgs),
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &JobsArgs, user: Option<Look>) -> Result<Exit, Error> {
    match &args.what {
        What::List(args) => list::run(args, user),
        What::Show(args) => show::run(args, user),
        What::Logs(args) => logs::run(args, user),
        What::Retry(args) => retry::run(globals, args),
        What::Cancel(args) => cancel::run(globals, args),
        What::Drop(args) => drop::run(globals, args),
        What::Export(args) => export::run(args),
        What::Compact(args) => compact::run(globals, args),
        What::Backup(args) => backup::run(globals, args),
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
