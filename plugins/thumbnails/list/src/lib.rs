//! A producer that makes one job of each picture below a folder.
//!
//! It may read that folder and nothing else, and it never looks into a file:
//! what the bytes are is found out in the worker's sandbox. Files are read when
//! the host asks for the next job, so at most one is in memory.

mod job;

use std::path::Path;

use plugin_files::Walk;
use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, host, log, producer};

use crate::job::Job;

/// What is taken for a picture. Only a first sieve: the worker looks inside.
const EXTENSIONS: &[&str] = &["png", "jpg", "jpeg", "gif", "webp"];

/// `[plugins.list.config]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// The folder, as `allow.read` names it for the guest.
    folder: String,
    /// The longest side of a thumbnail, in pixels.
    size: u32,
    /// The name of the worker plugin.
    worker: String,
    /// Larger files are reported, not read. The default keeps a job, which has
    /// a name, too, below the 16 MiB that `[limits] value` is set to.
    file_limit_mib: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            folder: "/images".to_owned(),
            size: 160,
            worker: "scale".to_owned(),
            file_limit_mib: 15,
        }
    }
}

#[producer]
fn list() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
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
    let limit_bytes = config.file_limit_mib.saturating_mul(1 << 20);
    Ok(walk.map(move |found| {
        let job = Job::new(found, config.size, limit_bytes);
        if let Some(problem) = &job.problem {
            log::warn!("{}: {problem}", job.name);
        }
        Dispatch::to(&config.worker).arg(&job)
    }))
}
