//! `wodehost jobs backup`: a copy of a store, also of one that a host has.

use crate::args::Globals;
use crate::error::Error;
use crate::exit::Exit;
use crate::jobs::looking::{StoreFlag, store_error};
use crate::shown;
use std::path::PathBuf;
use wodehost::store::SqliteStore;
use wodehost::units::Unit;

/// Flags of `jobs backup`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost jobs backup --store jobs.db jobs-monday.db\n\n\
    What was recorded when it begins is in the copy. A host may have the store meanwhile."
)]
pub(crate) struct BackupArgs {
    /// The copy, a file that does not exist yet
    to: PathBuf,
    #[command(flatten)]
    store: StoreFlag,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &BackupArgs) -> Result<Exit, Error> {
    if args.to.symlink_metadata().is_ok() {
        let to = shown::path(&args.to);
        return Err(Error::usage(format!("{to} is there already"))
            .hint("name a file that does not exist yet"));
    }
    SqliteStore::backup(&args.store.store, &args.to).map_err(|e| store_error(&e))?;
    let bytes = args.to.metadata().map_or(0, |found| found.len());
    let note = format!(
        "{} has a copy of {}, {}",
        shown::path(&args.to),
        shown::path(&args.store.store),
        Unit::Bytes.about(bytes)
    );
    globals.printer().note(&note);
    Ok(Exit::Success)
}
