//! A store that is only looked at. No lock is taken, and nothing is changed.

use crate::error::Error;
use crate::shown;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use wodehost::JobId;
use wodehost::store::{Entry, Fault, Filter, Listed, Page, Reader, SqliteStore, StoreError};

/// Jobs that are read at once.
const PAGE: usize = 500;

/// Which store.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct StoreFlag {
    /// The store: the file that `run`, `map` or `call` records everything in
    #[arg(long, value_name = "FILE")]
    pub(crate) store: PathBuf,
}

/// See the module.
pub(crate) struct Looking {
    path: PathBuf,
    pub(crate) reader: Box<dyn Reader>,
}

/// An error of a store that has to be there already.
pub(crate) fn store_error(error: &StoreError) -> Error {
    let shown = Error::store(error);
    if matches!(error.fault, Fault::Open | Fault::Foreign) {
        return shown.only_hint("name the file that `run`, `map` or `call` had as `--store`");
    }
    shown
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

impl Looking {
    /// Opens it.
    pub(crate) fn at(flag: &StoreFlag) -> Result<Looking, Error> {
        let reader = SqliteStore::read_only(&flag.store).map_err(|e| store_error(&e))?;
        Ok(Looking {
            path: flag.store.clone(),
            reader,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The id of the job with this number.
    pub(crate) fn id(&self, number: u64) -> JobId {
        JobId::new(self.reader.id(), number)
    }

    /// The number of a job of this store.
    pub(crate) fn number(&self, job: JobId) -> Result<u64, Error> {
        let ours = self.reader.id();
        if job.host() == ours {
            return Ok(job.number());
        }
        let path = shown::path(&self.path);
        Err(
            Error::usage(format!("`{job}` is a job of another store")).because(format!(
                "the ids of the jobs in {path} begin with `{ours}-`"
            )),
        )
    }

    /// A job that somebody named.
    pub(crate) fn job(&mut self, job: JobId) -> Result<Entry, Error> {
        let number = self.number(job)?;
        let found = self.reader.find(number).map_err(|e| store_error(&e))?;
        found.ok_or_else(|| self.unknown(job))
    }

    /// Why there is no such job.
    pub(crate) fn unknown(&self, job: JobId) -> Error {
        let path = shown::path(&self.path);
        Error::usage(format!("{path} has no job `{job}`")).hint(format!(
            "`wodehost jobs list --store {path}` shows its jobs"
        ))
    }

    /// A page of jobs.
    pub(crate) fn page(&mut self, filter: &Filter, page: Page) -> Result<Vec<Listed>, Error> {
        self.reader.list(filter, page).map_err(|e| store_error(&e))
    }

    /// Goes through all jobs that fit, the newest first, a page at a time.
    pub(crate) fn each(
        &mut self,
        filter: &Filter,
        mut then: impl FnMut(&mut Looking, Listed) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut page = Page {
            below: u64::MAX,
            most: PAGE,
        };
        loop {
            let listed = self.page(filter, page)?;
            let Some(last) = listed.last() else {
                return Ok(());
            };
            page.below = last.number;
            for job in listed {
                then(self, job)?;
            }
        }
    }

    /// The numbers of a job's children, in the order in which they were submitted.
    pub(crate) fn children(&mut self, parent: u64) -> Result<Vec<u64>, Error> {
        let filter = Filter {
            parent: Some(parent),
            ..Filter::default()
        };
        let mut numbers = Vec::new();
        self.each(&filter, |_, child| {
            numbers.push(child.number);
            Ok(())
        })?;
        numbers.reverse();
        Ok(numbers)
    }
}
