//! Which jobs are to be changed: those that are named, or all that fit.

use super::filter::FilterFlags;
use super::looking::{Looking, StoreFlag};
use super::row::count;
use crate::error::Error;
use crate::printer;
use crate::shown;
use std::io::{BufRead, IsTerminal};
use wodehost::JobId;
use wodehost::store::{Filter, Key};

/// The flags.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ChoiceFlags {
    /// The jobs; without any, those that the filters say
    #[arg(value_name = "ID")]
    pub(crate) jobs: Vec<JobId>,
    #[command(flatten)]
    pub(crate) store: StoreFlag,
    /// Do not ask before all that fit the filters are changed
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) filter: FilterFlags,
}

/// Jobs of a store.
pub(crate) struct Choice {
    pub(crate) looking: Looking,
    pub(crate) jobs: Vec<Chosen>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) number: u64,
    /// Whether some command would go on with it.
    pub(crate) goes_on: bool,
}

impl ChoiceFlags {
    /// Finds them; `usual` says what is meant where the filters leave it open.
    pub(crate) fn find(&self, usual: impl FnOnce(&mut Filter)) -> Result<Choice, Error> {
        if self.jobs.is_empty() && !self.filter.is_any() {
            return Err(Error::usage("no job is named")
                .hint("name some by their ids, or say which with a filter such as `--dead`"));
        }
        if !self.jobs.is_empty() && self.filter.is_any() {
            return Err(Error::usage("jobs are named, and filters are given")
                .hint("give either ids or filters"));
        }
        let mut looking = Looking::at(&self.store)?;
        let mut jobs = Vec::new();
        if self.jobs.is_empty() {
            let mut filter = self.filter.filter(&looking)?;
            usual(&mut filter);
            let is_part = filter.parent.is_some();
            looking.each(&filter, |_, job| {
                let goes_on = is_part || goes_on(&job.stream, job.key.as_ref());
                let number = job.number;
                jobs.push(Chosen { number, goes_on });
                Ok(())
            })?;
            // The oldest one first, as they came.
            jobs.reverse();
        } else {
            for job in &self.jobs {
                let job = looking.job(*job)?.job;
                let goes_on = job.parent.is_some() || goes_on(&job.stream, job.key.as_ref());
                let number = job.number;
                let chosen = Chosen { number, goes_on };
                if !jobs.contains(&chosen) {
                    jobs.push(chosen);
                }
            }
        }
        Ok(Choice { looking, jobs })
    }

    /// Whether it may be done: asks where filters say which jobs, and somebody is there to answer.
    pub(crate) fn may(&self, what: &str, choice: &Choice) -> Result<bool, Error> {
        if !self.jobs.is_empty() || self.yes || choice.jobs.is_empty() {
            return Ok(true);
        }
        let jobs = count(choice.jobs.len() as u64);
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Err(
                Error::usage(format!("{jobs} would be {what}, and nobody is here to ask"))
                    .hint("say `--yes`"),
            );
        }
        let path = shown::path(choice.looking.path());
        printer::to_stderr(&format!("{jobs} of {path} will be {what}. Go on? [y/N] "));
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        read.map_err(|error| Error::usage("there is no answer").because(error.to_string()))?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

/// Whether some command would go on with a job. A call or a line of input is found by its key: once
/// a call has printed its result, or where lines are in chunks, there is none.
fn goes_on(stream: &str, key: Option<&Key>) -> bool {
    let needs_key = stream == "call" || stream.starts_with("map/");
    key.is_some() || !needs_key
}
