//! A consumer that adds counts up and writes two tables at the end.
//!
//! It may write to one folder and nothing else:
//!
//! ```text
//! out/table.md        texts, their totals, the most frequent words
//! out/table.tsv       every word with its count
//! out/table.ndjson    the journal, while the run goes on
//! ```

mod folder;
mod record;
mod report;
mod totals;

use std::path::Path;

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, checkpoint, consumer, host, log};

use crate::folder::Folder;
use crate::record::{Job, Record};

/// `[plugins.table.config]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// The folder, as `allow.write` names it for the guest.
    folder: String,
    /// How many of the most frequent words `table.md` shows.
    top: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            folder: "/out".to_owned(),
            top: 20,
        }
    }
}

/// What is made at the first call; a restart makes it anew.
#[derive(Debug, Default)]
struct Table {
    open: Option<(Config, Folder)>,
}

impl Table {
    fn open(&mut self) -> Result<&mut (Config, Folder), Failure> {
        if self.open.is_none() {
            let config: Config = host::config()?;
            let restarted = checkpoint::load::<bool>()?.is_some();
            let folder = Folder::open(Path::new(&config.folder), restarted).map_err(|error| {
                let folder = &config.folder;
                Failure::code(
                    "folder",
                    format_args!(
                        "the folder {folder} cannot be written to: {error} \
                         (is it granted with allow.write?)"
                    ),
                )
            })?;
            self.open = Some((config, folder));
        }
        self.open
            .as_mut()
            .ok_or_else(|| Failure::new("the table is not open"))
    }
}

#[consumer(finish = write_tables)]
fn collect(table: &mut Table, job: Job, outcome: Outcome) -> Result<(), Failure> {
    let (_, folder) = table.open()?;
    folder.keep(&Record::new(job, &outcome))?;
    // Committed with this delivery: from now on a restart goes on.
    checkpoint::save(&true)
}

fn write_tables(table: &mut Table) -> Result<(), Failure> {
    let (config, folder) = table.open()?;
    let totals = folder.totals()?;
    folder.write("table.tsv", &report::tsv(&totals)?)?;
    folder.write("table.md", &report::markdown(&totals, config.top)?)?;
    folder.tidy()?;
    log::info!(
        "{} words in {} texts, in {}/table.md",
        totals.word_count(),
        totals.files.len(),
        config.folder
    );
    Ok(())
}
