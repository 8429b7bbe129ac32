//! What somebody wants done about recorded jobs: to try one again, to end it, to forget it.
//!
//! Whoever has the store does it: a host that runs, or whoever took its lock. A job that is part
//! of another one goes with that.

use super::Store;
use super::error::StoreError;
use super::read::Reader;
use super::record::{ChildName, Entry, State};
use super::write::{Answer, Refused, Write};
use crate::job::JobId;
use crate::task::{Outcome, Reason};
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A job that did not succeed is queued again. Of a parallel job the items that did not
    /// succeed are, too.
    Retry {
        /// Whether it begins without the state that it carried.
        resets_state: bool,
    },
    /// A job that is not over ends as cancelled.
    Cancel,
    /// A job that is over is forgotten, with those that are part of it.
    Drop,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Changed {
    /// It is done.
    Done,
    /// There is no such job.
    Unknown,
    /// The job is over already.
    Over,
    /// The job has succeeded: it is not tried again.
    Succeeded,
    /// The job is not over.
    NotOver,
    /// The job is part of another one, which has to be named instead.
    Part,
}

impl Changed {
    /// What a store's answer to the first of the writes means.
    pub(crate) fn of(answer: Option<&Answer>, change: Change) -> Changed {
        match (answer, change) {
            (Some(Answer::Refused(Refused::Unknown)), _) => Changed::Unknown,
            (Some(Answer::Refused(Refused::Over)), Change::Cancel) => Changed::Over,
            (Some(Answer::Refused(_)), _) => Changed::NotOver,
            (Some(_) | None, _) => Changed::Done,
        }
    }
}

impl Change {
    /// What is to be written for it, or why nothing is. `is_taken` says of a stream whether nobody
    /// has to take the outcomes of its jobs.
    pub(crate) fn writes(
        self,
        reader: &mut dyn Reader,
        number: u64,
        now_ms: u64,
        is_taken: &dyn Fn(&str) -> bool,
    ) -> Result<Result<Vec<Write>, Changed>, StoreError> {
        let Some(entry) = reader.find(number)? else {
            return Ok(Err(Changed::Unknown));
        };
        Ok(match self {
            Change::Retry { resets_state } => retry(reader, &entry, resets_state)?,
            Change::Cancel => cancel(reader, entry, now_ms, is_taken),
            Change::Drop => forget(&entry),
        })
    }
}

fn retry(
    reader: &mut dyn Reader,
    entry: &Entry,
    resets_state: bool,
) -> Result<Result<Vec<Write>, Changed>, StoreError> {
    if let Some(why) = is_no_dead_root(entry) {
        return Ok(Err(why));
    }
    let number = entry.job.number;
    let mut writes = vec![Write::Retry {
        number,
        resets_state,
    }];
    // Its other children it submits anew.
    for child in reader.children(number)? {
        let is_item = child
            .job
            .parent
            .as_ref()
            .is_some_and(|parent| matches!(parent.name, ChildName::Item(_)));
        let is_dead = child.done().is_some_and(|done| !done.outcome.is_success());
        if is_item && is_dead {
            writes.push(Write::Retry {
                number: child.job.number,
                resets_state,
            });
        }
    }
    Ok(Ok(writes))
}

/// Why a job is not tried again.
fn is_no_dead_root(entry: &Entry) -> Option<Changed> {
    let Some(done) = entry.done() else {
        return Some(Changed::NotOver);
    };
    if done.outcome.is_success() {
        return Some(Changed::Succeeded);
    }
    entry.job.parent.as_ref().map(|_| Changed::Part)
}

fn cancel(
    reader: &dyn Reader,
    entry: Entry,
    now_ms: u64,
    is_taken: &dyn Fn(&str) -> bool,
) -> Result<Vec<Write>, Changed> {
    let number = entry.job.number;
    let fence = match entry.state {
        State::Queued => None,
        State::Claimed(_) => Some(entry.fence),
        State::Done(_) => return Err(Changed::Over),
    };
    let id = JobId::new(reader.id(), number);
    let ended = Outcome::without_attempt(id, entry.job.worker, Reason::Cancelled, None);
    let outcome = Outcome {
        attempts: entry.attempts,
        data: entry.carried.unwrap_or_else(Value::nil),
        ..ended
    };
    Ok(vec![Write::Finish {
        number,
        fence,
        outcome: Box::new(outcome),
        is_delivered: is_taken(&entry.job.stream) || entry.job.parent.is_some(),
        ends_children: true,
        now_ms,
    }])
}

fn forget(entry: &Entry) -> Result<Vec<Write>, Changed> {
    if entry.job.parent.is_some() {
        return Err(Changed::Part);
    }
    if entry.done().is_none() {
        return Err(Changed::NotOver);
    }
    let number = entry.job.number;
    Ok(vec![Write::Drop {
        number,
        fence: None,
    }])
}

/// Does it in a store that no host has, to as many jobs as are named, at once; what came of each.
/// `is_taken` says of a stream whether nobody has to take the outcomes of its jobs.
///
/// # Errors
///
/// When the store cannot be used. Nothing was changed then.
pub fn change(
    store: &mut dyn Store,
    numbers: &[u64],
    change: Change,
    now_ms: u64,
    is_taken: &dyn Fn(&str) -> bool,
) -> Result<Vec<Changed>, StoreError> {
    let mut reader = store.reader()?;
    let mut batch = Batch::default();
    for number in numbers {
        batch.add(change.writes(&mut *reader, *number, now_ms, is_taken)?);
    }
    drop(reader);
    let (writes, found) = batch.end();
    let answers = store.commit(&writes)?;
    Ok(found.answered(&answers, change))
}

/// Writes for several jobs.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    writes: Vec<Write>,
    found: Found,
}

/// For each job the place of the first of its writes, or what is known already.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<Result<usize, Changed>>);

impl Batch {
    /// Those of another job, or why there are none.
    pub(crate) fn add(&mut self, writes: Result<Vec<Write>, Changed>) {
        match writes {
            Ok(writes) => {
                self.found.0.push(Ok(self.writes.len()));
                self.writes.extend(writes);
            }
            Err(known) => self.found.0.push(Err(known)),
        }
    }

    /// What is to be committed, and what its answers mean.
    pub(crate) fn end(self) -> (Vec<Write>, Found) {
        (self.writes, self.found)
    }
}

impl Found {
    /// What came of each job.
    pub(crate) fn answered(self, answers: &[Answer], change: Change) -> Vec<Changed> {
        let found = self.0.into_iter();
        found
            .map(|found| match found {
                Ok(place) => Changed::of(answers.get(place), change),
                Err(known) => known,
            })
            .collect()
    }
}
