//! A producer that makes jobs of the texts below a folder.
//!
//! It may read that folder and nothing else. A long text becomes many jobs, so
//! that all slots work on it and no job is large; it is cut between words, so
//! that the sum of the pieces is the whole.

mod job;
mod pieces;

use std::path::Path;

use plugin_files::Walk;
use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, host, log, producer};

/// What is taken for a text.
const EXTENSIONS: &[&str] = &["txt", "text"];

/// `[plugins.files.config]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// The folder, as `allow.read` names it for the guest.
    folder: String,
    /// The name of the worker plugin.
    worker: String,
    /// The most that one job holds. Even a text of nothing but different words
    /// then stays well below a value's limit of 1 MiB when it is counted.
    piece_kib: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            folder: "/texts".to_owned(),
            worker: "count".to_owned(),
            piece_kib: 256,
        }
    }
}

#[producer]
fn files() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    let walk = Walk::new(Path::new(&config.folder), EXTENSIONS).map_err(|error| {
        let folder = &config.folder;
        Failure::code(
            "folder",
            format_args!(
                "the folder {folder} cannot be listed: {error} (is it granted with allow.read?)"
            ),
        )
    })?;
    let piece_bytes = usize::from(config.piece_kib) << 10;
    let jobs = walk.flat_map(move |found| job::jobs(found, piece_bytes));
    Ok(jobs.map(move |job| {
        if let Some(problem) = &job.problem {
            log::warn!("{}: {problem}", job.file);
        }
        Dispatch::to(&config.worker).arg(&job)
    }))
}
