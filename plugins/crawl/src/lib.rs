//! A worker that adds up what is in a folder, and submits itself for each folder in it.
//!
//! One job sees one folder's names; what it hands up is sums, the largest files and what
//! could not be read, so that a parent holds a few of these and never a tree.

mod crawl;
mod totals;

use serde::Deserialize;
use wodehost_guest::jobs::{self, JobError};
use wodehost_guest::{Failure, host, task, worker};

use crawl::Nested;
use totals::Totals;

/// `[plugins.crawl.config]`.
#[derive(Deserialize)]
#[serde(default)]
struct Config {
    /// How many of the largest files are named.
    largest: usize,
    /// The name that this worker has in this host.
    worker: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            largest: 5,
            worker: "crawl".to_owned(),
        }
    }
}

#[worker]
fn crawl(folder: String) -> Result<Totals, Failure> {
    let config: Config = host::config()?;
    let itself = Itself(config.worker);
    Ok(crawl::crawl(folder, config.largest, &itself))
}

/// This worker under its name.
struct Itself(String);

impl Nested for Itself {
    fn crawl(&self, folders: Vec<String>) -> impl Iterator<Item = Result<Totals, JobError>> {
        jobs::map(&self.0, folders).run()
    }

    fn alive(&self) {
        task::keepalive();
    }
}
