//! `wodehost jobs export`: all that is known of jobs, one value each. However many there are, a
//! page of them is in memory at a time.

use crate::error::Error;
use crate::exit::Exit;
use crate::jobs::filter::FilterFlags;
use crate::jobs::looking::{Looking, StoreFlag, store_error};
use crate::jobs::record::Record;
use crate::output::{Encoding, Records};

/// Flags of `jobs export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost jobs export --store jobs.db > jobs.jsonl\n  wodehost jobs export --store jobs.db --dead -o msgpack > dead.msgpack\n\n\
    Each job is what `jobs show -o json` prints of it, the newest first; behind a job come those that\n\
    are part of it, whatever the filters are."
)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    store: StoreFlag,
    /// How to write them: jsonl, json or msgpack
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "jsonl",
        hide_possible_values = true
    )]
    output: Encoding,
    #[command(flatten)]
    filter: FilterFlags,
}

/// Runs it.
pub(crate) fn run(args: &ExportArgs) -> Result<Exit, Error> {
    let mut looking = Looking::at(&args.store)?;
    let filter = args.filter.filter(&looking)?;
    let mut records = Records::new(args.output);
    looking.each(&filter, |looking, job| {
        family(looking, job.number, &mut records)
    })?;
    records.finish()?;
    Ok(Exit::Success)
}

/// Writes a job, those that are part of it, and so on. How deep that goes is bounded where jobs
/// are submitted.
fn family(looking: &mut Looking, number: u64, records: &mut Records) -> Result<(), Error> {
    let found = looking.reader.find(number).map_err(|e| store_error(&e))?;
    // Somebody may have dropped it meanwhile.
    let Some(entry) = found else {
        return Ok(());
    };
    let record = Record::read(looking, entry)?;
    records.put(&record.to_value())?;
    for child in &record.children {
        family(looking, child.number(), records)?;
    }
    Ok(())
}
