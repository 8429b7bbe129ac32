//! `wodehost jobs compact`: drops successes that are not wanted any more, and makes the file as
//! small as what is in it.

use crate::args::Globals;
use crate::error::Error;
use crate::exit::Exit;
use crate::flags::time;
use crate::jobs::filter::before;
use crate::jobs::looking::{Looking, StoreFlag, now_ms, store_error};
use crate::jobs::row::count;
use std::path::Path;
use wodehost::store::{Fault, SqliteStore, Store, StoreError};
use wodehost::units::Unit;

/// Flags of `jobs compact`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost jobs compact --store jobs.db --keep 30d\n\n\
    Dropped are only jobs that succeeded, whose outcome was taken, that have no key and are no part of\n\
    another job: those of `run`. What failed stays until `jobs drop`. No host may have the store."
)]
pub(crate) struct CompactArgs {
    #[command(flatten)]
    store: StoreFlag,
    /// Drop successes that ended longer ago than this [default: inf]
    #[arg(long, value_name = "AGE", value_parser = time)]
    keep: Option<u64>,
    /// Drop the oldest successes beyond so many [default: all are kept]
    #[arg(long, value_name = "N")]
    keep_jobs: Option<u64>,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &CompactArgs) -> Result<Exit, Error> {
    let path = &args.store.store;
    // A store that is not there is not to be made.
    drop(Looking::at(&args.store)?);
    let bytes_before = bytes(path);
    let mut store = SqliteStore::open(path).map_err(|e| in_use(&e))?;
    let before_ms = args.keep.map_or(0, |age| before(now_ms(), age));
    let most = args.keep_jobs.unwrap_or(u64::MAX);
    let dropped = store.retain(before_ms, most);
    let dropped = dropped.map_err(|e| store_error(&e))?;
    store.compact().map_err(|e| store_error(&e))?;
    drop(store);
    let bytes_after = bytes(path);
    globals.printer().note(&format!(
        "{} dropped; {} before, {} after",
        count(dropped),
        Unit::Bytes.about(bytes_before),
        Unit::Bytes.about(bytes_after)
    ));
    Ok(Exit::Success)
}

/// What the store takes on the disk, what was not yet written back included.
fn bytes(store: &Path) -> u64 {
    let mut log = store.as_os_str().to_owned();
    log.push("-wal");
    let files = [store, Path::new(&log)].into_iter();
    files
        .filter_map(|file| file.metadata().ok())
        .map(|found| found.len())
        .sum()
}

fn in_use(error: &StoreError) -> Error {
    if error.fault == Fault::InUse {
        return Error::store(error).only_hint("wait until it has ended, or end it");
    }
    store_error(error)
}
