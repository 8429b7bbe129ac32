//! A consumer that writes thumbnails and, at the end, one page with all of them.
//!
//! It may write to one folder and nothing else:
//!
//! ```text
//! out/index.html      the contact sheet
//! out/thumbs/         a thumbnail for each picture
//! out/sheet.ndjson    one line for each outcome: the journal, kept for programs
//! ```
//!
//! All writes may be repeated: a consumer that traps is given the same outcome
//! again. See the journal of `plugin-files` for how the page is complete all the same.

mod entry;
mod file_name;
mod folder;
mod page;

use std::path::Path;

use serde::Deserialize;
use wodehost_guest::{Failure, Outcome, checkpoint, consumer, host, log};

use crate::entry::{Entry, Job};
use crate::folder::Folder;

/// `[plugins.sheet.config]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// The folder, as `allow.write` names it for the guest.
    folder: String,
    /// The title of the page.
    title: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            folder: "/out".to_owned(),
            title: "Contact sheet".to_owned(),
        }
    }
}

/// What is made at the first call; a restart makes it anew.
#[derive(Debug, Default)]
struct Sheet {
    open: Option<(Config, Folder)>,
}

impl Sheet {
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
            .ok_or_else(|| Failure::new("the sheet is not open"))
    }
}

#[consumer(finish = write_page)]
fn collect(sheet: &mut Sheet, job: Job, outcome: Outcome) -> Result<(), Failure> {
    let (_, folder) = sheet.open()?;
    let (entry, thumb) = Entry::new(job, &outcome);
    folder.keep(entry, thumb.as_deref())?;
    // Committed with this delivery: from now on a restart goes on.
    checkpoint::save(&true)
}

fn write_page(sheet: &mut Sheet) -> Result<(), Failure> {
    let (config, folder) = sheet.open()?;
    let entries = folder.entries()?;
    folder.write_page(&page::render(&config.title, &entries)?)?;
    log::info!(
        "{}, in {}/index.html",
        page::counts(&entries),
        config.folder
    );
    Ok(())
}
