//! Which jobs are meant: the flags of all that takes more than one.

use super::looking::{Looking, now_ms};
use crate::error::Error;
use crate::flags::time;
use wodehost::store::{Filter, Standing};
use wodehost::units::INFINITE;
use wodehost::{JobId, Reason, Status};

/// The flags.
#[derive(Debug, Clone, Default, PartialEq, clap::Args)]
#[command(next_help_heading = "Which jobs; those that fit all of it")]
pub(crate) struct FilterFlags {
    /// Where they are: queued, running, undelivered (done, and nobody took the outcome) or done;
    /// several with commas
    #[arg(
        long,
        value_name = "STATE",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    state: Vec<StateWord>,
    /// How they ended: success, failure, timeout, mixed, rejected or cancelled; several with commas
    #[arg(
        long,
        value_name = "STATUS",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    status: Vec<StatusWord>,
    /// Done, and not with success
    #[arg(long, conflicts_with = "status")]
    dead: bool,
    /// Why they ended, such as error, or trap:* for all that begin so
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: Option<String>,
    /// Of this worker
    #[arg(long, value_name = "NAME")]
    worker: Option<String>,
    /// Of this stream: run, call, or map/WORKER
    #[arg(long, value_name = "STREAM")]
    stream: Option<String>,
    /// Of this group
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Submitted no longer ago than this, such as 90min or 2d
    #[arg(long, value_name = "AGE", value_parser = time)]
    since: Option<u64>,
    /// Submitted longer ago than this
    #[arg(long, value_name = "AGE", value_parser = time)]
    older_than: Option<u64>,
    /// Items of this parallel job, or jobs that it submitted [default: jobs that are no part of
    /// another one]
    #[arg(long, value_name = "ID")]
    parent: Option<JobId>,
}

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum StateWord {
    Queued,
    Running,
    Undelivered,
    Done,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum StatusWord {
    Success,
    Failure,
    Timeout,
    Mixed,
    Rejected,
    Cancelled,
}

impl StateWord {
    fn standings(self) -> &'static [Standing] {
        match self {
            StateWord::Queued => &[Standing::Queued],
            StateWord::Running => &[Standing::Claimed],
            StateWord::Undelivered => &[Standing::Undelivered],
            StateWord::Done => &[Standing::Done, Standing::Undelivered],
        }
    }
}

impl From<StatusWord> for Status {
    fn from(word: StatusWord) -> Status {
        match word {
            StatusWord::Success => Status::Success,
            StatusWord::Failure => Status::Failure,
            StatusWord::Timeout => Status::Timeout,
            StatusWord::Mixed => Status::Mixed,
            StatusWord::Rejected => Status::Rejected,
            StatusWord::Cancelled => Status::Cancelled,
        }
    }
}

/// All that is no success.
pub(crate) const DEAD: [Status; 5] = [
    Status::Failure,
    Status::Timeout,
    Status::Mixed,
    Status::Rejected,
    Status::Cancelled,
];

/// Reads a reason, or the beginning of some.
fn reason(text: &str) -> Result<String, String> {
    if !text.ends_with('*') {
        text.parse::<Reason>().map_err(|e| e.to_string())?;
    }
    Ok(text.to_owned())
}

/// The moment that was so many nanoseconds before this one.
pub(crate) fn before(now_ms: u64, nanos: u64) -> u64 {
    if nanos == INFINITE {
        return 0;
    }
    now_ms.saturating_sub(nanos / 1_000_000)
}

impl FilterFlags {
    /// Whether anything was said.
    pub(crate) fn is_any(&self) -> bool {
        *self != FilterFlags::default()
    }

    /// The filter, for this store.
    pub(crate) fn filter(&self, looking: &Looking) -> Result<Filter, Error> {
        let now_ms = now_ms();
        let parent = self.parent.map(|parent| looking.number(parent));
        let states = self.state.iter().flat_map(|state| state.standings());
        let statuses: Vec<Status> = if self.dead {
            DEAD.to_vec()
        } else {
            self.status.iter().map(|word| (*word).into()).collect()
        };
        Ok(Filter {
            states: states.copied().collect(),
            statuses,
            reason: self.reason.clone(),
            worker: self.worker.clone(),
            stream: self.stream.clone(),
            group: self.group.clone(),
            since_ms: self.since.map(|age| before(now_ms, age)),
            before_ms: self.older_than.map(|age| before(now_ms, age)),
            parent: parent.transpose()?,
        })
    }

    /// The stream that was named.
    pub(crate) fn stream(&self) -> Option<&str> {
        self.stream.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_that_there_is_or_a_beginning() {
        assert_eq!(reason("trap:*").as_deref(), Ok("trap:*"));
        assert_eq!(reason("exit:3").as_deref(), Ok("exit:3"));
        assert_eq!(
            reason("traps").unwrap_err(),
            "`traps` is no reason for an end"
        );
    }

    #[test]
    fn an_age_is_a_moment() {
        assert_eq!(before(10_000, 2_000_000_000), 8000);
        assert_eq!(before(10_000, u64::MAX - 1), 0);
        assert_eq!(before(10_000, INFINITE), 0);
    }
}
