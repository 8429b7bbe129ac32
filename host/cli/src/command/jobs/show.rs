//! `wodehost jobs show`: all that is known of a job.

use super::report_value;
use crate::command::LookFlag;
use crate::config::Look;
use crate::error::Error;
use crate::exit::Exit;
use crate::jobs::looking::{Looking, StoreFlag, now_ms};
use crate::jobs::record::Record;
use crate::jobs::story::Story;
use wodehost::JobId;

/// Flags of `jobs show`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost jobs show k3f9ax-17 --store jobs.db\n\n\
    Values are cut for people; `-o json` has all of them."
)]
pub(crate) struct ShowArgs {
    /// The job
    #[arg(value_name = "ID")]
    job: JobId,
    #[command(flatten)]
    store: StoreFlag,
    #[command(flatten)]
    look: LookFlag,
}

/// Runs it.
pub(crate) fn run(args: &ShowArgs, user: Option<Look>) -> Result<Exit, Error> {
    let mut looking = Looking::at(&args.store)?;
    let entry = looking.job(args.job)?;
    let record = Record::read(&mut looking, entry)?;
    report_value(
        &args.look,
        user,
        || Story::tell(&record, now_ms()),
        || record.to_value(),
    )
}
